import ArgumentParser
import JSONWebToken
import LoadGenerator

extension Algorithm: @retroactive ExpressibleByArgument {}

/// Which tokens connections present.
struct TokenOptions: ParsableArguments {
    enum Use: String, ExpressibleByArgument, CaseIterable {
        case none, same, unique
    }

    @Option(help: "Tokens in the handshake: none, the same for all, or one each, signed before the storm.")
    var tokens: Use = .none

    @Option(help: "Algorithm that signs them: HS256, RS256, PS256, ES256, EdDSA, …")
    var algorithm: Algorithm = .HS256

    @Option(help: "File with the server's secret. A server that is started gets a fresh key if none is given.")
    var secretFile: String?

    @Option(help: "File with the private key, PEM, whose public key the server has.")
    var privateKeyFile: String?

    var use: Workload.TokenUse {
        switch tokens {
        case .none: .none
        case .same: .same(algorithm)
        case .unique: .unique(algorithm)
        }
    }

    func keys() throws -> KeyRing {
        let ring = try KeyRing()
        if let secretFile { try ring.use(secretFile: secretFile) }
        if let privateKeyFile { try ring.use(privateKeyFile: privateKeyFile, for: algorithm) }
        return ring
    }
}
