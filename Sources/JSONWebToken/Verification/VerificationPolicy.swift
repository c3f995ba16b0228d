/// What a verifier asks of a token besides a valid signature.
///
/// The defaults are those of a stock SocketCluster server (contract §8) plus the limits it lacks.
public struct VerificationPolicy: Sendable, Hashable {
    /// The algorithms accepted; `nil`, the default, accepts what the type of the key allows. A key never verifies
    /// another algorithm than its own, whatever stands here (RFC 8725 §3.1).
    public var algorithms: Set<Algorithm>? {
        get { mask?.algorithms }
        set { mask = newValue.map { AlgorithmMask($0) } }
    }

    /// How many seconds `exp` may be in the past and `nbf` in the future; 0 by default.
    public var clockToleranceSeconds = 0

    /// The longest token looked at, in bytes; 8192 by default.
    public var maximumTokenLength = 8192

    /// The longest `kid` accepted, in bytes; 256 by default.
    public var maximumKeyIDLength = 256

    /// How long an HMAC secret has to be; ``KeyStrength/any`` by default, as stock servers accept short ones.
    public var minimumKeyStrength = KeyStrength.any

    /// The issuers accepted: `iss` must be one of them. `nil`, the default, does not look at `iss`.
    public var issuers: [String]?

    /// The audiences accepted: `aud`, a string or an array, must name one of them. `nil`, the default, does not look at it.
    public var audiences: [String]?

    /// What `sub` must be. `nil`, the default, does not look at it.
    public var subject: String?

    /// What `typ` must be, without regard to ASCII case and to an `application/` prefix (RFC 7515 §4.1.9, RFC 8725 §3.11).
    /// `nil`, the default, does not look at it.
    public var type: String?

    /// The age by `iat`, in seconds, from which a token counts as expired; `nil`, the default, does not look at it.
    public var maximumAgeSeconds: Int?

    /// The algorithms accepted, `nil` for any.
    private(set) var mask: AlgorithmMask?

    /// The default policy.
    public init() {}

    /// A policy that accepts only the algorithms given.
    public init(algorithms: Set<Algorithm>?) {
        self.algorithms = algorithms
    }
}
