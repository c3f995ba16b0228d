/// Gets a JWK Set from its URL for ``JWKSKeySource``.
///
/// The engine has no HTTP client of its own. The product AsyngularJWKS has one on `URLSession`; a server with another client
/// at hand wraps that one.
public protocol JWKSFetcher: Sendable {
    /// Makes one GET request.
    ///
    /// Must follow no redirect to another scheme, host or port, must stop reading a body beyond
    /// ``JWKSKeySource/maximumLength``, and must return soon after its task has been cancelled.
    ///
    /// - Parameters:
    ///   - url: an `https` URL, or an `http` one where ``JWKSKeySource`` allows it.
    ///   - ifNoneMatch: the value of a field `If-None-Match` to send, if there is one.
    /// - Returns: the answer, whatever its status.
    /// - Throws: ``JWKSFetchError`` with a text for the log; of other errors only the type is logged.
    func fetch(_ url: String, ifNoneMatch: String?) async throws -> JWKSResponse
}

/// The answer to a request for a JWK Set.
public struct JWKSResponse: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// The body.
    public var body: [UInt8]
    /// The field `ETag`, as it was sent.
    public var entityTag: String?
    /// The field `Cache-Control`, as it was sent.
    public var cacheControl: String?

    /// An answer.
    public init(status: Int, body: [UInt8] = [], entityTag: String? = nil, cacheControl: String? = nil) {
        self.status = status
        self.body = body
        self.entityTag = entityTag
        self.cacheControl = cacheControl
    }

    /// How long the answer may be kept, in whole seconds, as `Cache-Control` has it (RFC 9111 §5.2.2): 0 when it may not be,
    /// nil when nothing is said.
    var maxAge: Int64? {
        var seconds: Int64?
        for directive in (cacheControl ?? "").split(separator: ",") {
            let parts = directive.lowercased().split(separator: "=", maxSplits: 1)
            switch parts.first?.trimmed {
            case "no-store"?, "no-cache"?: return 0
            case "max-age"?:
                // What is no number is as good as nothing said; two values contradict each other, and the shorter is safe.
                guard parts.count == 2, let value = Int64(parts[1].trimmed.filter { $0 != "\"" }), value >= 0 else {
                    continue
                }
                seconds = min(seconds ?? value, value)
            default: continue
            }
        }
        return seconds
    }
}

/// Why a JWK Set was not fetched.
public struct JWKSFetchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason, for the log: without secrets.
    public let message: String

    /// An error with its reason.
    public init(_ message: String) {
        self.message = message
    }

    /// The reason.
    public var description: String { message }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
