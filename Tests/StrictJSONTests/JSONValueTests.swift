import StrictJSON
import Testing

@Suite struct JSONValueTests {
    private let value: JSONValue = [
        "null": nil, "bool": true, "integer": 42, "number": 1.5, "string": "s", "array": [1, "two", nil],
        "object": ["a": 1],
    ]

    @Test func isBuiltFromLiterals() {
        #expect(
            value.description
                == #"{"null":null,"bool":true,"integer":42,"number":1.5,"string":"s","array":[1,"two",null],"object":{"a":1}}"#
        )
    }

    @Test func givesEachKindOnlyAsItself() {
        #expect(value["null"]?.isNull == true)
        #expect(value["bool"]?.boolValue == true)
        #expect(value["integer"]?.integerValue == 42)
        #expect(value["integer"]?.doubleValue == 42)
        #expect(value["number"]?.doubleValue == 1.5)
        #expect(value["number"]?.integerValue == nil)
        #expect(value["string"]?.stringValue == "s")
        #expect(value["array"]?.arrayValue?.count == 3)
        #expect(value["object"]?.objectValue?["a"] == 1)
        for name in ["null", "bool", "integer", "number", "string", "array", "object"] {
            let member = value[name]
            #expect((member?.boolValue != nil) == (name == "bool"))
            #expect((member?.doubleValue != nil) == (name == "integer" || name == "number"))
            #expect((member?.stringValue != nil) == (name == "string"))
            #expect((member?.arrayValue != nil) == (name == "array"))
            #expect((member?.objectValue != nil) == (name == "object"))
            #expect(member?.isNull == (name == "null"))
        }
        #expect(value["array"]?[1] == "two")
        #expect(value["array"]?[3] == nil)
        #expect(value["array"]?[-1] == nil)
        #expect(value["absent"] == nil)
        #expect(value["string"]?["a"] == nil)
    }

    @Test func takesEqualNumbersForEqual() {
        #expect(JSONValue.integer(1) == .number(1))
        #expect(JSONValue.integer(0) == .number(-0.0))
        #expect(JSONValue.integer(1).hashValue == JSONValue.number(1).hashValue)
        #expect(JSONValue.integer(0).hashValue == JSONValue.number(-0.0).hashValue)
        #expect(JSONValue.integer((1 << 53) + 1) != .number(0x1p53))
        #expect(JSONValue.integer(.max) != .number(0x1p63))
        #expect(JSONValue.number(.nan) != .number(.nan))
        #expect(JSONValue.integer(1) != .bool(true))
        #expect(JSONValue.string("1") != .integer(1))
        #expect(JSONValue.null != .bool(false))
    }

    @Test func comparesStringsByCodeUnits() {
        let (composed, decomposed) = (JSONValue.string("\u{E9}"), JSONValue.string("e\u{301}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }
}
