extension UnsafeJSONScanner {
    /// The index behind the value that starts at `start`, where `depth` containers are open already.
    ///
    /// `start` must be at the value's first byte: blanks are the caller's.
    @inlinable
    public func skipValue(at start: Int, depth: Int = 0) throws(JSONError) -> Int {
        guard start < count else { throw .unexpectedEnd(count) }
        let byte = unsafe base[start]
        if byte == 0x7B || byte == 0x5B { return try unsafe skipContainer(at: start, depth: depth) }
        return try unsafe skipScalar(at: start)
    }

    /// The index behind the string, number or literal that starts at `start`.
    @inlinable
    @inline(always)
    func skipScalar(at start: Int) throws(JSONError) -> Int {
        let byte = unsafe base[start]
        if byte == 0x22 {
            var hasEscapes = false
            return try unsafe closingQuote(from: start &+ 1, hasEscapes: &hasEscapes) &+ 1
        }
        if byte == 0x2D || byte &- 0x30 < 10 { return try unsafe skipNumber(at: start) }
        return try unsafe skipLiteral(at: start)
    }

    /// The index of a member's value, from the index where its name should start.
    @inlinable
    @inline(always)
    func skipName(at start: Int) throws(JSONError) -> Int {
        guard start < count else { throw .unexpectedEnd(count) }
        guard unsafe base[start] == 0x22 else { throw .invalid(start) }
        var hasEscapes = false
        let quote = try unsafe closingQuote(from: start &+ 1, hasEscapes: &hasEscapes)
        return try unsafe skipColon(at: quote &+ 1)
    }

    /// The index of a member's value, from the index behind its name.
    @inlinable
    @inline(always)
    public func skipColon(at start: Int) throws(JSONError) -> Int {
        let colon = unsafe skipBlanks(at: start)
        guard colon < count else { throw .unexpectedEnd(count) }
        guard unsafe base[colon] == 0x3A else { throw .invalid(colon) }
        return unsafe skipBlanks(at: colon &+ 1)
    }

    /// The index behind the array or object that starts at `start`.
    @usableFromInline
    func skipContainer(at start: Int, depth outerDepth: Int) throws(JSONError) -> Int {
        var nesting = JSONNesting()
        var index = start
        values: while true {
            guard index < count else { throw .unexpectedEnd(count) }
            let byte = unsafe base[index]
            if byte == 0x7B || byte == 0x5B {
                guard nesting.depth &+ outerDepth < maximumDepth else { throw .tooDeep(index) }
                nesting.push(isObject: byte == 0x7B)
                index = unsafe skipBlanks(at: index &+ 1)
                guard index < count else { throw .unexpectedEnd(count) }
                // The closing bracket of either kind is its opening one plus two.
                if unsafe base[index] == byte &+ 2 {
                    index &+= 1
                    nesting.pop()
                } else {
                    if byte == 0x7B { index = try unsafe skipName(at: index) }
                    continue values
                }
            } else {
                index = try unsafe skipScalar(at: index)
            }
            while !nesting.isEmpty {
                index = unsafe skipBlanks(at: index)
                guard index < count else { throw .unexpectedEnd(count) }
                let byte = unsafe base[index]
                if byte == 0x2C {
                    index = unsafe skipBlanks(at: index &+ 1)
                    if nesting.isObject { index = try unsafe skipName(at: index) }
                    continue values
                }
                guard byte == (nesting.isObject ? 0x7D : 0x5D) else { throw .invalid(index) }
                index &+= 1
                nesting.pop()
            }
            return index
        }
    }

    /// The range of the one value that the bytes hold between optional blanks.
    @inlinable
    public func scanText() throws(JSONError) -> Range<Int> {
        let start = unsafe skipBlanks(at: 0)
        let end = try unsafe skipValue(at: start)
        let rest = unsafe skipBlanks(at: end)
        guard rest == count else { throw .trailing(rest) }
        return start..<end
    }
}
