import Asyngular
import HTTPTypes
import JSONWebToken
import StrictJSON

/// The demo's HTTP side: `POST /login`, and the page with its scripts and style.
enum DemoRoutes {
    /// Nothing but this server's own files, and nowhere to put the page into a frame.
    private static let contentSecurityPolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'
        """

    static func install(on server: AGServer) {
        server.route(.post, "/login", maximumBodyBytes: 4096) { request in try login(request, server) }
        // What the page cannot know: where the WebSocket is, and which generation of the protocol it speaks.
        let options = server.options
        server.route(.get, "/config.json") { _ in
            secured(
                .json([
                    "path": .string(options.path), "protocolVersion": .integer(Int64(options.protocolVersion.rawValue)),
                ])
            )
        }
        serve("/", PackageResources.index_html, "text/html; charset=utf-8", on: server)
        serve("/style.css", PackageResources.style_css, "text/css; charset=utf-8", on: server)
        serve("/client.js", PackageResources.client_js, "text/javascript; charset=utf-8", on: server)
        serve("/page.js", PackageResources.page_js, "text/javascript; charset=utf-8", on: server)
        serve("/icon.svg", PackageResources.icon_svg, "image/svg+xml", on: server)
    }

    /// `{username, password}` for `{token}`. The token is the one that the WebSocket's `login` would give.
    private static func login(_ request: AGHTTPRequest, _ server: AGServer) throws -> AGHTTPResponse {
        guard let claims = DemoAccounts.claims(for: try request.json()) else {
            var response = AGHTTPResponse.json(["error": "Invalid user credentials"], status: .unauthorized)
            response.head.headerFields[.wwwAuthenticate] = "Bearer realm=\"demo\""
            return secured(response)
        }
        let options = SigningOptions(
            algorithm: server.options.authAlgorithm,
            expiresIn: .seconds(Int64(server.options.authDefaultExpiry))
        )
        let token = try server.auth.signToken(claims, server.signatureKey, options: options)
        return secured(.json(["token": .string(token)]))
    }

    private static func serve(_ path: String, _ bytes: [UInt8], _ contentType: String, on server: AGServer) {
        let response = secured(AGHTTPResponse(contentType: contentType, body: bytes))
        server.route(.get, path) { _ in response }
    }

    private static func secured(_ response: AGHTTPResponse) -> AGHTTPResponse {
        var response = response
        response.head.headerFields[.cacheControl] = "no-store"
        response.head.headerFields[.contentSecurityPolicy] = contentSecurityPolicy
        response.head.headerFields[.xContentTypeOptions] = "nosniff"
        response.head.headerFields[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        response.head.headerFields[HTTPField.Name("Cross-Origin-Opener-Policy")!] = "same-origin"
        return response
    }
}
