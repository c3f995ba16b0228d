/// Where a client keeps its token, as its core sees it.
struct TokenStorage: Sendable {
    let load: @Sendable () async throws -> String?
    let save: @Sendable (String) async throws -> Void
    /// Answers with the token that was stored.
    let remove: @Sendable () async throws -> String?
}
