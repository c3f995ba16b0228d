import StrictJSON
import Testing

@Suite struct JSONScannerTests {
    private func accepts(_ bytes: [UInt8], maximumDepth: Int = 128) -> Bool {
        (try? unsafe JSONScanner.validate(bytes.span.bytes, maximumDepth: maximumDepth)) != nil
    }

    @Test(arguments: JSONVectors.accepted)
    func acceptsValidTexts(_ text: JSONVectors.Text) throws {
        let range = try unsafe JSONScanner.validate(text.bytes.span.bytes)
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        #expect(range.lowerBound == text.bytes.firstIndex { !blanks.contains($0) })
        #expect(range.upperBound - 1 == text.bytes.lastIndex { !blanks.contains($0) })
        #expect((try? JSONValue(parsing: text.bytes)) != nil)
    }

    @Test(arguments: JSONVectors.refused)
    func refusesInvalidTexts(_ text: JSONVectors.Text) {
        #expect(!accepts(text.bytes))
        #expect((try? JSONValue(parsing: text.bytes)) == nil)
    }

    @Test(arguments: JSONVectors.open)
    func answersOpenQuestionsAsWrittenDown(_ open: JSONVectors.Open) {
        #expect(accepts(open.text.bytes) == open.isAccepted)
        #expect(((try? JSONValue(parsing: open.text.bytes)) != nil) == open.isAccepted)
    }

    @Test func leavesUTF8AloneWhereItIsKnown() throws {
        let bytes: [UInt8] = [0x22, 0xFF, 0x22]
        #expect(try unsafe JSONScanner.validate(bytes.span.bytes, utf8Validated: true) == 0..<3)
        #expect(throws: JSONError.invalidUTF8(1)) { try unsafe JSONScanner.validate(bytes.span.bytes) }
    }

    @Test(arguments: [1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 193, 511, 512])
    func countsDepthExactly(_ depth: Int) {
        #expect(accepts(JSONVectors.nested(depth), maximumDepth: depth))
        #expect(!accepts(JSONVectors.nested(depth), maximumDepth: depth - 1))
    }

    @Test func neverGoesBeyondTheCeiling() {
        #expect(accepts(JSONVectors.nested(512), maximumDepth: .max))
        #expect(!accepts(JSONVectors.nested(513), maximumDepth: .max))
    }

    @Test func keepsKindsApartAtEveryDepth() {
        // Objects and arrays in turn, so that a bracket of the wrong kind is met at each level.
        for depth in [3, 64, 65, 128, 129, 200] {
            let opening = (0..<depth).map { $0 % 2 == 0 ? "[" : #"{"a":"# }.joined()
            let closing = (0..<depth).reversed().map { $0 % 2 == 0 ? "]" : "}" }
            let valid = Array((opening + "1" + closing.joined()).utf8)
            #expect(accepts(valid, maximumDepth: depth))
            for position in 0..<depth {
                var wrong = valid
                let index = valid.count - depth + position
                wrong[index] = wrong[index] == 0x5D ? 0x7D : 0x5D
                #expect(!accepts(wrong, maximumDepth: depth))
            }
        }
    }

    @Test func reportsTheOffset() {
        let cases: [(String, JSONError)] = [
            ("", .unexpectedEnd(0)), ("[1,", .unexpectedEnd(3)), ("[1 2]", .invalid(3)), ("[1] x", .trailing(4)),
            (#"{"a" 1}"#, .invalid(5)), (#""\q""#, .invalid(2)), (#""\u00g0""#, .invalid(5)), ("\"a\nb\"", .invalid(2)),
            ("tru", .unexpectedEnd(3)), ("trux", .invalid(3)), ("-", .unexpectedEnd(1)), ("-x", .invalid(1)),
            (#"{"a":1,}"#, .invalid(7)), ("\"abc", .unexpectedEnd(4)),
        ]
        for (text, error) in cases {
            #expect(throws: error) { try unsafe JSONScanner.validate(text.utf8.span.bytes) }
        }
    }

    @Test func refusesEveryTruncation() {
        let text = #"{"event":"a\n\u00e9é","list":[1,-2.5e+3,true,false,null,{"x":{}}],"n":[[]]}"#
        let bytes = Array(text.utf8)
        #expect(accepts(bytes))
        for count in 0..<bytes.count { #expect(!accepts(Array(bytes[..<count]))) }
    }

    @Test func skipsOneValueOfMany() throws {
        let text = #"[1,"a]",{"b":[2]}] tail"#
        #expect(try unsafe JSONScanner.skipValue(text.utf8.span.bytes, at: 0) == 18)
        #expect(try unsafe JSONScanner.skipValue(text.utf8.span.bytes, at: 3) == 7)
        #expect(try unsafe JSONScanner.skipValue(text.utf8.span.bytes, at: 8) == 17)
        #expect(throws: JSONError.unexpectedEnd(23)) {
            try unsafe JSONScanner.skipValue(text.utf8.span.bytes, at: 99)
        }
    }

    @Test func tellsKinds() {
        let cases: [(String, JSONKind?)] = [
            (" null", .null), ("true", .bool), ("\nfalse", .bool), ("-1", .number), ("9", .number), ("\"", .string),
            ("[", .array), ("\t{", .object), ("", nil), ("  ", nil), ("+1", nil), ("\u{FEFF}{}", nil),
        ]
        for (text, kind) in cases { #expect(unsafe JSONScanner.kind(of: text.utf8.span.bytes) == kind) }
    }

    /// The scanner, the tree parser and the cursors are three readings of one grammar: they must agree on every text.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func agreesWithTheParserOnRandomTexts(_ seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        var acceptedCount = 0
        for round in 0..<3000 {
            let bytes = round % 3 == 0 ? random.valid() : round % 3 == 1 ? random.damaged() : random.noise()
            let scanned = Result { try unsafe JSONScanner.validate(bytes.span.bytes) }
            let parsed = Result { try JSONValue(parsing: bytes) }
            switch (scanned, parsed) {
            case (.success, .success(let value)):
                acceptedCount += 1
                // Infinity has no JSON form, so it does not come back.
                if isFinite(value) { #expect(try JSONValue(parsing: value.serialized()) == value) }
                #expect(unsafe JSONScanner.kind(of: bytes.span.bytes) == value.kind)
            case (.failure(let left), .failure(let right)):
                #expect(left as? JSONError == right as? JSONError)
                #expect(round % 3 != 0, "a valid text was refused")
            default:
                Issue.record("disagreement on \(bytes)")
            }
        }
        #expect(acceptedCount >= 1000)
    }

    private func isFinite(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let number): number.isFinite
        case .array(let elements): elements.allSatisfy(isFinite)
        case .object(let object): object.allSatisfy { isFinite($0.value) }
        default: true
        }
    }

    @Test func readsAnyBytesWithoutTrapping() {
        var random = RandomJSON(seed: 4)
        for _ in 0..<3000 {
            let bytes = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
            let validated = accepts(bytes)
            #expect(!validated || UTF8Check.firstInvalidOffset(in: unsafe bytes.span.bytes) == nil)
        }
    }
}
