import JSONWebToken
import Testing

@testable import Asyngular

@Suite struct JWKSLocationTests {
    @Test(arguments: [
        "https://issuer.example/jwks", "HTTPS://issuer.example", "https://issuer.example:8443/a?b#c",
        "https://[::2]:1/",
        "http://127.0.0.1:80/x", "http://127.8.9.10/", "http://localhost:1", "http://LocalHost/", "http://[::1]/",
    ])
    func taken(_ url: String) throws {
        #expect(try JWKSLocation(url, allowsPlain: false).url == url)
    }

    @Test(arguments: [
        "", "issuer.example", "ftp://issuer.example", "file:///etc/keys", "https://", "https:///path", "https://:1/",
        "https://a:b/", "https://a:99999/", "https://a /", "https://a/\n", "https://[::1", "https://é/",
        "https://user:word@issuer.example/", "https://user@issuer.example/",
        "https://issuer.example/" + String(repeating: "a", count: 2048),
    ])
    func refused(_ url: String) {
        let error = #expect(throws: KeyError.self) { try JWKSLocation(url, allowsPlain: true) }
        #expect(error?.message.contains("user:word") == false)
        #expect(error?.message.contains("issuer") == false)
    }

    @Test(arguments: [
        "http://issuer.example/", "http://127.0.0.1.issuer.example/", "http://127.1/", "http://127.0.0.256/",
        "http://localhost.issuer.example/", "http://[::2]/", "http://10.0.0.1/",
    ])
    func plain(_ url: String) throws {
        let error = #expect(throws: KeyError.self) { try JWKSLocation(url, allowsPlain: false) }
        #expect(error?.code == .notPermitted)
        #expect(try JWKSLocation(url, allowsPlain: true).url == url)
    }
}

@Suite struct JWKSResponseTests {
    @Test(
        arguments: [
            (nil, nil), ("", nil), ("public", nil), ("max-age=60", 60), ("public, Max-Age = 60 , x", 60),
            (#"max-age="60""#, 60), ("max-age=0", 0), ("no-store", 0), ("max-age=60, no-cache", 0), ("max-age=-1", nil),
            ("max-age=abc", nil), ("max-age", nil), ("max-age=99999999999999999999", nil), ("s-maxage=5", nil),
            ("max-age=60, max-age=30", 30), ("no-cache=\"set-cookie\"", 0),
        ] as [(String?, Int64?)]
    )
    func maxAge(_ field: String?, _ seconds: Int64?) {
        #expect(JWKSResponse(status: 200, cacheControl: field).maxAge == seconds)
    }
}
