/// Builds a `JSONValue` from a text, with a stack of its own instead of recursion.
struct JSONTreeParser {
    /// A container that is still open.
    private struct Frame {
        let isObject: Bool
        var elements: [JSONValue] = []
        var members = JSONObject()
        /// The name whose value is read next.
        var name = ""

        var value: JSONValue { isObject ? .object(members) : .array(elements) }
    }

    private let duplicates: JSONDuplicates
    private var outer: [Frame] = []

    init(duplicates: JSONDuplicates) {
        self.duplicates = duplicates
    }

    mutating func parse(_ scanner: borrowing UnsafeJSONScanner) throws(JSONError) -> JSONValue {
        var index = unsafe scanner.skipBlanks(at: 0)
        var current: Frame?
        while true {
            guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
            var value: JSONValue
            let byte = unsafe scanner.base[index]
            if byte == 0x7B || byte == 0x5B {
                let depth = outer.count + (current == nil ? 0 : 1)
                guard depth < scanner.maximumDepth else { throw .tooDeep(index) }
                var frame = Frame(isObject: byte == 0x7B)
                index = unsafe scanner.skipBlanks(at: index + 1)
                guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
                if unsafe scanner.base[index] != byte + 2 {
                    if frame.isObject { index = try unsafe readName(scanner, at: index, of: &frame) }
                    if let open = current { outer.append(open) }
                    current = frame
                    continue
                }
                index += 1
                value = frame.value
            } else {
                (value, index) = try unsafe JSONTreeParser.scalar(scanner, at: index)
            }
            // The value is complete; so may be the containers around it.
            var isComplete = true
            while isComplete {
                guard var frame = current.take() else {
                    index = unsafe scanner.skipBlanks(at: index)
                    guard index == scanner.count else { throw .trailing(index) }
                    return value
                }
                if frame.isObject {
                    frame.members.set(frame.name, to: value)
                } else {
                    frame.elements.append(value)
                }
                index = unsafe scanner.skipBlanks(at: index)
                guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
                let byte = unsafe scanner.base[index]
                if byte == 0x2C {
                    index = unsafe scanner.skipBlanks(at: index + 1)
                    if frame.isObject { index = try unsafe readName(scanner, at: index, of: &frame) }
                    current = frame
                    isComplete = false
                } else {
                    guard byte == (frame.isObject ? 0x7D : 0x5D) else { throw .invalid(index) }
                    index += 1
                    value = frame.value
                    current = outer.popLast()
                }
            }
        }
    }

    /// Reads a member's name at `start` into `frame`; the index of the member's value.
    private func readName(
        _ scanner: borrowing UnsafeJSONScanner,
        at start: Int,
        of frame: inout Frame
    ) throws(JSONError) -> Int {
        guard start < scanner.count else { throw .unexpectedEnd(scanner.count) }
        guard unsafe scanner.base[start] == 0x22 else { throw .invalid(start) }
        let (name, end) = try unsafe JSONTreeParser.string(scanner, at: start)
        if duplicates == .refuse, frame.members.contains(name) { throw .duplicateMember(start) }
        frame.name = name
        return try unsafe scanner.skipColon(at: end)
    }

    private static func string(_ scanner: borrowing UnsafeJSONScanner, at start: Int) throws(JSONError) -> (String, Int)
    {
        var hasEscapes = false
        let quote = try unsafe scanner.closingQuote(from: start + 1, hasEscapes: &hasEscapes)
        let content = unsafe UnsafeRawBufferPointer(start: scanner.base + start + 1, count: quote - start - 1)
        let string = unsafe hasEscapes ? JSONScanner.unescape(content.bytes) : String(decoding: content, as: UTF8.self)
        return (string, quote + 1)
    }

    private static func scalar(
        _ scanner: borrowing UnsafeJSONScanner,
        at start: Int
    ) throws(JSONError) -> (JSONValue, Int) {
        let byte = unsafe scanner.base[start]
        if byte == 0x22 {
            let (string, end) = try unsafe string(scanner, at: start)
            return (.string(string), end)
        }
        let end = try unsafe scanner.skipScalar(at: start)
        switch byte {
        case 0x74: return (.bool(true), end)
        case 0x66: return (.bool(false), end)
        case 0x6E: return (.null, end)
        default:
            let text = unsafe UnsafeRawBufferPointer(start: scanner.base + start, count: end - start)
            if let integer = unsafe JSONNumber.integer(text) { return (.integer(integer), end) }
            return (.number(unsafe JSONNumber.double(text)), end)
        }
    }
}
