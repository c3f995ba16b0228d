import EventLoop
import JSONWebToken
import SocketProtocol
import StrictJSON
import Synchronization
import Testing

@testable import Asyngular

/// What happens to a socket while its token waits in the verification pool.
@Suite struct AuthPendingTests {
    private static let aborted = [
        "connectAbort", "connectionAbort", "close", "closure", "error", "warning", "end",
    ]

    private static func handshake(_ token: String = HandshakeRow.valid) -> String {
        ##"{"event":"#handshake","data":{"authToken":"\##(token)"},"cid":1}"##
    }

    /// Waits until so many tokens are in the pool. The loop's own turns are what is waited for.
    private func waitForTokens(_ count: Int, _ server: TestServer) async throws {
        let pool = try #require(server.server.pool)
        while pool.counters.snapshot.waiting < count { await server.onLoop { _ in } }
    }

    /// Contract §20.3: there is no connection of a dead socket, whatever its token was.
    @Test(arguments: [HandshakeRow.valid, "abc"])
    func peerVanishesBeforeItsConnection(_ token: String) async throws {
        try await TestServer.run(.offloaded) { server in
            let gate = KeyGate(server.server)
            let client = try server.client()
            let before = server.eventNames.count
            try client.send(Self.handshake(token))
            try await waitForTokens(1, server)
            client.drop()
            await server.wait(for: "end")
            #expect(server.server.pendingClientsCount == 0)
            gate.open()
            // The worker has done with the first token when it has done with the second.
            _ = try await server.pair(token: HandshakeRow.valid)
            #expect(Array(server.eventNames(after: before).prefix(Self.aborted.count)) == Self.aborted)
            #expect(server.eventNames(after: before).filter { $0 == "connection" }.count == 1)
            #expect(server.server.clientsCount == 1)
        }
    }

    @Test func peerVanishesWhileAuthenticating() async throws {
        try await TestServer.run(.offloaded) { server in
            let (client, socket) = try await server.pair()
            let gate = KeyGate(server.server)
            let before = server.eventNames.count
            try client.send(##"{"event":"#authenticate","data":"\##(HandshakeRow.valid)","cid":2}"##)
            try await waitForTokens(1, server)
            client.drop()
            await server.wait(for: "end")
            gate.open()
            _ = try await server.pair(token: HandshakeRow.valid)
            #expect(
                Array(server.eventNames(after: before).prefix(7)) == [
                    "disconnect", "disconnection", "close", "closure", "error", "warning", "end",
                ]
            )
            #expect(server.eventNames(after: before).filter { $0 == "authenticate" }.count == 1)
            #expect(await socket.identity == "unauthenticated nil nil")
        }
    }

