import Testing

@testable import JSONWebToken

@Suite struct SharedSecretTests {
    @Test(arguments: [
        TestKeys.rsaPublic, TestKeys.rsa, TestKeys.rsaCertificate, " \n" + TestKeys.p256Public, "-----BEGIN ",
        #"{"kty":"oct","k":"AAAA"}"#, " \n{\"keys\":[]}", "ssh-rsa AAAAB3NzaC1yc2E me@here", "ssh-ed25519 AAAA",
        "ecdsa-sha2-nistp256 AAAA",
    ])
    func refusesKeysOfOtherKinds(_ text: String) {
        let error = #expect(throws: KeyError.self) { try SharedSecret.check(Array(text.utf8)) }
        #expect(error?.code == .notASecret)
    }

    @Test(arguments: ["s", "test-key", "-----BEGI", "see ssh-rsa ", "0123456789abcdef", "{", "{}", #"{"a":1}"#, "{kty"])
    func acceptsSecrets(_ text: String) {
        #expect(throws: Never.self) { try SharedSecret.check(Array(text.utf8)) }
    }

    @Test func refusesNothing() {
        #expect(throws: KeyError(.noKey, "the secret is empty")) { try SharedSecret.check([]) }
    }
}
