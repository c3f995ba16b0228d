import Foundation
import StrictJSON
import Testing

/// The coders are Foundation's because they are what users will bring; the library itself does without.
@Suite struct JSONValueCodableTests {
    private struct Envelope: Codable, Equatable {
        var id: Int
        var payload: JSONValue
        var optional: JSONValue?
    }

    @Test(
        arguments: [
            nil, true, false, 0, -7, 1.5, "text", [], [:], [1, [true, nil], ["a": "b"]],
            ["a": ["b": [1, 2.5, nil]], "c": ""],
        ] as [JSONValue]
    )
    func goesThroughForeignCoders(_ value: JSONValue) throws {
        let envelope = Envelope(id: 1, payload: value, optional: nil)
        let data = try JSONEncoder().encode(envelope)
        let decoded = try JSONDecoder().decode(Envelope.self, from: data)
        #expect(decoded.payload == value)
        let own = try JSONValue(parsing: Array(data))
        #expect(own["payload"] == value)
    }

    @Test func keepsKindsApart() throws {
        let text = #"{"payload":{"bool":true,"one":1,"big":9223372036854775807,"half":0.5,"text":"1"},"id":2}"#
        let payload = try JSONDecoder().decode(Envelope.self, from: Data(text.utf8)).payload
        #expect(payload["bool"]?.boolValue == true)
        #expect(payload["one"]?.boolValue == nil)
        #expect(payload["one"]?.integerValue == 1)
        #expect(payload["big"]?.integerValue == .max)
        #expect(payload["half"]?.doubleValue == 0.5)
        #expect(payload["text"]?.stringValue == "1")
    }
}
