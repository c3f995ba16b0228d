import StrictJSON
import Testing

@Suite struct JSONStringTests {
    static let vectors: [(content: String, decoded: String)] = [
        ("", ""), ("abc", "abc"), ("é日😀", "é日😀"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#"\u0041\u00e9\u65E5"#, "Aé日"), (#"\u0000"#, "\u{0}"),
        (#"\u007f\u0080\u07ff\u0800\uffff"#, "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}"),
        (#"\ud83d\ude00"#, "😀"), (#"\uD800\uDC00\uDBFF\uDFFF"#, "\u{10000}\u{10FFFF}"),
        // Surrogates without their partners.
        (#"\ud800"#, "\u{FFFD}"), (#"\udc00"#, "\u{FFFD}"), (#"\ud800x"#, "\u{FFFD}x"), (#"\ud800\n"#, "\u{FFFD}\n"),
        (#"\ud800\u0041"#, "\u{FFFD}A"), (#"\ud800\ud83d\ude00"#, "\u{FFFD}😀"), (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}"),
        (#"\ud83d😀"#, "\u{FFFD}😀"),
        ("a long string without escapes, beyond fifteen bytes", "a long string without escapes, beyond fifteen bytes"),
        (#"a long string with one escape\u0021 beyond fifteen"#, "a long string with one escape! beyond fifteen"),
    ]

    @Test(arguments: vectors)
    func decodes(_ content: String, _ decoded: String) throws {
        let text = Array("x\"\(content)\"".utf8)
        let string = JSONString(range: 2..<text.count - 1, hasEscapes: content.contains("\\"))
        #expect(Array(string.string(in: unsafe text.span.bytes).utf8) == Array(decoded.utf8))
        #expect(try JSONValue(parsing: "\"\(content)\"") == .string(decoded))
    }

    @Test func comparesDecodedBytes() {
        let cases: [(String, Bool)] = [
            ("event", true), (#"\u0065vent"#, true), (#"e\u0076ent"#, true), ("events", false), ("even", false),
            ("", false), (#"\u0065vents"#, false), (#"even\u0074"#, true), (#"even\u0075"#, false), ("Event", false),
            (#"\u0065ven"#, false),
        ]
        for (content, isEqual) in cases {
            let string = JSONString(range: 0..<content.utf8.count, hasEscapes: content.contains("\\"))
            #expect(string.equals("event", in: unsafe content.utf8.span.bytes) == isEqual)
        }
    }

    @Test func takesCanonicallyEquivalentNamesForDifferent() {
        let decomposed = "e\u{301}"
        let string = JSONString(range: 0..<decomposed.utf8.count, hasEscapes: false)
        #expect(!string.equals("\u{E9}", in: unsafe decomposed.utf8.span.bytes))
        #expect(string.equals("e\u{301}", in: unsafe decomposed.utf8.span.bytes))
    }

    @Test func repairsMalformedUTF8() {
        let bytes: [UInt8] = [0x61, 0xFF, 0x5C, 0x6E, 0xC3]
        let plain = JSONString(range: 0..<2, hasEscapes: false)
        let escaped = JSONString(range: 0..<5, hasEscapes: true)
        #expect(plain.string(in: unsafe bytes.span.bytes) == "a\u{FFFD}")
        #expect(escaped.string(in: unsafe bytes.span.bytes) == "a\u{FFFD}\n\u{FFFD}")
    }
}
