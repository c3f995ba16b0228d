import HTTPTypes

/// The routes of a server. A path's exact route goes before patterns, and patterns go in the order of registration.
struct HTTPRouter: Sendable {
    struct Route: Sendable {
        let method: HTTPRequest.Method
        let pattern: RoutePattern
        let maximumBodyBytes: Int?
        let handler: AGHTTPHandler
    }

    enum Match {
        case route(Route, parameters: [String: String])
        /// The path is known, the method is not; these are.
        case otherMethods([HTTPRequest.Method])
        case none
    }

    private var exact: [String: [Route]] = [:]
    private var patterns: [Route] = []

    /// Adds a route, in place of one for the same method and pattern.
    mutating func add(_ route: Route) {
        func put(_ route: Route, into routes: inout [Route]) {
            if let same = routes.firstIndex(where: { $0.method == route.method && $0.pattern == route.pattern }) {
                routes[same] = route
            } else {
                routes.append(route)
            }
        }
        if route.pattern.isExact {
            put(route, into: &exact[route.pattern.text, default: []])
        } else {
            put(route, into: &patterns)
        }
    }

    /// The route for a request. `HEAD` is served by a path's `GET` route unless it has its own.
    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        var substitute: Match?
        var methods: [HTTPRequest.Method] = []
        for (route, parameters) in candidates(path) {
            if route.method == method { return .route(route, parameters: parameters) }
            if method == .head, route.method == .get, substitute == nil {
                substitute = .route(route, parameters: parameters)
            }
            if !methods.contains(route.method) { methods.append(route.method) }
        }
        return substitute ?? (methods.isEmpty ? .none : .otherMethods(Self.implied(methods)))
    }

    /// The methods that a path can be asked with; empty if it is unknown.
    func methods(of path: String) -> [HTTPRequest.Method] {
        var methods: [HTTPRequest.Method] = []
        for (route, _) in candidates(path) where !methods.contains(route.method) { methods.append(route.method) }
        return methods.isEmpty ? [] : Self.implied(methods)
    }

    private func candidates(_ path: String) -> [(Route, [String: String])] {
        (exact[path] ?? []).map { ($0, [:]) }
            + patterns.compactMap { route in route.pattern.match(path).map { (route, $0) } }
    }

    private static func implied(_ methods: [HTTPRequest.Method]) -> [HTTPRequest.Method] {
        var methods = methods
        if methods.contains(.get), !methods.contains(.head) { methods.append(.head) }
        if !methods.contains(.options) { methods.append(.options) }
        return methods
    }
}
