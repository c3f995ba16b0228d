import Foundation
import JSONWebToken
import StrictJSON
import Testing

extension Interop {
    /// Every algorithm in both directions with PyJWT and jwcrypto, with keys that the `openssl` command made in every
    /// container, and with JWKs that either side wrote.
    @Test func signatures() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("signatures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = Locations.peers.appendingPathComponent("signatures.py").path
        let make = try await Command.run(Locations.python(), [script, "make", folder.path])
        try #require(make.status == 0, "\(make.errors.suffix(4000))")

        let made = try JSONValue(parsing: [UInt8](Data(contentsOf: folder.appendingPathComponent("made.json"))))
        let claims = try #require(made["claims"]?.objectValue)
        var signed: [JSONValue] = []
        var covered: Set<Algorithm> = []
        for entry in try #require(made["keys"]?.arrayValue) {
            let peer = try SignaturePeer(entry)
            try peer.verify(claims)
            signed += try peer.sign(claims)
            covered.formUnion(peer.algorithms)
        }
        #expect(covered == Set(Algorithm.allCases))

        try Data(JSONValue.array(signed).serialized()).write(to: folder.appendingPathComponent("signed.json"))
        let check = try await Command.run(Locations.python(), [script, "check", folder.path])
        let lines = check.output.split(separator: "\n")
        for line in lines where !line.hasPrefix("PASS ") { Issue.record("signatures.py: \(line)") }
        #expect(check.status == 0 && lines.count == signed.count, "\(check.errors.suffix(4000))")
    }
}

/// One key pair or secret of `made.json`, read in all its forms.
private struct SignaturePeer {
    let tokens: [(algorithm: Algorithm, by: String, token: [UInt8])]
    private let signing: [(name: String, key: SigningKey)]
    private let verification: [(name: String, key: VerificationKey)]
    /// The peers' own JWK, for secrets, which this package does not write.
    private let publicJWK: JSONObject?

    var algorithms: Set<Algorithm> { Set(tokens.map(\.algorithm)) }

    init(_ entry: JSONValue) throws {
        var signing: [(String, SigningKey)] = []
        var verification: [(String, VerificationKey)] = []
        for container in try #require(entry["private"]?.arrayValue) {
            let name = try #require(container["name"]?.stringValue)
            let pem = try #require(container["pem"]?.stringValue)
            signing.append((name, try .pem(pem, passphrase: container["passphrase"]?.stringValue)))
        }
        for container in try #require(entry["public"]?.arrayValue) {
            let name = try #require(container["name"]?.stringValue)
            verification.append((name, try .pem(try #require(container["pem"]?.stringValue))))
        }
        let privateJWK = try #require(entry["privateJWK"]?.stringValue)
        let publicJWK = try #require(entry["publicJWK"]?.stringValue)
        signing.append(("JWK", try .jwk(Array(privateJWK.utf8))))
        verification.append(("JWK", try .jwk(Array(publicJWK.utf8))))
        verification.append(("private JWK", try .jwk(Array(privateJWK.utf8))))
        for (name, key) in signing { verification.append(("public part of \(name)", key.verificationKey)) }
        self.signing = signing
        self.publicJWK = try JSONValue(parsing: Array(publicJWK.utf8)).objectValue
        self.verification = verification
        tokens = try #require(entry["tokens"]?.arrayValue).map { token in
            let algorithm = try #require(token["algorithm"]?.stringValue.flatMap(Algorithm.init(rawValue:)))
            return (
                algorithm, token["by"]?.stringValue ?? "?", Array(try #require(token["token"]?.stringValue).utf8)
            )
        }
    }

    /// Every form of the key accepts every token of the peers, and none with another signature.
    func verify(_ claims: JSONObject) throws {
        let verifier = TokenVerifier()
        for (algorithm, by, token) in tokens {
            for (name, key) in verification {
                let keys = KeySet([key])
                let note: Comment = "\(algorithm) of \(by), verified with \(name)"
                let verified = try? verifier.verify(token, keys: keys, now: 1_700_000_100)
                #expect(try verified?.claims() == .object(claims), note)
                #expect(verified?.algorithm == algorithm, note)
                let dot = try #require(token.lastIndex(of: 0x2E))
                var signature = try #require(Base64URL.decode(token[(dot + 1)...]))
                signature[signature.count / 2] ^= 1
                let forged = Array(token[...dot]) + Array(Base64URL.encode(signature).utf8)
                #expect(throws: TokenError.invalidSignature, note) {
                    try verifier.verify(forged, keys: keys, now: 1_700_000_100)
                }
            }
        }
    }

    /// A token by every form of the key and every algorithm, with the public key as this package writes it.
    func sign(_ claims: JSONObject) throws -> [JSONValue] {
        try signing.flatMap { name, key in
            try algorithms.sorted { $0.rawValue < $1.rawValue }.map { algorithm in
                let options = SigningOptions(algorithm: algorithm, expiresIn: nil)
                let token = try TokenSigner().sign(claims, key: key, options: options, now: 1)
                let jwk = try #require(key.verificationKey.jwk ?? publicJWK)
                return [
                    "algorithm": .string(algorithm.rawValue), "by": .string("signed with \(name)"),
                    "token": .string(token),
                    "jwk": .string(String(decoding: JSONValue.object(jwk).serialized(), as: UTF8.self)),
                ]
            }
        }
    }
}
