import Testing

@testable import JSONWebToken

@Suite struct PEMBlockTests {
    @Test func findsBlocksBetweenOtherText() {
        let text =
            "a comment\n-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\r\nBag Attributes\n"
            + "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----"
        let bytes = Array(text.utf8)
        let blocks = PEMBlock.all(in: bytes)
        #expect(blocks.map(\.label) == ["PUBLIC KEY", "CERTIFICATE"])
        #expect(blocks.map(\.isEncrypted) == [false, false])
        #expect(
            blocks.map { String(decoding: bytes[$0.range], as: UTF8.self) } == [
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
                "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----",
            ]
        )
    }

    @Test(arguments: [
        "", "-----BEGIN ", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY----",
        "-----BEGIN public key-----\n-----END public key-----",
        "-----BEGIN \u{E9}-----\n-----END \u{E9}-----",
    ])
    func findsNoBrokenBlocks(_ text: String) {
        #expect(PEMBlock.all(in: Array(text.utf8)).isEmpty)
        #expect(PEMBlock.hasBegin(Array(text.utf8)) == text.hasPrefix("-----BEGIN "))
    }

    @Test func capsTheLabel() {
        for (length, count) in [(64, 1), (65, 0)] {
            let label = String(repeating: "A", count: length)
            #expect(PEMBlock.all(in: Array("-----BEGIN \(label)-----\n-----END \(label)-----".utf8)).count == count)
        }
    }

    @Test func knowsEncryptedBlocks() {
        for (pem, isEncrypted) in [
            (TestKeys.rsaEncrypted, true), (TestKeys.rsaTraditionalEncrypted, true), (TestKeys.rsa, false),
            (TestKeys.rsaPKCS1, false),
        ] {
            #expect(PEMBlock.all(in: Array(pem.utf8)).map(\.isEncrypted) == [isEncrypted])
        }
    }

    /// A text full of beginnings takes one look at each, not one at everything behind each.
    @Test func beginningsWithoutEnds() {
        let text = String(repeating: "-----BEGIN PUBLIC KEY-----\n", count: 5000)
        #expect(PEMBlock.all(in: Array(text.utf8)).isEmpty)
    }
}
