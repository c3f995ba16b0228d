extension UnsafeJSONScanner {
    /// Walks through the members of the object that the text consists of, as ``JSONMemberCursor`` does; for who looks at every
    /// member and has no use for a cursor.
    ///
    /// - Parameter body: Given each member in order; what it throws ends the walk.
    /// - Throws: ``JSONError``; `.unexpectedKind` if the text holds a value of another kind than an object.
    @inlinable
    @inline(__always)
    public func eachMember(_ body: (JSONMember) throws(JSONError) -> Void) throws(JSONError) {
        var index = unsafe skipBlanks(at: 0)
        guard index < count else { throw .unexpectedEnd(count) }
        guard unsafe base[index] == 0x7B else {
            throw JSONKind(firstByte: unsafe base[index]) == nil ? .invalid(index) : .unexpectedKind(index)
        }
        guard maximumDepth > 0 else { throw .tooDeep(index) }
        index = unsafe skipBlanks(at: index &+ 1)
        guard index < count else { throw .unexpectedEnd(count) }
        if unsafe base[index] != 0x7D {
            while true {
                let member = try unsafe member(at: index)
                try body(member)
                index = unsafe skipBlanks(at: member.value.upperBound)
                guard index < count else { throw .unexpectedEnd(count) }
                let byte = unsafe base[index]
                if byte == 0x7D { break }
                guard byte == 0x2C else { throw .invalid(index) }
                index = unsafe skipBlanks(at: index &+ 1)
                guard index < count else { throw .unexpectedEnd(count) }
            }
        }
        index = unsafe skipBlanks(at: index &+ 1)
        guard index == count else { throw .trailing(index) }
    }

    /// The member whose name begins at `start`.
    @inlinable
    @inline(__always)
    func member(at start: Int) throws(JSONError) -> JSONMember {
        guard unsafe base[start] == 0x22 else { throw .invalid(start) }
        var nameHasEscapes = false
        let nameEnd = try unsafe closingQuote(from: start &+ 1, hasEscapes: &nameHasEscapes)
        let valueStart = try unsafe skipColon(at: nameEnd &+ 1)
        guard valueStart < count else { throw .unexpectedEnd(count) }
        guard let kind = JSONKind(firstByte: unsafe base[valueStart]) else { throw .invalid(valueStart) }
        var valueHasEscapes = false
        let end: Int
        switch kind {
        case .string:
            end = try unsafe closingQuote(from: valueStart &+ 1, hasEscapes: &valueHasEscapes) &+ 1
        case .number:
            end = try unsafe skipNumber(at: valueStart)
        default:
            end = try unsafe skipValue(at: valueStart, depth: 1)
        }
        return JSONMember(
            name: unsafe JSONString(range: Range(uncheckedBounds: (start &+ 1, nameEnd)), hasEscapes: nameHasEscapes),
            value: unsafe Range(uncheckedBounds: (valueStart, end)),
            kind: kind,
            valueHasEscapes: valueHasEscapes
        )
    }
}
