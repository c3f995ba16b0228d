import Testing

@testable import JSONWebToken

@Suite struct KeyErrorTests {
    @Test func printsItsMessage() {
        let error = KeyError(.weak, "too short")
        #expect("\(error)" == "too short")
        #expect(KeyError.Code.weak.description == "weak")
        #expect(error == KeyError(KeyError.Code(rawValue: "weak"), "too short"))
        #expect(error != KeyError(.malformed, "too short"))
    }

    @Test func namesWhatDoesNotFit() {
        let error = KeyError.algorithmMismatch(.p256, [.RS256, .ES512])
        #expect(error.code == .algorithmMismatch)
        #expect(error.message == "the key is of type P-256, which cannot be used with ES512, RS256")
    }
}
