import AsyngularSupport

/// A change of ``AGClientAuthState``.
public struct AGClientAuthStateChange: Sendable {
    /// The state before.
    public let oldAuthState: AGClientAuthState
    /// The state now.
    public let newAuthState: AGClientAuthState
    /// The token, when the client became authenticated; nil also if the server knows it by other means than a token.
    public let authToken: AGClientAuthToken?

    /// The token as it was signed. A secret: do not log it.
    public var signedAuthToken: String? { authToken?.signed }
}

/// A token was accepted, also when another one was before.
public struct AGClientAuthentication: Sendable {
    /// The token; nil if the server knows the client by other means than a token.
    public let authToken: AGClientAuthToken?

    /// The token as it was signed. A secret: do not log it.
    public var signedAuthToken: String? { authToken?.signed }
}

/// The client lost its identity.
public struct AGClientDeauthentication: Sendable {
    /// The token it had.
    public let oldAuthToken: AGClientAuthToken?

    /// The token as it was signed. A secret: do not log it.
    public var oldSignedAuthToken: String? { oldAuthToken?.signed }
}

/// The stored token was removed.
public struct AGAuthTokenRemoval: Sendable {
    private let text: RedactedText

    init(_ signed: String?) {
        text = RedactedText(text: signed)
    }

    /// The signed token that was stored; nil if none was. A secret: do not log it.
    public var oldAuthToken: String? { text.text }
}
