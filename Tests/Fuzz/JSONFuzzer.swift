import StrictJSON

/// Any bytes as JSON: scanner and tree parser accept the same texts, and what is written parses back to the same value.
@c
public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput(data, count, settings: 1)
    let depth = input.settings[0] & 1 != 0 ? 4 : 128
    withExactCopy(of: input.bytes) { copy in
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(copy))
        let value = try? JSONValue(parsing: span, maximumDepth: depth)
        let text = try? JSONText(validating: input.bytes, maximumDepth: depth)
        require((value == nil) == (text == nil), "parser and scanner disagree")
        guard let value, let text else { return }
        require(text.kind == value.kind, "kind")
        if (try? JSONValue(parsing: span, maximumDepth: depth, duplicates: .refuse)) != nil {
            require((try? JSONValue(parsing: span, maximumDepth: depth, duplicates: .refuse)) == value, "duplicates")
        }
        let output = value.serialized()
        guard let again = try? JSONValue(parsing: output, maximumDepth: depth, duplicates: .refuse) else {
            finding("what is written does not parse: \(String(decoding: output, as: UTF8.self))")
        }
        require(isSame(again, value), "another value: \(again) is not \(value)")
        require(again.serialized() == output, "writing is not stable")
    }
    return 0
}

/// Whether `again` is what `value` becomes when it is written and read. Numbers are written as JavaScript does: those beyond
/// the range of a double as null, and large ones with the fewest digits that give the double back, which read as an integer
/// are another one.
private func isSame(_ again: JSONValue, _ value: JSONValue) -> Bool {
    switch (again, value) {
    case (.null, .number(let number)) where !number.isFinite: true
    case (_, .number(let number)): again.doubleValue == number
    case (.array(let left), .array(let right)):
        left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
    case (.object(let left), .object(let right)):
        left.count == right.count
            && zip(left.members, right.members).allSatisfy { isSame($0.value, $1.value) && $0.name.isSame(as: $1.name) }
    default: again == value
    }
}

extension String {
    fileprivate func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
