import Testing

@testable import WebSocket

@Suite struct HTTPKnownFieldsTests {
    @Test func theFirstLineIsKept() {
        var known = HTTPKnownFields()
        for field in HTTPKnownField.allCases {
            #expect(known.line(of: field) == nil && !known.isRepeated(field))
            known.note(field, at: 2 * field.rawValue)
            #expect(known.line(of: field) == 2 * field.rawValue && !known.isRepeated(field))
        }
        known.note(.origin, at: 100)
        known.note(.origin, at: HTTPKnownFields.maximumLines - 1)
        for field in HTTPKnownField.allCases {
            #expect(known.line(of: field) == 2 * field.rawValue)
            #expect(known.isRepeated(field) == (field == .origin))
        }
    }

    /// What is noted while parsing is what a search through all lines finds, wherever in the head the field is.
    @Test(arguments: HTTPKnownField.allCases, [0, 1, 2])
    func agreesWithASearch(_ field: HTTPKnownField, _ lines: Int) throws {
        // These decide whether the head is accepted at all.
        guard ![.host, .contentLength, .transferEncoding].contains(field) else { return }
        for place in 0...3 {
            var fields = ["Host: x", "X-A: 1", "Cookie: a=b"]
            for line in 0..<lines {
                fields.insert("\(field.name): value\(line), other", at: min(place + line, fields.count))
            }
            let head = try #require(try head(request(["GET / HTTP/1.1"] + fields)))
            #expect(head.firstField(field)?.value == head.firstField(field.name)?.value)
            #expect(head.known.isRepeated(field) == (head.fieldCount(field.name) > 1))
            #expect((head.onlyField(field) != nil) == (lines == 1))
            for token in ["value0", "value1", "OTHER", "none"] as [StaticString] {
                #expect(head.lists(token, in: field) == head.hasToken(token, in: field.name))
            }
        }
    }

    /// A connection's second head has nothing of the first.
    @Test func nothingIsLeftForTheNextHead() throws {
        let bytes =
            request("GET / HTTP/1.1", "Host: x", "Origin: a", "Origin: b")
            + request("GET / HTTP/1.1", "A: b", "Host: x")
        var parser = HTTPRequestParser()
        var position = 0
        let first = try #require(try receive(bytes, &parser, &position))
        let second = try #require(try receive(bytes, &parser, &position))
        #expect(first.known.isRepeated(.origin) && first.known.line(of: .host) == 0)
        #expect(second.known.line(of: .origin) == nil && second.known.line(of: .host) == 1)
    }
}
