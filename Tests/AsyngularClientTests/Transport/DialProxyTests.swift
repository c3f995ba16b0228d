import EventLoop
import Testing
import WebSocket

@testable import AsyngularClient

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("Dialling through a proxy", .timeLimit(.minutes(1)))
struct DialProxyTests {
    private func options(_ proxy: ListeningPeer, user: String? = nil) throws -> DialOptions {
        var options = Dialing.patient
        options.proxy = HTTPProxy(host: "127.0.0.1", port: proxy.port)
        if let user { options.proxy?.credentials = try BasicCredentials(user: user, password: "open sesame") }
        return options
    }

    @Test(
        "Asks for a tunnel, then speaks to the server",
        arguments: ["HTTP/1.1 200 OK", "HTTP/1.0 200 Connection established"]
    )
    func tunnel(_ line: String) async throws {
        try await Dialing.run { dialing in
            let proxy = try ListeningPeer()
            await dialing.dial(
                ClientEndpoint(host: "server.example", target: "/x"),
                try options(proxy, user: "Aladdin")
            )
            let peer = try proxy.accept()
            let request = try peer.receiveHead()
            #expect(request.hasPrefix("CONNECT server.example:80 HTTP/1.1\r\nHost: server.example:80\r\n"))
            #expect(Peer.field("Proxy-Authorization", in: request) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
            try peer.send(line + "\r\n\r\n")
            let head = try peer.receiveHead()
            #expect(head.hasPrefix("GET /x HTTP/1.1\r\nHost: server.example\r\n"))
            #expect(Peer.field("Proxy-Authorization", in: head) == nil)
            try peer.send(Peer.acceptance(of: head))
            #expect(await dialing.events.next() == .opened)
            await dialing.with { $0.send("x") }
            #expect(try peer.receiveFrame().text == "x")
        }
    }

    @Test("An address of the newer kind is in brackets")
    func brackets() async throws {
        try await Dialing.run { dialing in
            let proxy = try ListeningPeer()
            await dialing.dial(ClientEndpoint(host: "fe80::1%eth0", port: 8000), try options(proxy))
            let request = try proxy.accept().receiveHead()
            #expect(request.hasPrefix("CONNECT [fe80::1]:8000 HTTP/1.1\r\n"))
            #expect(await dialing.failure()?.code == .connectionLost)
        }
    }

    static let refusals: [(String, DialError.Code, Int?)] = [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
            .proxyAuthenticationRequired, 407
        ),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", .proxyRefused, 502), ("HTTP/1.1 101 What\r\n\r\n", .proxyRefused, 101),
        ("\u{5}\u{0}", .proxyRefused, nil), ("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101", .proxyRefused, nil),
        ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 9000), .proxyRefused, nil),
    ]

    @Test("Refused by the proxy", arguments: refusals)
    func refused(_ response: String, _ code: DialError.Code, _ status: Int?) async throws {
        try await Dialing.run { dialing in
            let proxy = try ListeningPeer()
            await dialing.dial(ClientEndpoint(host: "server.example"), try options(proxy, user: "somebody"))
            let peer = try proxy.accept()
            _ = try peer.receiveHead()
            try peer.send(response)
            let error = await dialing.failure()
            #expect(error?.code == code && error?.status == status)
            #expect(error?.description.contains("somebody") == false)
            #expect(error?.description.contains("sesame") == false)
        }
    }

    @Test("The proxy is looked up, not the server, and can be unreachable")
    func unreachable() async throws {
        try await Dialing.run { dialing in
            let nobody = try ListeningPeer(backlog: nil)
            var options = try options(nobody)
            options.proxy?.host = "proxy.example"
            let resolver = NameResolver { host, _ in
                #expect(host == "proxy.example")
                return .success([nobody.address])
            }
            await dialing.dial(ClientEndpoint(host: "server.example"), options, resolver: resolver)
            let error = await dialing.failure()
            #expect(error?.code == .connectionFailed)
            #expect(error?.reason.contains("proxy.example") == true)
        }
    }

    @Test("A proxy that never answers")
    func silent() async throws {
        try await Dialing.run { dialing in
            let proxy = try ListeningPeer()
            var options = try options(proxy)
            options.timeoutMilliseconds = 100
            await dialing.dial(ClientEndpoint(host: "server.example"), options)
            let peer = try proxy.accept()
            #expect(await dialing.failure()?.code == .timedOut)
            await dialing.allClosed()
            withExtendedLifetime(peer) {}
        }
    }

    @Test("A Unix-domain socket is reached without it")
    func unixSocket() async throws {
        try await Dialing.run { dialing in
            let path = "/tmp/asyngular-proxy-\(UInt32.random(in: 0 ... .max)).sock"
            defer { unsafe unlink(path) }
            let listener = try ListeningPeer(path: path)
            let nobody = try ListeningPeer(backlog: nil)
            await dialing.dial(ClientEndpoint(socketPath: path), try options(nobody))
            _ = try listener.acceptWebSocket()
            #expect(await dialing.events.next() == .opened)
        }
    }
}