    @Test func serverClosesMeanwhile() async throws {
        try await TestServer.run(.offloaded) { server in
            let (client, socket) = try await server.pair()
            let gate = KeyGate(server.server)
            try client.send(##"{"event":"#authenticate","data":"\##(HandshakeRow.valid)","cid":2}"##)
            try await waitForTokens(1, server)
            await socket.disconnect(CloseCode(rawValue: 4501), reason: "go")
            #expect(await client.next() == .close(code: 4501, reason: "go"))
            gate.open()
            _ = try await server.pair(token: HandshakeRow.valid)
            #expect(await socket.identity == "unauthenticated nil nil")
        }
    }

    // MARK: The limit

    /// Who finds the pool full is sent away, and keeps the token: nothing is said about it.
    @Test func fullPool() async throws {
        try await TestServer.run(.offloaded) {
            $0.authPoolLimit = 2
        } _: { server in
            let (open, _) = try await server.pair()
            let gate = KeyGate(server.server)
            let waiting = [try server.client(), try server.client()]
            for (index, client) in waiting.enumerated() {
                try client.send(Self.handshake())
                try await waitForTokens(index + 1, server)
            }
            let before = server.eventNames.count
            let late = try server.client()
            try late.send(Self.handshake())
            let full = TestClient.Frame.close(code: 1013, reason: "Too many tokens are waiting to be verified")
            #expect(await late.next() == full)
            #expect(server.eventNames(after: before) == Self.aborted)
            try open.send(##"{"event":"#authenticate","data":"\##(HandshakeRow.valid)","cid":2}"##)
            #expect(await open.next() == full)
            // Without a token there is nothing to wait for.
            let (plain, _) = try await server.pair()
            try await plain.expectNothing()
            gate.open()
            for client in waiting { #expect(try await client.text().hasSuffix(#""isAuthenticated":true}}"#)) }
            _ = try await server.pair(token: HandshakeRow.valid)
            let counts = server.server.pool?.counters.snapshot
            #expect(counts?.tokens == 3)
            #expect(counts?.refused == 2)
            #expect(counts?.waiting == 0)
        }
    }

    // MARK: Input meanwhile

    /// Everything behind the handshake waits and is then answered in order, more than is kept in memory too.
    @Test(arguments: [1, 2000])
    func inputIsHeld(_ count: Int) async throws {
        try await TestServer.run(.offloaded) { server in
            let gate = KeyGate(server.server)
            let client = try server.client()
            try client.send(Self.handshake())
            try await waitForTokens(1, server)
            let padding = String(repeating: "x", count: 100)
            for cid in 2..<(2 + count) { try client.send(#"{"event":"echo","data":"\#(padding)","cid":\#(cid)}"#) }
            gate.open()
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            for cid in 2..<(2 + count) { #expect(try await client.text() == #"{"rid":\#(cid),"data":"\#(padding)"}"#) }
        }
    }

    /// A close frame that waits behind the handshake comes after its answer.
    @Test func closeIsHeld() async throws {
        try await TestServer.run(.offloaded) { server in
            let gate = KeyGate(server.server)
            let client = try server.client()
            let before = server.eventNames.count
            try client.send(Self.handshake())
            try client.sendClose(1000)
            try await waitForTokens(1, server)
            gate.open()
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            #expect(await client.next() == .close(code: 1000, reason: ""))
            await server.wait(for: "end")
            #expect(
                server.eventNames(after: before) == [
                    "connect", "connection", "authStateChange", "authenticationStateChange", "authenticate",
                    "authentication", "disconnect", "disconnection", "close", "closure", "end",
                ]
            )
        }
    }

    // MARK: The end of the server

    private final class Weak<Object: AnyObject & Sendable>: @unchecked Sendable {
        weak var object: Object?

        init(_ object: Object?) {
            self.object = object
        }
    }

    /// Closing a server with tokens queued neither hangs nor keeps their sockets.
    @Test func serverClosesWithTokensQueued() async throws {
        var options = AGServerOptions(authKey: TestServer.key)
        options.authScheduling = .offloaded
        let server = try AGServer(options: options)
        guard case .ip(_, let port) = try await server.listen(host: "127.0.0.1", port: 0) else { return }
        let gate = KeyGate(server)
        let clients = try (0..<8).map { _ in try TestClient(port: port) }
        for client in clients { try client.send(Self.handshake()) }
        let pool = Weak(server.pool)
        while let counts = pool.object?.counters.snapshot, counts.waiting < 8 { await Task.yield() }
        let context = server.state.withLock { $0.contexts[0] }
        let sockets: [Weak<AGServerSocket>] = await withCheckedContinuation { continuation in
            context.loop.execute { continuation.resume(returning: context.pendingSockets.values.map { Weak($0) }) }
        }
        #expect(sockets.count == 8)
        async let closing: Void = server.close(within: .seconds(10))
        for client in clients {
            #expect(await client.next() == .close(code: 1001, reason: ""))
            try client.sendClose(1001)
        }
        gate.open()
        await closing
        #expect(pool.object == nil)
        #expect(sockets.allSatisfy { $0.object == nil })
    }
}
