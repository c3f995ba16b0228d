import HTTPTypes
import Synchronization

extension AGServer {
    /// Serves plain HTTP requests on the server's own port.
    ///
    /// ```swift
    /// server.route(.post, "/login", maximumBodyBytes: 4096) { request in
    ///     guard try request.json()["password"]?.stringValue == "right" else { throw AGHTTPError(.unauthorized) }
    ///     return .json(["token": .string(try server.auth.signToken(["username": "alice"], server.signatureKey))])
    /// }
    /// ```
    ///
    /// `HEAD` is answered by the `GET` route, `OPTIONS` with the methods there are. The path of ``AGServerOptions/path``
    /// is the WebSocket's alone; a route for `/health` replaces the built-in report.
    ///
    /// - Parameters:
    ///   - method: such as `.get`.
    ///   - path: compared byte for byte with the request's path, which is neither decoded nor normalised. A segment
    ///     `:name` stands for any one segment, a last segment `*` for any rest; see ``AGHTTPRequest/parameters``. An exact
    ///     path goes before such a pattern, a pattern registered earlier before a later one.
    ///   - maximumBodyBytes: the largest body taken; nil for ``AGHTTPOptions/maximumBodyBytes``.
    ///   - handler: answers; see ``AGHTTPHandler``. It replaces an earlier one for the same method and path.
    /// - Precondition: the path begins with `/`, has visible ASCII characters only, no `?` or `#`, and a `*` only as its
    ///   last segment.
    public func route(
        _ method: HTTPRequest.Method,
        _ path: String,
        maximumBodyBytes: Int? = nil,
        _ handler: @escaping AGHTTPHandler
    ) {
        guard let pattern = RoutePattern(path) else { preconditionFailure("not a route's path: \(path)") }
        let route = HTTPRouter.Route(
            method: method,
            pattern: pattern,
            maximumBodyBytes: maximumBodyBytes,
            handler: handler
        )
        let router = state.withLock { state in
            state.router.add(route)
            return state.router
        }
        onEveryLoop { $0.router = router }
    }
}
