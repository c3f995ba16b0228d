import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// The end of a server.
@Suite("Shutdown", .timeLimit(.minutes(2)))
struct ShutdownTests {
    @Test("close() tells everybody 1001 and waits for the answers", arguments: [1, 2])
    func graceful(_ loops: Int) async throws {
        try await TestServer.run {
            $0.loops = loops
            $0.plainEchoPath = "/echo"
        } _: { server in
            let open = [try await server.connected(), try await server.connected()]
            let pending = try server.client()
            let echo = try server.client(path: "/echo")
            try echo.send("x")
            try await echo.expect("x")

            async let closed: Void = server.server.close(within: .seconds(30))
            for client in open + [pending, echo] { try await client.expectClose(1001) }
            await closed
            #expect(server.server.clientsCount == 0)
            #expect(server.server.pendingClientsCount == 0)
            #expect(server.eventNames.filter { $0 == "disconnect" }.count == 2)
            #expect(server.eventNames.filter { $0 == "connectAbort" }.count == 1)
            #expect(!server.eventNames.contains("error"))
            #expect(throws: TestClient.Failure.self) { try server.client() }
        }
    }

    @Test("A request that is still coming is answered 503, a connection that said nothing is closed")
    func requests() async throws {
        try await TestServer.run { server in
            let silent = try RawClient(port: server.port)
            let begun = try RawClient(port: server.port)
            try begun.send("GET / HT")
            // Behind these two on the same loop: when it is answered, they were looked at.
            let client = try await server.connected()
            try await client.expectNothing()
            async let closed: Void = server.server.close(within: .seconds(30))
            #expect(String(decoding: begun.readAll(), as: UTF8.self).hasPrefix("HTTP/1.1 503"))
            #expect(silent.readAll().isEmpty)
            try await client.expectClose(1001)
            await closed
        }
    }

    @Test("A client that never answers is cut at the deadline")
    func deadline() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            let clock = ContinuousClock()
            let start = clock.now
            await server.server.close(within: .milliseconds(100))
            #expect(clock.now - start >= .milliseconds(100))
            #expect(await client.next() == .close(code: 1001, reason: ""))
            #expect(await client.next() == .end)
        }
    }

    @Test("Calls that wait are aborted, streams end")
    func waiting() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let connections = server.server.listener(.connection)
            let call = Task {
                do throws(AGError) {
                    try await socket.invoke("ask")
                    return AGError(message: "answered")
                } catch {
                    return error
                }
            }
            try await client.expect(#"{"event":"ask","cid":1}"#)
            await server.server.close(within: .milliseconds(50))
            let error = await call.value
            #expect(error.name == "BadConnectionError")
            #expect(error.properties["code"] == 1001)
            for await _ in connections { Issue.record("a connection after the end") }
        }
    }

    @Test("Handles of a closed server can still be called")
    func afterwards() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let requests = socket.procedure("x")
            try client.send(#"{"event":"x","cid":2}"#)
            let request = try await requests.once(timeout: .seconds(20))
            await server.server.close(within: .milliseconds(50))
            request.end(1)
            server.server.exchange.publish("c", 1)
            await socket.transmit("x")
            await socket.disconnect()
            await #expect(throws: AGError.self) { try await socket.invoke("x") }
            #expect(await socket.state == .closed)
            await server.server.close()
        }
    }

    @Test("A token that is being verified does not hold the server up")
    func verifying() async throws {
        try await TestServer.run {
            $0.authScheduling = .offloaded
        } _: { server in
            let token = try server.token()
            var clients: [TestClient] = []
            for _ in 0..<20 {
                let client = try server.client()
                try client.send(TestServer.handshake(token: token))
                clients.append(client)
            }
            await server.server.close(within: .milliseconds(50))
            #expect(server.server.clientsCount == 0)
            #expect(server.server.pendingClientsCount == 0)
        }
    }
}
