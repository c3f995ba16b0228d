/// Random texts: valid ones, damaged ones, and plain noise of the bytes that JSON is made of.
struct RandomJSON {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    /// A valid text, nested at most `depth` deep.
    mutating func valid(depth: Int = 4) -> [UInt8] {
        var output: [UInt8] = []
        value(depth, &output)
        return output
    }

    /// A valid text with one to three bytes changed, removed or inserted.
    mutating func damaged() -> [UInt8] {
        var bytes = valid()
        for _ in 0...below(3) {
            let position = below(bytes.count + 1)
            switch below(3) {
            case 0: bytes.insert(structural(), at: position)
            case 1 where position < bytes.count: bytes.remove(at: position)
            default: if position < bytes.count { bytes[position] = structural() }
            }
        }
        return bytes
    }

    mutating func noise(maximumCount: Int = 24) -> [UInt8] {
        (0..<below(maximumCount)).map { _ in structural() }
    }

    private mutating func structural() -> UInt8 {
        let alphabet =
            Array(#"{}[]"":,\\/ubfnrt0123456789+-.eEalsd "#.utf8) + [0x00, 0x09, 0x0A, 0x0D, 0xC3, 0xA9, 0xFF]
        return alphabet[below(alphabet.count)]
    }

    private mutating func value(_ depth: Int, _ output: inout [UInt8]) {
        switch below(depth > 0 ? 7 : 5) {
        case 0: output += Array(["null", "true", "false"][below(3)].utf8)
        case 1: output += Array(String(Int.random(in: -1_000_000...1_000_000, using: &generator)).utf8)
        case 2:
            let numbers = ["0", "-0", "1.5", "-2.25e3", "1E2", "0.1", "1e-7", "9223372036854775808", "5e-324"]
            output += Array(numbers[below(numbers.count)].utf8)
        case 3, 4: string(&output)
        case 5:
            output.append(0x5B)
            for position in 0..<below(4) {
                if position > 0 { output.append(0x2C) }
                blanks(&output)
                value(depth - 1, &output)
                blanks(&output)
            }
            output.append(0x5D)
        default:
            output.append(0x7B)
            for position in 0..<below(4) {
                if position > 0 { output.append(0x2C) }
                blanks(&output)
                string(&output)
                blanks(&output)
                output.append(0x3A)
                value(depth - 1, &output)
            }
            output.append(0x7D)
        }
    }

    private mutating func string(_ output: inout [UInt8]) {
        let pieces = [
            "a", "bc", "é", "日本", "😀", "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "plain run of text",
        ]
        output.append(0x22)
        for _ in 0..<below(4) { output += Array(pieces[below(pieces.count)].utf8) }
        output.append(0x22)
    }

    private mutating func blanks(_ output: inout [UInt8]) {
        if below(6) == 0 { output.append([0x20, 0x09, 0x0A, 0x0D][below(4)]) }
    }
}
