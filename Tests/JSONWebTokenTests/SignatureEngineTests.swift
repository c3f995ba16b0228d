import StrictJSON
import Testing

@testable import JSONWebToken

/// All algorithms through tokens; what is special to a family is in the tests of its context.
@Suite struct SignatureEngineTests {
    @Test(arguments: TestSignatures.asymmetric)
    func signsAndVerifies(_ algorithm: Algorithm) throws {
        let verifier = TokenVerifier()
        let keys = KeySet([TestSignatures.pair(for: algorithm).verification])
        // The same contexts again and again, also after a failure.
        for round in 0..<3 {
            let token = try TestSignatures.token(algorithm, claims: ["round": .integer(Int64(round))])
            let verified = try verifier.verify(token, keys: keys, now: TestTokens.now)
            #expect(verified.algorithm == algorithm)
            #expect(try verified.claims()["round"] == .integer(Int64(round)))
            let parts = token.split(separator: 0x2E)
            let other = Array(Base64URL.encode(Array(#"{"round":7}"#.utf8)).utf8)
            let bad = Array([Array(parts[0]), other, Array(parts[2])].joined(separator: [0x2E]))
            #expect(TestTokens.failure(bad, keys: keys, verifier: verifier) == .invalidSignature)
        }
    }

    /// One signer and its derived key.
    @Test(arguments: TestSignatures.asymmetric)
    func oneSignerManyTokens(_ algorithm: Algorithm) throws {
        let key = TestSignatures.pair(for: algorithm).signing
        let signer = TokenSigner()
        let keys = KeySet([key.verificationKey])
        for _ in 0..<3 {
            let options = SigningOptions(algorithm: algorithm, expiresIn: 60)
            let token = try signer.sign([:], key: key, options: options, now: TestTokens.now)
            #expect(TestTokens.failure(Array(token.utf8), keys: keys) == nil)
        }
    }

    @Test(arguments: TestSignatures.asymmetric)
    func anyChangedBitInvalidates(_ algorithm: Algorithm) throws {
        let token = try TestSignatures.token(algorithm)
        let keys = KeySet([TestSignatures.pair(for: algorithm).verification])
        let verifier = TokenVerifier()
        #expect(TestTokens.failure(token, keys: keys, verifier: verifier) == nil)
        for place in 0..<16 {
            let changed = TestSignatures.replacing(token) { signature in
                var changed = signature
                changed[place * (signature.count - 1) / 15] ^= 1 << UInt8(place & 7)
                return changed
            }
            #expect(TestTokens.failure(changed, keys: keys, verifier: verifier) == .invalidSignature)
        }
    }

    @Test(arguments: TestSignatures.asymmetric)
    func otherLengthsAreInvalid(_ algorithm: Algorithm) throws {
        let token = try TestSignatures.token(algorithm)
        let keys = KeySet([TestSignatures.pair(for: algorithm).verification])
        let changes: [([UInt8]) -> [UInt8]] = [
            { Array($0.dropLast()) }, { $0 + [0] }, { [0] + $0 }, { Array($0.dropFirst()) }, { $0 + $0 },
            { Array($0[..<1]) }, { [UInt8](repeating: 0, count: $0.count) },
            { [UInt8](repeating: 255, count: $0.count) },
            { _ in [UInt8](repeating: 1, count: 2000) },
        ]
        for change in changes {
            let changed = TestSignatures.replacing(token, signature: change)
            #expect(TestTokens.failure(changed, keys: keys) == .invalidSignature)
        }
        #expect(TestTokens.failure(TestSignatures.replacing(token) { _ in [] }, keys: keys) == .signatureRequired)
    }

    @Test(arguments: TestSignatures.asymmetric)
    func anotherKeyOfTheKindDoesNotVerify(_ algorithm: Algorithm) throws {
        let other: VerificationKey =
            switch algorithm {
            case .ES256: try .pem(TestKeys.p256WithParameters)
            case .ES384: try .pem(TestKeys.otherP384Public)
            case .ES512: try .jwk(RFCVectors.es512Key)
            case .EdDSA: try .jwk(RFCVectors.edDSAKey)
            default: try .jwk(RFCVectors.rs256Key)
            }
        #expect(TestTokens.failure(try TestSignatures.token(algorithm), keys: KeySet([other])) == .invalidSignature)
    }

    /// The halves of a pair do their own work only.
    @Test(arguments: TestSignatures.asymmetric)
    func halves(_ algorithm: Algorithm) throws {
        let pair = TestSignatures.pair(for: algorithm)
        let signing = try #require(SignatureEngine(pair.signing.material, algorithm))
        let verifying = try #require(SignatureEngine(pair.verification.material, algorithm))
        let buffer = [UInt8](repeating: 1, count: signing.maximumSignatureLength)
        unsafe buffer.withUnsafeBytes { bytes in
            #expect(unsafe signing.isValid(signature: bytes, over: bytes) == nil)
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: buffer.count) { output in
                #expect(unsafe verifying.sign(bytes, into: output.baseAddress!) == nil)
            }
        }
    }

    @Test func noEngineForWhatDoesNotFit() {
        for algorithm in Algorithm.allCases {
            for pair in [TestSignatures.rsa, TestSignatures.p256, TestSignatures.p384, TestSignatures.ed25519] {
                let fits = pair.signing.type.algorithms.contains(algorithm)
                #expect((SignatureEngine(pair.signing.material, algorithm) != nil) == fits)
                #expect((SignatureEngine(pair.verification.material, algorithm) != nil) == fits)
            }
        }
    }

    /// One key shared by threads that have a verifier and a signer each.
    @Test func keysAreSharedBetweenThreads() async throws {
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let verifier = TokenVerifier()
                    return TestSignatures.asymmetric.allSatisfy { algorithm in
                        guard let token = try? TestSignatures.token(algorithm) else { return false }
                        let keys = KeySet([TestSignatures.pair(for: algorithm).verification])
                        return TestTokens.failure(token, keys: keys, verifier: verifier) == nil
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes == [true, true, true, true])
    }
}
