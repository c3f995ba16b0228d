import JSONWebToken
import SocketProtocol
import StrictJSON

/// Signs and verifies tokens in the place of the built-in JSON Web Token engine (contract §8, "Custom server engine"), e.g. by
/// asking an identity provider.
///
/// Set as ``AGServerOptions/authEngine``. Both methods may take their time: the socket that waits takes no further message
/// meanwhile, the others notice nothing. Verification has a deadline, ``AGServerOptions/authEngineTimeout``, at which its task is
/// cancelled. `server.auth` does the built-in part, for an engine that only adds to it.
public protocol AuthEngine: Sendable {
    /// Judges a token.
    ///
    /// - Parameters:
    ///   - signedToken: the token as the client sent it. A secret: do not log it.
    ///   - keys: the server's ``AGServer/verificationKey``.
    ///   - options: who presents it.
    /// - Returns: the identity.
    /// - Throws: ``AuthEngineError`` or `TokenError` to say what is wrong with the token, or an `AGError` that is sent as it is.
    ///   Anything else counts as ``AuthEngineError/cannotVerify(_:)`` without a text, so that an outage does not cost clients their tokens
    ///   (contract §20.7).
    func verifyToken(
        _ signedToken: String,
        _ keys: KeySet,
        options: AuthVerificationOptions
    ) async throws -> AGAuthToken

    /// Signs claims for a client.
    ///
    /// - Parameters:
    ///   - payload: the claims that ``AGServerSocket/setAuthToken(_:options:)`` was given.
    ///   - key: the server's ``AGServer/signatureKey``; nil if it only verifies.
    ///   - options: how; the server's defaults are in it.
    /// - Throws: anything; the socket closes with 4002 then (contract §9.4).
    func signToken(_ payload: JSONObject, _ key: SigningKey?, options: SigningOptions) async throws -> String
}
