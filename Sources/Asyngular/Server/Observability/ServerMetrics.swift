import CoreMetrics
import JSONWebToken
import SocketProtocol

/// What a server counts for swift-metrics. The objects are made once per server, so that an event costs a call of its handler.
///
/// Every dimension's values are one of the sets below: none ever comes from a peer.
final class ServerMetrics: Sendable {
    /// What became of a token that was verified.
    enum TokenOutcome: Int, CaseIterable {
        case accepted
        case expired
        case notActive
        case invalid
        case unavailable

        var label: String { self == .notActive ? "not_active" : "\(self)" }

        init(_ error: TokenError) {
            self =
                switch error {
                case .expired, .maximumAgeExceeded: .expired
                case .notActive: .notActive
                case .unavailable: .unavailable
                default: .invalid
                }
        }

        /// By what the peer is told.
        init(_ error: AGError) {
            self =
                switch error.name {
                case "AuthTokenExpiredError": .expired
                case "AuthTokenNotBeforeError": .notActive
                default: error.isBadToken == false ? .unavailable : .invalid
                }
        }
    }

    /// What became of a socket that was to do its handshake.
    enum HandshakeOutcome: Int, CaseIterable {
        /// Open, with a good token.
        case authenticated
        /// Open, without a token.
        case anonymous
        /// Open, but the token was not accepted.
        case tokenRefused
        /// A filter refused it.
        case rejected
        /// Closed with 1013: the verification pool had no room for its token.
        case tryAgainLater
        /// No `#handshake` came in time.
        case timedOut
        /// Closed for another reason, or by the peer.
        case aborted

        var label: String {
            switch self {
            case .tokenRefused: "token_refused"
            case .tryAgainLater: "try_again_later"
            case .timedOut: "timed_out"
            default: "\(self)"
            }
        }
    }

    /// Values of the dimension `algorithm`: the algorithms, then `none` where no key fits the token's header. A custom engine's
    /// verdicts are counted under `engine`.
    private static let algorithms: [Algorithm?] = Algorithm.allCases + [nil]

    /// The place in ``algorithms``, without hashing a name for each token.
    private static func index(of algorithm: Algorithm?) -> Int {
        guard let algorithm else { return algorithms.count - 1 }
        return switch algorithm {
        case .HS256: 0
        case .HS384: 1
        case .HS512: 2
        case .RS256: 3
        case .RS384: 4
        case .RS512: 5
        case .PS256: 6
        case .PS384: 7
        case .PS512: 8
        case .ES256: 9
        case .ES384: 10
        case .ES512: 11
        case .EdDSA: 12
        }
    }

    let cacheHits: Counter
    let cacheMisses: Counter
    /// Tokens waiting, all loops together.
    let queueDepth: Meter
    /// From the token's arrival to the beginning of its batch.
    let queueWait: CoreMetrics.Timer
    let queueRefused: Counter
    /// Sockets whose handshake was accepted.
    let connections: Meter
    private let verifications: [Counter]
    private let engineVerifications: [Counter]
    private let handshakes: [Counter]
    private let authenticated: Counter
    private let unauthenticated: Counter
    private let refusedUpgrades: [Int: Counter]
    private let otherRefusedUpgrades: Counter

    /// - Parameter factory: nil takes that of `MetricsSystem`.
    init(_ factory: (any MetricsFactory)?) {
        let factory = factory ?? MetricsSystem.factory
        func counter(_ label: String, _ dimensions: (String, String)...) -> Counter {
            Counter(label: "asyngular.\(label)", dimensions: dimensions, factory: factory)
        }
        cacheHits = counter("auth.cache", ("result", "hit"))
        cacheMisses = counter("auth.cache", ("result", "miss"))
        queueDepth = Meter(label: "asyngular.auth.queue.depth", factory: factory)
        queueWait = CoreMetrics.Timer(label: "asyngular.auth.queue.wait", dimensions: [], factory: factory)
        queueRefused = counter("auth.queue.refused")
        connections = Meter(label: "asyngular.connections", factory: factory)
        verifications = Self.algorithms.flatMap { algorithm in
            TokenOutcome.allCases.map { outcome in
                counter(
                    "auth.verifications",
                    ("algorithm", algorithm?.rawValue ?? "none"),
                    ("outcome", outcome.label)
                )
            }
        }
        engineVerifications = TokenOutcome.allCases.map { outcome in
            counter("auth.verifications", ("algorithm", "engine"), ("outcome", outcome.label))
        }
        handshakes = HandshakeOutcome.allCases.map { counter("handshakes", ("outcome", $0.label)) }
        authenticated = counter("auth.state_changes", ("to", AGAuthState.authenticated.rawValue))
        unauthenticated = counter("auth.state_changes", ("to", AGAuthState.unauthenticated.rawValue))
        let statuses = [400, 401, 403, 404, 405, 408, 413, 426, 431, 503]
        refusedUpgrades = Dictionary(
            uniqueKeysWithValues: statuses.map { ($0, counter("upgrades.refused", ("status", "\($0)"))) }
        )
        otherRefusedUpgrades = counter("upgrades.refused", ("status", "other"))
    }

    /// A token was verified, whether it was found good or not.
    ///
    /// - Parameter algorithm: of the key that fits it, see `TokenVerifier.lastAlgorithm`.
    func verified(_ algorithm: Algorithm?, _ outcome: TokenOutcome) {
        let row = Self.index(of: algorithm)
        verifications[row * TokenOutcome.allCases.count + outcome.rawValue].increment()
    }

    /// A custom engine has judged a token, or has not in time.
    func engineVerified(_ result: Result<AGAuthToken, AuthFailure>) {
        let outcome: TokenOutcome =
            switch result {
            case .success: .accepted
            case .failure(let failure): TokenOutcome(failure.error)
            }
        engineVerifications[outcome.rawValue].increment()
    }

    func handshake(_ outcome: HandshakeOutcome) {
        handshakes[outcome.rawValue].increment()
    }

    func stateChanged(to state: AGAuthState) {
        (state == .authenticated ? authenticated : unauthenticated).increment()
    }

    /// A request to upgrade was answered with an HTTP error.
    func upgradeRefused(status: Int) {
        (refusedUpgrades[status] ?? otherRefusedUpgrades).increment()
    }
}
