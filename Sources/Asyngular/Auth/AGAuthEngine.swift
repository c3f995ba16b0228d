import JSONWebToken
import SocketProtocol
import StrictJSON
import Synchronization

/// Signs and verifies tokens outside a socket, as `server.auth` (contract §8).
///
/// An HTTP route, say, signs a token that the client then stores and presents in its handshake. Unlike
/// ``AGServerSocket/setAuthToken(_:options:)``, signing here applies no default expiry (contract §8).
public final class AGAuthEngine: Sendable {
    private let signer = Mutex(TokenSigner())
    private let verifier = Mutex(TokenVerifier())
    private let policy: VerificationPolicy

    init(policy: VerificationPolicy) {
        self.policy = policy
    }

    /// Signs a token.
    ///
    /// - Parameters:
    ///   - payload: the claims.
    ///   - key: usually `server.signatureKey`.
    ///   - options: see `SigningOptions`; without them HS256, `iat` and no `exp`.
    /// - Throws: `SigningError` naming what is wrong with the claims or options.
    public func signToken(
        _ payload: JSONObject,
        _ key: SigningKey,
        options: SigningOptions = SigningOptions()
    ) throws(SigningError) -> String {
        let now = WallClock.seconds()
        return try signer.withLock { (signer) throws(SigningError) in
            try signer.sign(payload, key: key, options: options, now: now)
        }
    }

    /// Verifies a token.
    ///
    /// - Parameters:
    ///   - signedToken: the compact token.
    ///   - keys: usually `server.verificationKey`.
    /// - Returns: the claims.
    /// - Throws: `TokenError` with the message a client would see (contract §8).
    public func verifyToken(_ signedToken: String, _ keys: KeySet) throws(TokenError) -> AGAuthToken {
        let now = WallClock.seconds()
        let bytes = Array(signedToken.utf8)
        let policy = policy
        return AGAuthToken(
            try verifier.withLock { (verifier) throws(TokenError) in
                try verifier.verify(bytes.rawBytes, keys: keys, policy: policy, now: now)
            }
        )
    }
}
