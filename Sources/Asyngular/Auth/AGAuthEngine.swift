import JSONWebToken
import SocketProtocol
import StrictJSON
import Synchronization

/// The server's authentication, as `server.auth`: signs and verifies tokens outside a socket (contract §8), renews identities
/// and revokes them.
///
/// An HTTP route, say, signs a token that the client then stores and presents in its handshake. Unlike
/// ``AGServerSocket/setAuthToken(_:options:)``, signing here applies no default expiry (contract §8).
public final class AGAuthEngine: AuthEngine {
    private let signer = Mutex(TokenSigner())
    private let verifier = Mutex(TokenVerifier())
    private let policy: VerificationPolicy
    let revocations: RevocationList
    let state = Mutex(State())

    struct State: Sendable {
        weak var server: AGServer?
        var refresh: AuthRefresh?
        var storeTask: Task<Void, Never>?
        var store: (any AGRevocationStore)?
    }

    init(policy: VerificationPolicy, revocationLimit: Int) {
        self.policy = policy
        revocations = RevocationList(limit: revocationLimit)
    }

    deinit {
        state.withLock { $0.storeTask?.cancel() }
    }

    /// Signs a token.
    ///
    /// - Parameters:
    ///   - payload: the claims.
    ///   - key: usually `server.signatureKey`; nil, a server that only verifies, is an error.
    ///   - options: see `SigningOptions`; without them HS256, `iat` and no `exp`.
    /// - Throws: `SigningError` naming what is wrong with the claims or options.
    public func signToken(
        _ payload: JSONObject,
        _ key: SigningKey?,
        options: SigningOptions = SigningOptions()
    ) throws(SigningError) -> String {
        guard let key else { throw .keyRequired }
        let now = WallClock.seconds()
        return try signer.withLock { (signer) throws(SigningError) in
            try signer.sign(payload, key: key, options: options, now: now)
        }
    }

    /// Verifies a token, and that it has not been revoked.
    ///
    /// - Parameters:
    ///   - signedToken: the compact token.
    ///   - keys: usually `server.verificationKey`.
    /// - Returns: the claims.
    /// - Throws: `TokenError` with the message a client would see (contract §8).
    public func verifyToken(_ signedToken: String, _ keys: KeySet) throws(TokenError) -> AGAuthToken {
        let options = AuthVerificationOptions(socket: nil, request: nil, policy: policy)
        return try verifyToken(signedToken, keys, options: options)
    }

    /// Verifies a token for a custom engine that does the rest itself; see ``verifyToken(_:_:)``.
    public func verifyToken(
        _ signedToken: String,
        _ keys: KeySet,
        options: AuthVerificationOptions
    ) throws(TokenError) -> AGAuthToken {
        let now = WallClock.seconds()
        let bytes = Array(signedToken.utf8)
        let token = AGAuthToken(
            try verifier.withLock { (verifier) throws(TokenError) in
                try verifier.verify(bytes.rawBytes, keys: keys, policy: options.policy, now: now)
            }
        )
        guard !revocations.contains(token) else { throw .revoked }
        return token
    }

    // MARK: Renewal

    /// Renews identities before they expire: some time before `exp` the handler makes claims, which are signed and sent with
    /// `#setAuthToken`. The socket stays authenticated and keeps its subscriptions.
    ///
    /// Returning the old token's claims (`token.claims`) gives the client the same identity for another lifetime: an `iat`, `nbf`
    /// or `exp` equal to the old one's is left out. A `nil` lets the identity expire; so does an error, which is reported as the
    /// socket's `error`. A token with less time left than `lead` is renewed when half of that has passed. One renewal is
    /// tried per token. Call it before clients connect: a socket takes the rule up with its next token.
    ///
    /// - Parameters:
    ///   - lead: how long before `exp`.
    ///   - handler: given the socket and its token; may await. It runs while the socket goes on.
    public func refresh(before lead: Duration, _ handler: @escaping AGRefreshHandler) {
        let rule = AuthRefresh(lead: Double(lead.milliseconds), handler: handler)
        let server = state.withLock { state in
            state.refresh = rule
            return state.server
        }
        server?.onEveryLoop { $0.authRefresh = rule }
    }
}
