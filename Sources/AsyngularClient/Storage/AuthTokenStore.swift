/// Keeps a client's token from one connection, and one run of the program, to the next (contract §10).
///
/// A client loads the token at every connection attempt, saves the one that the server or a login gives it, and removes the one
/// that the server takes back. It makes one call at a time. What a load throws fails the attempt, which is repeated later; what
/// the others throw is reported as an error.
public protocol AuthTokenStore: Sendable {
    /// Stores a token, replacing an older one.
    ///
    /// - Parameters:
    ///   - token: the signed token.
    ///   - name: what it is stored under; see ``AuthTokenNaming``.
    func saveToken(_ token: String, name: String) async throws

    /// The stored token; nil if there is none.
    func loadToken(name: String) async throws -> String?

    /// Removes the stored token.
    ///
    /// - Returns: the one that was stored; nil if there was none.
    @discardableResult
    func removeToken(name: String) async throws -> String?
}
