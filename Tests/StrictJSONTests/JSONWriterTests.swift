import StrictJSON
import Testing

@Suite struct JSONWriterTests {
    static let strings: [(String, String)] = [
        ("", ""), ("plain", "plain"), ("\"\\/", #"\"\\/"#), ("\u{8}\u{9}\u{A}\u{C}\u{D}", #"\b\t\n\f\r"#),
        ("\u{0}\u{1}\u{B}\u{E}\u{1F}", #"\u0000\u0001\u000b\u000e\u001f"#),
        ("\u{7F}\u{80}é\u{2028}😀", "\u{7F}\u{80}é\u{2028}😀"),
        ("a\"b\nc", #"a\"b\nc"#), ("ends with \\", #"ends with \\"#),
    ]

    @Test(arguments: strings)
    func escapesLikeJavaScript(_ string: String, _ escaped: String) throws {
        var quoted: [UInt8] = []
        JSONWriter.append(string: string, to: &quoted)
        #expect(String(decoding: quoted, as: UTF8.self) == "\"\(escaped)\"")
        var bare: [UInt8] = [0x78]
        JSONWriter.append(escaping: string, to: &bare)
        #expect(String(decoding: bare, as: UTF8.self) == "x\(escaped)")
        #expect(JSONWriter.escapedLength(string) == escaped.utf8.count)
        let written = unsafe [UInt8](unsafeUninitializedCapacity: escaped.utf8.count) { buffer, count in
            count = unsafe JSONWriter.write(escaping: string, into: UnsafeMutableRawBufferPointer(buffer))
        }
        #expect(String(decoding: written, as: UTF8.self) == escaped)
        #expect(try JSONValue(parsing: quoted) == .string(string))
    }

    @Test func escapesEveryASCIIByteReversibly() throws {
        for byte in UInt8.min..<0x80 {
            let string = String(Unicode.Scalar(byte))
            var quoted: [UInt8] = []
            JSONWriter.append(string: string, to: &quoted)
            #expect(try JSONValue(parsing: quoted) == .string(string))
            #expect(JSONWriter.escapedLength(string) == quoted.count - 2)
        }
    }

    @Test(
        arguments: [
            (0, "0"), (7, "7"), (-7, "-7"), (10, "10"), (1_234_567_890, "1234567890"), (.max, "9223372036854775807"),
            (.min, "-9223372036854775808"),
        ] as [(Int64, String)]
    )
    func writesIntegers(_ integer: Int64, _ text: String) {
        var output: [UInt8] = [0x3A]
        JSONWriter.append(integer: integer, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == ":" + text)
    }

    @Test func neverWritesBeyondTheRoomGiven() async {
        await #expect(processExitsWith: .failure) {
            _ = unsafe withUnsafeTemporaryAllocation(byteCount: 3, alignment: 1) { room in
                unsafe JSONWriter.write(escaping: "ab\n", into: room)
            }
        }
    }
}
