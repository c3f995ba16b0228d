import StrictJSON
import Testing

@Suite struct JSONElementCursorTests {
    private func elements(_ bytes: [UInt8], maximumDepth: Int = 128) throws(JSONError) -> [String] {
        var cursor = JSONElementCursor(maximumDepth: maximumDepth)
        var found: [String] = []
        while let element = try unsafe cursor.next(in: bytes.span.bytes) {
            found.append(String(decoding: bytes[element.value], as: UTF8.self))
        }
        return found
    }

    @Test func walksThroughElements() throws {
        let text = #" [ 1 ,"a",[2,3],{"x":[]},null,true,-1.5 ] "#
        #expect(
            try elements(Array(text.utf8)) == ["1", #""a""#, "[2,3]", #"{"x":[]}"#, "null", "true", "-1.5"]
        )
        #expect(try elements(Array("[ ]".utf8)).isEmpty)
    }

    @Test func givesStringValues() throws {
        let text = #"["x\ty",1]"#
        var cursor = JSONElementCursor()
        let first = try #require(try unsafe cursor.next(in: text.utf8.span.bytes))
        #expect(first.kind == .string)
        #expect(first.stringValue?.string(in: unsafe text.utf8.span.bytes) == "x\ty")
        let second = try #require(try unsafe cursor.next(in: text.utf8.span.bytes))
        #expect(second.stringValue == nil)
        #expect(try unsafe cursor.next(in: text.utf8.span.bytes) == nil)
        #expect(try unsafe cursor.next(in: text.utf8.span.bytes) == nil)
    }

    @Test func refusesOtherKindsAndFaults() {
        let cases: [(String, JSONError)] = [
            ("{}", .unexpectedKind(0)), ("x", .invalid(0)), ("", .unexpectedEnd(0)), ("[", .unexpectedEnd(1)),
            ("[,1]", .invalid(1)), ("[1,]", .invalid(3)), ("[1 2]", .invalid(3)), ("[1]]", .trailing(3)),
            ("[1},", .invalid(2)), ("[}", .invalid(1)), ("[1,", .unexpectedEnd(3)), ("[] []", .trailing(3)),
        ]
        for (text, error) in cases {
            #expect(throws: error, "\(text)") { try elements(Array(text.utf8)) }
        }
    }

    @Test func countsItsOwnArrayAsALevel() throws {
        #expect(try elements(JSONVectors.nested(3), maximumDepth: 3).count == 1)
        #expect(throws: JSONError.tooDeep(2)) { try elements(JSONVectors.nested(3), maximumDepth: 2) }
    }

    @Test func mayStopBehindTheArray() throws {
        let text = "[1,2]tail"
        var cursor = JSONElementCursor(allowsTrailing: true)
        while try unsafe cursor.next(in: text.utf8.span.bytes) != nil {}
        #expect(cursor.position == 5)
    }

    @Test func agreesWithTheParserOnRandomTexts() throws {
        var random = RandomJSON(seed: 7)
        var arrays = 0
        for _ in 0..<3000 {
            let bytes = Array("[".utf8) + random.damaged() + Array("]".utf8)
            guard UTF8Check.firstInvalidOffset(in: unsafe bytes.span.bytes) == nil else { continue }
            let found = try? elements(bytes)
            let parsed = (try? JSONValue(parsing: bytes))?.arrayValue
            #expect((found != nil) == (parsed != nil))
            guard let found, let parsed else { continue }
            arrays += 1
            #expect(try found.map { try JSONValue(parsing: $0) } == parsed)
        }
        #expect(arrays > 100)
    }
}
