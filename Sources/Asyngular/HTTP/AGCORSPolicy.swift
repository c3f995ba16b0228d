import HTTPTypes
import SocketProtocol

/// Which other sites' pages may read this server's answers in a browser (the CORS protocol of the Fetch standard).
///
/// It concerns routes only: a browser lets any page open a WebSocket, and ``AGServerOptions/origins`` decides about that.
public struct AGCORSPolicy: Sendable, Equatable {
    /// The origins allowed.
    public enum Origins: Sendable, Equatable {
        /// Every page of every site, without credentials.
        case any
        /// These, written as browsers do, such as `https://app.example` or `http://localhost:3000`; compared as a whole,
        /// without regard to case.
        case list([String])
    }

    /// The origins allowed.
    public var origins: Origins
    /// The methods allowed in a preflight. Nil: those that the path has routes for.
    public var methods: [HTTPRequest.Method]?
    /// The request fields allowed in a preflight. `Content-Type` and `Authorization`.
    public var allowedHeaders: [HTTPField.Name] = [.contentType, .authorization]
    /// The response fields that scripts may read besides the few that they always may. None.
    public var exposedHeaders: [HTTPField.Name] = []
    /// Whether cookies and other credentials may come along; not with ``Origins/any``. Off.
    public var allowsCredentials = false
    /// How long a browser may remember a preflight's answer, seconds. 600.
    public var maximumAge = 600

    /// A policy with the defaults.
    public init(origins: Origins) {
        self.origins = origins
    }

    func validate() throws(AGError) {
        if origins == .any, allowsCredentials {
            throw .invalidOptions("The http.cors option must list its origins to allow credentials")
        }
        if case .list(let list) = origins, list.contains("*") {
            throw .invalidOptions("The http.cors option must not list * as an origin")
        }
        if maximumAge < 0 { throw .invalidOptions("The http.cors option must not have a negative maximumAge") }
    }

    private func allows(_ origin: String) -> Bool {
        switch origins {
        case .any: true
        case .list(let list): list.contains { $0.lowercased() == origin.lowercased() }
        }
    }

    /// Adds the fields that let a page of `origin` read a response.
    ///
    /// - Parameter origin: the request's `Origin`; nil without one.
    func decorate(_ fields: inout HTTPFields, origin: String?) {
        // Whether the fields are there depends on the origin, and caches have to know, also when they are not.
        if origins != .any { fields.append(HTTPField(name: .vary, value: "Origin")) }
        guard let origin, allows(origin) else { return }
        fields[.accessControlAllowOrigin] = origins == .any ? "*" : origin
        if allowsCredentials { fields[.accessControlAllowCredentials] = "true" }
        if !exposedHeaders.isEmpty { fields[.accessControlExposeHeaders] = Self.list(exposedHeaders) }
    }

    /// The answer to a preflight (`OPTIONS` with `Access-Control-Request-Method`), without what ``decorate(_:origin:)``
    /// adds. A page of another origin gets no permission, which its browser reports as it should.
    func preflight(origin: String, methods ofPath: [HTTPRequest.Method]) -> AGHTTPResponse {
        var response = AGHTTPResponse(status: .noContent)
        guard allows(origin) else { return response }
        let names = (methods ?? ofPath).map { $0.rawValue }
        response.head.headerFields[.accessControlAllowMethods] = names.joined(separator: ", ")
        response.head.headerFields[.accessControlAllowHeaders] = Self.list(allowedHeaders)
        response.head.headerFields[.accessControlMaxAge] = "\(maximumAge)"
        response.head.headerFields.append(
            HTTPField(name: .vary, value: "Access-Control-Request-Method, Access-Control-Request-Headers")
        )
        return response
    }

    private static func list(_ names: [HTTPField.Name]) -> String {
        names.map { $0.rawName }.joined(separator: ", ")
    }
}
