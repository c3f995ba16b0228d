@_exported import Asyngular
import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Fetches key sets by Foundation's `URLSession`.
///
/// ```swift
/// options.authKeySource = try JWKSKeySource("https://issuer.example/jwks", fetcher: URLSessionJWKSFetcher())
/// ```
///
/// Every request has a session of its own, which keeps neither cookies nor a cache and is gone with the answer: sets are fetched
/// minutes apart. Certificates are checked against the system's trusted ones. Proxies are taken from the environment.
public struct URLSessionJWKSFetcher: JWKSFetcher {
    static let maximumRedirects = 3

    private let timeout: Duration

    /// A fetcher.
    ///
    /// - Parameter timeout: for one request, whole seconds; 10 seconds. ``JWKSKeySource`` cancels by its own
    ///   `fetchTimeout` as well.
    public init(timeout: Duration = .seconds(10)) {
        self.timeout = timeout
    }

    /// Makes one GET request; see `JWKSFetcher`. A redirect is followed to the same scheme, host and port only, and at most
    /// three times.
    ///
    /// - Throws: `JWKSFetchError`, which never contains the URL.
    public func fetch(_ url: String, ifNoneMatch: String?) async throws -> JWKSResponse {
        guard var url = URL(string: url) else { throw JWKSFetchError("the URL cannot be used") }
        var redirects = 0
        while true {
            let (response, redirection) = try await exchange(url, ifNoneMatch)
            guard let redirection, redirects < Self.maximumRedirects, Self.origin(redirection) == Self.origin(url)
            else {
                return response
            }
            redirects += 1
            url = redirection
        }
    }

    private func exchange(_ url: URL, _ ifNoneMatch: String?) async throws -> (JWKSResponse, redirection: URL?) {
        // Foundation drops what is no whole second.
        let seconds = Double(max(timeout.components.seconds + (timeout.components.attoseconds > 0 ? 1 : 0), 1))
        var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: seconds)
        request.setValue("application/jwk-set+json, application/json;q=0.9", forHTTPHeaderField: "Accept")
        if let ifNoneMatch { request.setValue(ifNoneMatch, forHTTPHeaderField: "If-None-Match") }

        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.timeoutIntervalForRequest = seconds
        configuration.timeoutIntervalForResource = seconds
        let exchange = JWKSExchange()
        let session = URLSession(configuration: configuration, delegate: exchange, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let response = try await exchange.run(session.dataTask(with: request))
        return (response, exchange.redirection)
    }

    private static func origin(_ url: URL) -> [String?] {
        let scheme = url.scheme?.lowercased()
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        return [scheme, url.host?.lowercased(), String(port)]
    }
}
