import Asyngular
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One request and its answer, of which no more is kept than a key set may have.
final class JWKSExchange: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var body: [UInt8] = []
        var redirection: URL?
        var failure: JWKSFetchError?
        var isCancelled = false
        var task: URLSessionDataTask?
        var continuation: CheckedContinuation<JWKSResponse, any Error>?
    }

    private let state = Mutex(State())

    /// Where the answer sends the client instead.
    var redirection: URL? { state.withLock { $0.redirection } }

    /// Runs the task to its end; cancelling the caller's task ends it at once.
    func run(_ task: URLSessionDataTask) async throws -> JWKSResponse {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    state.continuation = continuation
                    state.task = task
                    return state.isCancelled
                }
                guard !isCancelled else { return finish(.failure(JWKSFetchError("the request was cancelled"))) }
                task.resume()
            }
        } onCancel: {
            let task = state.withLock { state in
                state.isCancelled = true
                return state.task
            }
            // Not left to the session, which says nothing of a task that has hardly begun.
            finish(.failure(JWKSFetchError("the request was cancelled")))
            task?.cancel()
        }
    }

    /// Gives the caller the outcome, the first one.
    private func finish(_ outcome: Result<JWKSResponse, any Error>) {
        let continuation = state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(with: outcome)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        // The redirect is the answer. The session, told to follow or not to follow it, now and then does neither.
        let target = request.url
        state.withLock { $0.redirection = target }
        finish(.success(Self.response(response, body: [])))
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let isTooLong = response.expectedContentLength > Int64(JWKSKeySource.maximumLength)
        if isTooLong { state.withLock { $0.failure = Self.tooLong } }
        completionHandler(isTooLong ? .cancel : .allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLong = state.withLock { state in
            guard state.failure == nil else { return false }
            guard state.body.count + data.count <= JWKSKeySource.maximumLength else {
                state.failure = Self.tooLong
                state.body = []
                return true
            }
            state.body.append(contentsOf: data)
            return false
        }
        if isTooLong { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let (failure, body) = state.withLock { ($0.failure, $0.body) }
        if let failure {
            finish(.failure(failure))
        } else if let error {
            finish(.failure(Self.failure(error)))
        } else if let response = task.response as? HTTPURLResponse {
            finish(.success(Self.response(response, body: body)))
        } else {
            finish(.failure(JWKSFetchError("there is no HTTP answer")))
        }
    }

    private static let tooLong = JWKSFetchError("the answer is longer than \(JWKSKeySource.maximumLength) bytes")

    /// Foundation's errors repeat the URL in their texts; the code says what there is to know.
    private static func failure(_ error: any Error) -> JWKSFetchError {
        guard let error = error as? URLError else { return JWKSFetchError("the request failed") }
        return switch error.code {
        case .timedOut: JWKSFetchError("no answer in time")
        case .cancelled: JWKSFetchError("the request was cancelled")
        case .cannotFindHost, .dnsLookupFailed: JWKSFetchError("the host is not known")
        case .cannotConnectToHost: JWKSFetchError("the host cannot be reached")
        case .networkConnectionLost: JWKSFetchError("the connection was lost")
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
            JWKSFetchError("the host's certificate is not trusted")
        default: JWKSFetchError("the request failed with code \(error.code.rawValue)")
        }
    }

    private static func response(_ response: HTTPURLResponse, body: [UInt8]) -> JWKSResponse {
        JWKSResponse(
            status: response.statusCode,
            body: body,
            entityTag: response.value(forHTTPHeaderField: "ETag"),
            cacheControl: response.value(forHTTPHeaderField: "Cache-Control")
        )
    }
}
