import StrictJSON
import Testing

@Suite struct JSONTreeParserTests {
    static let vectors: [(String, JSONValue)] = [
        ("null", .null), (" true ", true), ("false", false), ("0", 0), ("-12", -12), ("1.0", .number(1)),
        ("-0", .number(-0.0)), ("1e2", .number(100)), ("9223372036854775808", .number(0x1p63)), (#""a""#, "a"),
        ("[]", []), ("{}", [:]), ("[1,[2,[3]],[]]", [1, [2, [3]], []]),
        (#"{"a":{"b":{"c":[{}]}},"d":[{"e":null}]}"#, ["a": ["b": ["c": [[:]]]], "d": [["e": nil]]]),
        (" [ 1 , 2 ] ", [1, 2]), (#"{"\u0061":1,"b":"\u00e9"}"#, ["a": 1, "b": "é"]),
    ]

    @Test(arguments: vectors)
    func decodes(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
        #expect(try unsafe JSONValue(parsing: text.utf8.span.bytes) == value)
    }

    @Test func tellsIntegersFromOtherNumbers() throws {
        guard case .integer(7) = try JSONValue(parsing: "7") else {
            Issue.record("not an integer")
            return
        }
        guard case .number(7) = try JSONValue(parsing: "7.0") else {
            Issue.record("not a number")
            return
        }
        guard case .number(let zero) = try JSONValue(parsing: "-0") else {
            Issue.record("not a number")
            return
        }
        #expect(zero.sign == .minus)
    }

    @Test func keepsTheLastOfDuplicates() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":{"a":3},"\u0061":4}"#)
        #expect(value.description == #"{"a":4,"b":2}"#)
    }

    @Test func refusesDuplicatesWhenAsked() throws {
        let cases: [(String, Int)] = [
            (#"{"a":1,"a":1}"#, 7), (#"{"a":1,"\u0061":1}"#, 7), (#"{"x":{"a":1,"b":2,"a":3}}"#, 18),
            (#"[{"a":1},{"":0,"":0}]"#, 15),
        ]
        for (text, offset) in cases {
            #expect(throws: JSONError.duplicateMember(offset)) { try JSONValue(parsing: text, duplicates: .refuse) }
        }
        let distinct = #"{"a":{"a":1},"b":[{"a":1},{"a":2}],"\u00e9":1,"e\u0301":2}"#
        #expect(try JSONValue(parsing: distinct, duplicates: .refuse)["b"]?.arrayValue?.count == 2)
    }

    @Test func decodesLoneSurrogatesAsReplacements() throws {
        #expect(try JSONValue(parsing: #"{"\udfaa":"\ud800"}"#) == ["\u{FFFD}": "\u{FFFD}"])
    }

    @Test func readsNumbersBeyondDoubleAsInfinity() throws {
        #expect(try JSONValue(parsing: "1e999").doubleValue == .infinity)
        #expect(try JSONValue(parsing: "-1e999").doubleValue == -.infinity)
        #expect(try JSONValue(parsing: "1e-999").doubleValue == 0)
    }

    @Test func limitsDepth() throws {
        #expect(try JSONValue(parsing: JSONVectors.nested(128)).arrayValue?.count == 1)
        #expect(throws: JSONError.tooDeep(128)) { try JSONValue(parsing: JSONVectors.nested(129)) }
        #expect(try JSONValue(parsing: JSONVectors.nested(512), maximumDepth: 512).kind == .array)
        #expect(throws: JSONError.tooDeep(0)) { try JSONValue(parsing: "[]", maximumDepth: 0) }
        #expect(try JSONValue(parsing: "1", maximumDepth: 0) == 1)
    }

    @Test func refusesEveryTruncation() {
        let bytes = Array(#"{"a":[1,{"b":"c\u00e9"},null],"d":{"e":-1.5e-3}}"#.utf8)
        for count in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes[..<count])) }
        }
    }

    @Test func checksUTF8First() {
        #expect(throws: JSONError.invalidUTF8(2)) { try JSONValue(parsing: [0x5B, 0x22, 0xC3, 0x22]) }
    }
}
