import StrictJSON
import Testing

@Suite struct JSONTextTests {
    @Test func keepsTheTextAsItCame() throws {
        let source = #"{"a":1.50,"b":"\u00e9","a":2}"#
        let text = try JSONText(validating: Array(source.utf8))
        #expect(text.description == source)
        #expect(text.kind == .object)
        #expect(try text.value() == ["a": 2, "b": "é"])
        #expect(throws: JSONError.duplicateMember(23)) { try text.value(duplicates: .refuse) }
        #expect(text.span.byteCount == source.utf8.count)
    }

    @Test func dropsBlanksAround() throws {
        #expect(try JSONText(validating: Array(" \n[1, 2]\t".utf8)).description == "[1, 2]")
        #expect(try JSONText(validating: Array("7".utf8)).bytes == [0x37])
    }

    @Test func refusesWhatIsNotOneValue() {
        for text in ["", "1 2", "{", "nul"] {
            #expect(throws: JSONError.self) { try JSONText(validating: Array(text.utf8)) }
        }
        #expect(throws: JSONError.invalidUTF8(1)) { try JSONText(validating: [0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.tooDeep(2)) { try JSONText(validating: JSONVectors.nested(3), maximumDepth: 2) }
    }

    @Test func writesValues() {
        #expect(JSONText(["a": [1, nil]]).description == #"{"a":[1,null]}"#)
        #expect(JSONText(JSONValue.null).kind == .null)
        #expect(JSONText(unchecked: Array("true".utf8)).kind == .bool)
    }
}
