import Testing

@testable import WebSocket

@Suite struct Base64Tests {
    @Test(
        "the vectors of RFC 4648 §10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func text(_ text: String, _ expected: String) {
        #expect(Base64.text(Array(text.utf8)) == expected)
        #expect(Base64.length(of: text.utf8.count) == expected.utf8.count)
    }

    /// Bit by bit, for every length up to some groups.
    @Test func allBytes() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        for count in 0...256 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            var bits = bytes.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 } }
            while bits.count % 6 != 0 { bits.append(0) }
            var text = stride(from: 0, to: bits.count, by: 6).map { start in
                alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }]
            }
            while text.count % 4 != 0 { text.append("=") }
            #expect(Base64.text(bytes) == String(text))
        }
    }
}
