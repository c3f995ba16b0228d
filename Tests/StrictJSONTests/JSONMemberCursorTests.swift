import StrictJSON
import Testing

@Suite struct JSONMemberCursorTests {
    private struct Found: Equatable {
        let name: String
        let value: String
        let kind: JSONKind
    }

    private func members(_ bytes: [UInt8], maximumDepth: Int = 128) throws(JSONError) -> [Found] {
        var cursor = JSONMemberCursor(maximumDepth: maximumDepth)
        var found: [Found] = []
        while let member = try unsafe cursor.next(in: bytes.span.bytes) {
            let value = String(decoding: bytes[member.value], as: UTF8.self)
            found.append(Found(name: member.name.string(in: unsafe bytes.span.bytes), value: value, kind: member.kind))
        }
        return found
    }

    @Test func walksThroughMembers() throws {
        let text = #" { "alg" : "HS256","\u0061":1 , "n":null,"t":true,"o":{"x":[]},"a":[1,2],"alg":-1.5e3 } "#
        #expect(
            try members(Array(text.utf8)) == [
                Found(name: "alg", value: #""HS256""#, kind: .string), Found(name: "a", value: "1", kind: .number),
                Found(name: "n", value: "null", kind: .null), Found(name: "t", value: "true", kind: .bool),
                Found(name: "o", value: #"{"x":[]}"#, kind: .object), Found(name: "a", value: "[1,2]", kind: .array),
                Found(name: "alg", value: "-1.5e3", kind: .number),
            ]
        )
        #expect(try members(Array("{}".utf8)).isEmpty)
    }

    @Test func givesStringValues() throws {
        let text = #"{"a":"x\ny","b":"","c":1}"#
        var cursor = JSONMemberCursor()
        let first = try #require(try unsafe cursor.next(in: text.utf8.span.bytes))
        #expect(first.stringValue?.string(in: unsafe text.utf8.span.bytes) == "x\ny")
        #expect(first.valueHasEscapes)
        let second = try #require(try unsafe cursor.next(in: text.utf8.span.bytes))
        #expect(second.stringValue?.range.isEmpty == true)
        let third = try #require(try unsafe cursor.next(in: text.utf8.span.bytes))
        #expect(third.stringValue == nil)
        #expect(try unsafe cursor.next(in: text.utf8.span.bytes) == nil)
        #expect(try unsafe cursor.next(in: text.utf8.span.bytes) == nil)
    }

    @Test func refusesOtherKindsAndFaults() {
        let cases: [(String, JSONError)] = [
            ("[1]", .unexpectedKind(0)), (" 1", .unexpectedKind(1)), ("x", .invalid(0)), ("", .unexpectedEnd(0)),
            ("{", .unexpectedEnd(1)), ("{,", .invalid(1)), (#"{"a":1,}"#, .invalid(7)),
            (#"{"a":1 "b":2}"#, .invalid(7)),
            (#"{"a":1}}"#, .trailing(7)), (#"{"a":1} x"#, .trailing(8)), (#"{"a":}"#, .invalid(5)),
            ("{}1", .trailing(2)),
            (#"{"a":[}"#, .invalid(6)), (#"{a:1}"#, .invalid(1)), ("{]", .invalid(1)), (#"{"a":1,"#, .unexpectedEnd(7)),
        ]
        for (text, error) in cases {
            #expect(throws: error, "\(text)") { try members(Array(text.utf8)) }
        }
    }

    @Test func countsItsOwnObjectAsALevel() throws {
        let bytes = Array(#"{"a":[[]]}"#.utf8)
        #expect(try members(bytes, maximumDepth: 3).count == 1)
        #expect(throws: JSONError.tooDeep(6)) { try members(bytes, maximumDepth: 2) }
        #expect(throws: JSONError.tooDeep(0)) { try members(bytes, maximumDepth: 0) }
    }

    @Test func mayStopBehindTheObject() throws {
        let text = #"xx{"a":1} tail"#
        var cursor = JSONMemberCursor(at: 2, allowsTrailing: true)
        while try unsafe cursor.next(in: text.utf8.span.bytes) != nil {}
        #expect(cursor.position == 9)
    }

    @Test func agreesWithTheParserOnRandomTexts() throws {
        var random = RandomJSON(seed: 6)
        var objects = 0
        for round in 0..<4000 {
            let bytes = Array("{".utf8) + (round % 2 == 0 ? random.noise() : random.damaged()) + Array("}".utf8)
            let inner = round % 4 == 1 ? random.valid() : bytes
            let found = try? members(inner)
            let parsed = (try? JSONValue(parsing: inner))?.objectValue
            // Bytes that are not UTF-8 are for others to check.
            guard UTF8Check.firstInvalidOffset(in: unsafe inner.span.bytes) == nil else { continue }
            #expect((found != nil) == (parsed != nil))
            guard let found, let parsed else { continue }
            objects += 1
            var rebuilt = JSONObject()
            for member in found { rebuilt[member.name] = try JSONValue(parsing: member.value) }
            #expect(rebuilt == parsed)
        }
        #expect(objects > 100)
    }
}
