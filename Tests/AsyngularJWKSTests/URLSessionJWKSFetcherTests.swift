import AsyngularJWKS
import Testing

/// The fetcher against an HTTP server on this machine.
@Suite(.timeLimit(.minutes(1))) struct URLSessionJWKSFetcherTests {
    private let fetcher = URLSessionJWKSFetcher(timeout: .seconds(20))

    private func failure(_ url: String, _ fetcher: URLSessionJWKSFetcher? = nil) async -> String? {
        do {
            _ = try await (fetcher ?? self.fetcher).fetch(url, ifNoneMatch: nil)
            return nil
        } catch let error as JWKSFetchError {
            #expect(!error.message.contains("127.0.0.1"))
            return error.message
        } catch {
            return "another error: \(error)"
        }
    }

    @Test func answer() async throws {
        let server = LocalServer { _ in .text("200 OK", #"{"keys":[]}"#, "ETag: \"one\"", "Cache-Control: max-age=77") }
        let response = try await fetcher.fetch(server.url, ifNoneMatch: nil)
        #expect(
            response
                == JWKSResponse(
                    status: 200,
                    body: Array(#"{"keys":[]}"#.utf8),
                    entityTag: #""one""#,
                    cacheControl: "max-age=77"
                )
        )
        let head = try #require(server.requests.first)
        #expect(head.hasPrefix("GET /jwks HTTP/1.1\r\n"))
        #expect(head.contains("\r\nAccept: application/jwk-set+json, application/json;q=0.9\r\n"))
        #expect(!head.lowercased().contains("if-none-match"))
    }

    @Test func notModified() async throws {
        let server = LocalServer { head in
            head.contains("If-None-Match: \"one\"\r\n") ? .text("304 Not Modified") : .text("200 OK")
        }
        let response = try await fetcher.fetch(server.url, ifNoneMatch: #""one""#)
        #expect(response.status == 304)
        #expect(response.body.isEmpty)
    }

    @Test(arguments: ["404 Not Found", "500 Internal Server Error", "503 Service Unavailable"])
    func otherStatus(_ status: String) async throws {
        let server = LocalServer { _ in .text(status, "sorry") }
        #expect(try await "\(fetcher.fetch(server.url, ifNoneMatch: nil).status)" == status.prefix(3))
        #expect(server.requests.count == 1)
    }

    @Test func cookiesAreNotKept() async throws {
        let server = LocalServer { _ in .text("200 OK", "", "Set-Cookie: a=b") }
        for _ in 0..<2 { _ = try await fetcher.fetch(server.url, ifNoneMatch: nil) }
        #expect(server.requests.allSatisfy { !$0.lowercased().contains("cookie") })
    }

    // MARK: Limits

    @Test func timeout() async {
        let server = LocalServer { _ in .silence }
        #expect(await failure(server.url, URLSessionJWKSFetcher(timeout: .seconds(1))) == "no answer in time")
    }

    @Test func cancelled() async throws {
        let server = LocalServer { _ in .silence }
        let task = Task { await failure(server.url) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(await task.value == "the request was cancelled")
        let early = Task { await failure(server.url) }
        early.cancel()
        #expect(await early.value == "the request was cancelled")
    }

    /// Announced, or found out while reading.
    @Test(arguments: [true, false])
    func tooLong(_ isAnnounced: Bool) async {
        let body = String(repeating: " ", count: JWKSKeySource.maximumLength + 1)
        let server = LocalServer { _ in
            isAnnounced ? .text("200 OK", body) : .bytes(Array("HTTP/1.1 200 OK\r\n\r\n\(body)".utf8))
        }
        #expect(await failure(server.url) == "the answer is longer than 524288 bytes")
    }

    @Test func longest() async throws {
        let body = String(repeating: " ", count: JWKSKeySource.maximumLength)
        let server = LocalServer { _ in .text("200 OK", body) }
        #expect(try await fetcher.fetch(server.url, ifNoneMatch: nil).body.count == JWKSKeySource.maximumLength)
    }

    // MARK: Redirects

    @Test func sameOrigin() async throws {
        let server = LocalServer { head in
            head.hasPrefix("GET /jwks ") ? .text("302 Found", "", "Location: /moved") : .text("200 OK", "here")
        }
        let response = try await fetcher.fetch(server.url, ifNoneMatch: nil)
        #expect(response.status == 200)
        #expect(response.body == Array("here".utf8))
    }

    /// Another port is another origin.
    @Test(arguments: ["http://127.0.0.1:PORT/jwks", "http://localhost:PORT/jwks", "https://127.0.0.1:PORT/jwks"])
    func otherOrigin(_ location: String) async throws {
        let other = LocalServer { _ in .text("200 OK", #"{"keys":[]}"#) }
        let target = location.replacing("PORT", with: "\(other.port)")
        let server = LocalServer { _ in .text("302 Found", "elsewhere", "Location: \(target)") }
        #expect(try await fetcher.fetch(server.url, ifNoneMatch: nil).status == 302)
        #expect(other.requests.isEmpty)
    }

    @Test func endless() async throws {
        let server = LocalServer { _ in .text("302 Found", "", "Location: /jwks") }
        #expect(try await fetcher.fetch(server.url, ifNoneMatch: nil).status == 302)
        #expect(server.requests.count == 4)
    }

    // MARK: What does not answer

    @Test func nobodyListens() async {
        var server: LocalServer? = LocalServer { _ in .silence }
        let url = server?.url ?? ""
        server = nil
        #expect(await failure(url) == "the host cannot be reached")
    }

    @Test func noTLS() async {
        let server = LocalServer { _ in .text("200 OK") }
        #expect(await failure("https://127.0.0.1:\(server.port)/jwks") != nil)
    }

    @Test func noHTTP() async {
        let server = LocalServer { _ in .bytes(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)) }
        #expect(await failure(server.url) != nil)
    }
}
