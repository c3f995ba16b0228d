import JSONWebToken
import SocketProtocol
import StrictJSON
import WebSocket

/// The options in the form the loops use, fixed when the server is made.
final class ServerSettings: Sendable {
    let options: AGServerOptions
    let channelLimit: Int
    let origins: OriginPolicy
    let policy: VerificationPolicy
    let parserLimits: WebSocketParser.Limits
    let headLimits: HTTPRequestParser.Limits
    /// Told the name of every event in the order of emission; for tests.
    let trace: (@Sendable (_ socketID: String, _ event: String) -> Void)?
    /// Whether ``AGServerOptions/authEngine`` is set; asking takes no copy of it.
    let hasAuthEngine: Bool
    private let filtered: UInt32

    init(_ options: AGServerOptions, trace: (@Sendable (String, String) -> Void)? = nil) {
        self.options = options
        self.trace = trace
        channelLimit = options.socketChannelLimit ?? .max
        origins = OriginPolicy(options.origins)
        var policy = VerificationPolicy()
        policy.algorithms = options.authVerifyAlgorithms ?? options.authAlgorithm.map { [$0] }
        policy.maximumTokenLength = options.maximumTokenLength
        policy.issuers = options.authIssuers
        policy.audiences = options.authAudiences
        policy.subject = options.authSubject
        policy.type = options.authTokenType
        policy.maximumAgeSeconds = options.authMaximumAge
        policy.clockToleranceSeconds = options.authClockTolerance
        self.policy = policy
        var limits = WebSocketParser.Limits()
        limits.maximumMessageSize = options.maxPayload
        limits.maximumFragments = options.maximumFragments
        parserLimits = limits
        var head = HTTPRequestParser.Limits()
        head.maximumHeadBytes = options.maximumHeadBytes
        head.maximumHeaders = options.maximumHeaderFields
        headLimits = head
        hasAuthEngine = options.authEngine != nil
        filtered = options.actionFilter?.kinds.reduce(0) { $0 | Self.bit($1) } ?? 0
    }

    /// Whether the filter wants to be asked about a kind of action.
    func filters(_ kind: AGAction.Kind) -> Bool {
        filtered != 0 && filtered & Self.bit(kind) != 0
    }

    /// Fills in the server's own options (contract §8): the algorithm, and the default expiry unless the claims have one.
    func signingOptions(
        _ options: SigningOptions,
        for payload: JSONObject,
        keys: AGKeyRing
    ) -> SigningOptions {
        var options = options
        options.algorithm = keys.signatureAlgorithm(self.options.authAlgorithm)
        if options.expiresIn == nil, payload["exp"] == nil {
            options.expiresIn = .seconds(Int64(self.options.authDefaultExpiry))
        }
        return options
    }

    func decide(_ action: AGAction) -> AGActionVerdict {
        options.actionFilter?.decide(action) ?? .allow
    }

    private static func bit(_ kind: AGAction.Kind) -> UInt32 {
        let index: UInt32 =
            switch kind {
            case .handshakeWS: 0
            case .handshakeSC: 1
            case .authenticate: 2
            case .transmit: 3
            case .invoke: 4
            case .subscribe: 5
            case .publishIn: 6
            }
        return 1 << index
    }
}
