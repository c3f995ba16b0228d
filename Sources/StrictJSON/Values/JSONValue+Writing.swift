extension JSONValue {
    /// The value as JSON text: no blanks, members in order, numbers as JavaScript writes them.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(128)
        write(into: &output)
        return output
    }

    /// Appends the value as JSON text.
    ///
    /// Recursive: a value built by hand must not be nested so deeply that it overruns the thread's stack. Parsed
    /// values are within ``JSONNesting/ceiling``.
    public func write(into output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: [0x6E, 0x75, 0x6C, 0x6C])
        case .bool(true): output.append(contentsOf: [0x74, 0x72, 0x75, 0x65])
        case .bool(false): output.append(contentsOf: [0x66, 0x61, 0x6C, 0x73, 0x65])
        case .integer(let value): JSONWriter.append(integer: value, to: &output)
        case .number(let value): JSONWriter.append(double: value, to: &output)
        case .string(let value): JSONWriter.append(string: value, to: &output)
        case .array(let elements):
            output.append(0x5B)
            for (position, element) in elements.enumerated() {
                if position > 0 { output.append(0x2C) }
                element.write(into: &output)
            }
            output.append(0x5D)
        case .object(let object): object.write(into: &output)
        }
    }
}

extension JSONObject {
    /// Appends the object as JSON text, its members in order.
    public func write(into output: inout [UInt8]) {
        output.append(0x7B)
        for (position, member) in members.enumerated() {
            if position > 0 { output.append(0x2C) }
            JSONWriter.append(string: member.name, to: &output)
            output.append(0x3A)
            member.value.write(into: &output)
        }
        output.append(0x7D)
    }

    /// The object as JSON text, its members in order.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(128)
        write(into: &output)
        return output
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON text.
    public var description: String { String(decoding: serialized(), as: UTF8.self) }
}
