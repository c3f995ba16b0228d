import StrictJSON
import Testing

@Suite struct JSONErrorTests {
    static let errors: [JSONError] = [
        .invalid(7), .unexpectedEnd(7), .tooDeep(7), .duplicateMember(7), .invalidUTF8(7), .trailing(7),
        .unexpectedKind(7),
    ]

    @Test(arguments: errors)
    func carriesAnOffsetAndADescription(_ error: JSONError) {
        #expect(error.offset == 7)
        #expect(error.description.hasSuffix("at byte 7"))
    }

    @Test func describesEachKindDifferently() {
        #expect(Set(Self.errors.map(\.description)).count == Self.errors.count)
    }

    @Test func neverQuotesTheText() {
        let secret = #"{"token":"eyJhbGciOi" x}"#
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: secret) }
        #expect(error.map { "\($0)".contains("eyJ") } == false)
    }
}
