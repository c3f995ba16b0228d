import COpenSSL
import Testing

@testable import JSONWebToken

@Suite struct PrehashedContextTests {
    /// A signature with a salt of another length (RFC 7518 §3.5 asks for the hash's).
    @Test(arguments: [0, 20, 31, 33, 222])
    func saltLengthIsExact(_ length: Int32) throws {
        let message = Array("message".utf8)
        let key = try #require(TestSignatures.rsa.signing.material.key)
        #expect(
            TestSignatures.isValid(try sign(message, key, salt: 32), message, TestSignatures.rsa.verification, .PS256)
                == true
        )
        let odd = try sign(message, key, salt: length)
        #expect(odd.count == 256)
        #expect(TestSignatures.isValid(odd, message, TestSignatures.rsa.verification, .PS256) == false)
    }

    /// MGF1 over another hash (RFC 7518 §3.5 asks for the same).
    @Test func maskGenerationUsesTheSameHash() throws {
        let message = Array("message".utf8)
        let key = try #require(TestSignatures.rsa.signing.material.key)
        let odd = try sign(message, key, salt: 32, hasOtherMask: true)
        #expect(TestSignatures.isValid(odd, message, TestSignatures.rsa.verification, .PS256) == false)
    }

    /// A bad signature leaves nothing in the error queue for others on this thread to stumble over.
    @Test func leavesNoErrors() throws {
        ERR_clear_error()
        for algorithm in TestSignatures.asymmetric {
            let key = TestSignatures.pair(for: algorithm).verification
            for byte in [UInt8(1), 255] {
                let length = SignatureEngine(key.material, algorithm)?.maximumSignatureLength ?? 0
                #expect(TestSignatures.isValid([UInt8](repeating: byte, count: length), [], key, algorithm) == false)
                #expect(ERR_peek_error() == 0)
            }
        }
        #expect(throws: KeyError.self) { try VerificationKey.pem(TestKeys.rsaShort) }
        #expect(throws: KeyError.self) { try VerificationKey.der([0x30, 0x01]) }
        #expect(throws: KeyError.self) { try SigningKey.pem(TestKeys.rsaEncrypted, passphrase: "wrong") }
        #expect(ERR_peek_error() == 0)
    }

    private func sign(
        _ message: [UInt8],
        _ key: ParsedKey,
        salt: Int32,
        hasOtherMask: Bool = false
    ) throws -> [UInt8] {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var operation: OpaquePointer?
        var count = 256
        var signature = [UInt8](repeating: 0, count: count)
        let isSigned = unsafe key.withPointer { pointer in
            unsafe EVP_DigestSignInit(context, &operation, EVP_sha256(), nil, pointer) == 1
                && EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, salt) == 1
                && (!hasOtherMask || EVP_PKEY_CTX_set_rsa_mgf1_md(operation, EVP_sha1()) == 1)
                && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        }
        #expect(isSigned)
        return signature
    }
}
