import Testing

@testable import JSONWebToken

@Suite struct ECDSAContextTests {
    static let algorithms = [Algorithm.ES256, .ES384, .ES512]

    /// The order of the curve's group, big-endian.
    private func order(_ algorithm: Algorithm) -> [UInt8] {
        let text =
            switch algorithm {
            case .ES256: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
            case .ES384:
                "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
            default:
                "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                    + "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
            }
        let digits = Array(text.utf8).map { $0 > 0x39 ? $0 - 0x57 : $0 - 0x30 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// CVE-2022-21449 and its neighbours: halves of 0, the order, and more than the order.
    @Test(arguments: algorithms)
    func halvesOutOfRange(_ algorithm: Algorithm) throws {
        let token = try TestSignatures.token(algorithm)
        let keys = KeySet([TestSignatures.pair(for: algorithm).verification])
        let half = TestSignatures.pair(for: algorithm).verification.type.coordinateLength
        let zero = [UInt8](repeating: 0, count: half)
        let order = order(algorithm)
        #expect(order.count == half)
        let one = zero.dropLast() + [1]
        let largest = [UInt8](repeating: 255, count: half)
        for bad in [zero, order, largest] {
            for change in [
                { _ in bad + bad }, { $0[..<half] + bad }, { bad + $0[half...] }, { _ in one + bad },
                { _ in bad + one },
            ] as [([UInt8]) -> [UInt8]] {
                let forged = TestSignatures.replacing(token, signature: change)
                #expect(TestTokens.failure(forged, keys: keys) == .invalidSignature)
            }
        }
    }

    /// The DER form, which other tools print, is no JOSE signature.
    @Test(arguments: algorithms)
    func refusesDER(_ algorithm: Algorithm) throws {
        let token = try TestSignatures.token(algorithm)
        let keys = KeySet([TestSignatures.pair(for: algorithm).verification])
        let der = TestSignatures.replacing(token) { raw in
            unsafe [UInt8](unsafeUninitializedCapacity: ECDSASignature.maximumDERLength) { output, count in
                count = unsafe raw.withUnsafeBytes { unsafe ECDSASignature.encode(raw: $0, into: output) ?? 0 }
            }
        }
        #expect(TestTokens.failure(der, keys: keys) == .invalidSignature)
    }

    @Test(arguments: algorithms)
    func lengthsAreExact(_ algorithm: Algorithm) throws {
        let material = TestSignatures.pair(for: algorithm).signing.material
        let key = try #require(material.key)
        let digest = try #require(algorithm.digest)
        let context = try #require(ECDSAContext(key, digest))
        #expect(context.length == [.ES256: 64, .ES384: 96, .ES512: 132][algorithm])
        // Every now and then a half begins with zeros, which stay.
        for round in 0..<24 {
            let message: [UInt8] = [UInt8(round)]
            let signature = unsafe [UInt8](unsafeUninitializedCapacity: context.length) { output, count in
                count = unsafe message.withUnsafeBytes { unsafe context.sign($0, into: output.baseAddress!) ?? 0 }
            }
            #expect(signature.count == context.length)
            let other = TestSignatures.pair(for: algorithm).verification
            #expect(TestSignatures.isValid(signature, message, other, algorithm) == true)
        }
    }

    @Test func needsACurve() throws {
        let rsa = try #require(TestSignatures.rsa.signing.material.key)
        #expect(ECDSAContext(rsa, .sha256) == nil)
    }
}
