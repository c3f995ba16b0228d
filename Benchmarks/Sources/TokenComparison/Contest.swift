import CBareCrypto
import CBenchSupport
import JSONWebToken
import LoadGenerator

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

#if JWTKit
import JWTKit
#endif

/// The verifications of one token.
@safe
final class Contest {
    static let ours = "this engine"
    static let claims = "this engine, and the claims decoded"
    static let jwtKit = "vapor/jwt-kit 5.7.1"
    private static let bareHMAC = "one kept-context HMAC of the same bytes"
    private static let barePKey = "OpenSSL, bare"

    /// What takes part; the bare verification first.
    let names: [String]
    private let token: [UInt8]
    private let text: String
    private let keys: KeySet
    private let verifier = TokenVerifier()
    private let input: [UInt8]
    private var signature: [UInt8]
    private var hmac: OpaquePointer?
    private var key: OpaquePointer?
    #if JWTKit
    private let kit = JWTKeyCollection()
    #endif
    private let now: Int64

    init(algorithm: Algorithm, token: String, entry: KeyRing.Entry) async throws {
        text = token
        self.token = Array(token.utf8)
        now = Int64(time(nil))
        keys = KeySet([entry.signing.verificationKey])
        let parts = token.split(separator: ".")
        input = Array("\(parts[0]).\(parts[1])".utf8)
        signature = Base64.decode(parts[2])
        if let secret = entry.values["secret"] {
            let bytes = Array(secret.utf8)
            unsafe hmac = unsafe bare_hmac_create(bytes, bytes.count)
            #if JWTKit
            await kit.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
            names = [Self.bareHMAC, Self.ours, Self.claims, Self.jwtKit]
            #else
            names = [Self.bareHMAC, Self.ours, Self.claims]
            #endif
        } else {
            let kind = CChar(UInt8(ascii: algorithm == .EdDSA ? "D" : algorithm == .ES256 ? "E" : "R"))
            unsafe key = unsafe bare_key_read(entry.values["publicKeyFile"] ?? "", kind)
            if algorithm == .ES256 {
                var der = [UInt8](repeating: 0, count: 80)
                let count = unsafe bare_ecdsa_to_der(signature, signature.count, &der)
                signature = Array(der[..<count])
            }
            names = [Self.barePKey, Self.ours]
        }
    }

    /// Microseconds for one verification, from about 30 ms of them.
    func measure(_ name: String) async throws -> Double {
        var count = 8
        while true {
            let began = bench_now()
            try await run(name, count)
            let spent = Double(bench_now() - began)
            if spent > 20_000_000 { return spent / 1000 / Double(count) }
            count = spent > 1_000_000 ? Int(Double(count) * 30_000_000 / spent) : count * 8
        }
    }

    private func run(_ name: String, _ count: Int) async throws {
        switch name {
        case Self.ours:
            for _ in 0..<count { _ = try verifier.verify(token, keys: keys, now: now) }
        case Self.claims:
            for _ in 0..<count { _ = try verifier.verify(token, keys: keys, now: now).claims() }
        case Self.bareHMAC:
            var digest = [UInt8](repeating: 0, count: 32)
            for _ in 0..<count {
                precondition(unsafe bare_hmac_compute(hmac, input, input.count, &digest))
            }
            precondition(digest == signature, "the bare HMAC is the token's")
        case Self.barePKey:
            for _ in 0..<count {
                precondition(unsafe bare_key_verify(key, input, input.count, signature, signature.count))
            }
        default:
            #if JWTKit
            for _ in 0..<count { _ = try await kit.verify(text, as: KitPayload.self) }
            #endif
        }
    }
}

#if JWTKit
/// What jwt-kit decodes: the claims that it checks, and those an application reads.
struct KitPayload: JWTPayload {
    var sub: SubjectClaim
    var exp: ExpirationClaim
    var iat: IssuedAtClaim
    var username: String
    var channels: [String]
    var role: String

    func verify(using key: some JWTAlgorithm) throws {
        try exp.verifyNotExpired()
    }
}
#endif

/// Reads base64url.
enum Base64 {
    static func decode(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text.utf8 {
            let value: UInt32 =
                switch character {
                case 0x41...0x5A: UInt32(character) - 0x41
                case 0x61...0x7A: UInt32(character) - 0x61 + 26
                case 0x30...0x39: UInt32(character) - 0x30 + 52
                case 0x2D: 62
                default: 63
                }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
