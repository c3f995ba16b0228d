import StrictJSON
import Synchronization

@testable import Asyngular

/// Answers as a test says.
final class StubFetcher: JWKSFetcher {
    private struct State {
        var answer: @Sendable (String?) async throws -> JWKSResponse
        var requests = 0
    }

    private let state: Mutex<State>

    init(_ keys: JSONValue...) {
        let text = Array(Self.set(keys).utf8)
        state = Mutex(State(answer: { _ in JWKSResponse(status: 200, body: text) }))
    }

    /// How many requests were made.
    var requests: Int { state.withLock { $0.requests } }

    func answer(_ answer: @escaping @Sendable (String?) async throws -> JWKSResponse) {
        state.withLock { $0.answer = answer }
    }

    func answer(_ keys: JSONValue..., maxAge: Int? = nil, entityTag: String? = nil) {
        let response = JWKSResponse(
            status: 200,
            body: Array(Self.set(keys).utf8),
            entityTag: entityTag,
            cacheControl: maxAge.map { "public, max-age=\($0)" }
        )
        answer { _ in response }
    }

    func fetch(_ url: String, ifNoneMatch: String?) async throws -> JWKSResponse {
        let answer = state.withLock { state in
            state.requests += 1
            return state.answer
        }
        return try await answer(ifNoneMatch)
    }

    private static func set(_ keys: [JSONValue]) -> String {
        String(decoding: JSONValue.object(["keys": .array(keys)]).serialized(), as: UTF8.self)
    }
}
