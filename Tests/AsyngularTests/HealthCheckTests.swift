import SocketProtocol
import Testing
import WebSocket

@testable import Asyngular

/// Contract §3: pings, pongs and what happens without them.
@Suite("Health check", .timeLimit(.minutes(2)))
struct HealthCheckTests {
    struct Version: Sendable, CustomTestStringConvertible {
        let version: ProtocolVersion
        let ping: String
        let pong: String

        var testDescription: String { "\(version)" }
    }

    static let versions = [
        Version(version: .v1, ping: "#1", pong: "#2"), Version(version: .v2, ping: "", pong: ""),
    ]

    @Test("Pings begin when the WebSocket opens, before the handshake", arguments: versions)
    func pingBeforeHandshake(_ row: Version) async throws {
        try await TestServer.run {
            $0.protocolVersion = row.version
            $0.pingInterval = 20
        } _: { server in
            let client = try server.client()
            try await client.expect(row.ping, row.ping)
        }
    }

    @Test("Without a pong the socket closes with 4001", arguments: versions)
    func pongTimeout(_ row: Version) async throws {
        try await TestServer.run {
            $0.protocolVersion = row.version
            $0.pingInterval = 300
            $0.pingTimeout = 1000
        } _: { server in
            let client = try await server.connected()
            #expect(await client.close() == .close(code: 4001, reason: ""))
            await server.wait(for: "end")
            #expect(server.eventNames.suffix(8).contains("disconnect"))
        }
    }

    @Test("Pongs keep the socket open", arguments: versions)
    func pongs(_ row: Version) async throws {
        try await TestServer.run {
            $0.protocolVersion = row.version
            $0.pingInterval = 100
            $0.pingTimeout = 4000
        } _: { server in
            let client = try TestClient(
                port: server.port,
                behind: TestClient.frame(.text, Array(TestServer.handshake().utf8)),
                ping: row.ping,
                pong: row.pong
            )
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
            // Longer than the timeout, in pings: 5 s.
            for _ in 0..<50 { try await client.expect(row.ping) }
            #expect(server.server.clientsCount == 1)
        }
    }

    @Test("Other messages do not count as pongs, nor does the other version's", arguments: versions)
    func onlyPongs(_ row: Version) async throws {
        try await TestServer.run {
            $0.protocolVersion = row.version
            $0.pingInterval = 100
            $0.pingTimeout = 1000
        } _: { server in
            let client = try await server.connected()
            let other = row.version == .v1 ? "" : "#2"
            while true {
                let frame = await client.next()
                guard case .text(row.ping) = frame else {
                    if case .text = frame { continue }
                    #expect(frame == .close(code: 4001, reason: ""))
                    break
                }
                try? client.send(#"{"event":"echo","cid":2}"#)
                try? client.send(other)
                try? client.send(.pong, [])
            }
        }
    }

    @Test("pingTimeoutDisabled: neither pings nor a timeout")
    func disabled() async throws {
        try await TestServer.run {
            $0.pingInterval = 10
            $0.pingTimeout = 20
            $0.pingTimeoutDisabled = true
            $0.ackTimeout = 200
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            // A deadline of the same wheel, ten times as long, passes first.
            await #expect(throws: AGError.responseTimeout(event: "unanswered")) {
                try await socket.invoke("unanswered")
            }
            try await client.expect(#"{"event":"unanswered","cid":1}"#)
            try await client.expectNothing()
        }
    }

    @Test("With strictHandshake a pong before the handshake closes with 4009", arguments: versions)
    func strictPong(_ row: Version) async throws {
        try await TestServer.run {
            $0.protocolVersion = row.version
        } _: { server in
            let client = try server.client()
            try client.send(row.pong)
            try await client.expectClose(4009)
        }
    }

    @Test("Without strictHandshake it does not", arguments: versions)
    func lenientPong(_ row: Version) async throws {
        try await TestServer.run {
            $0.protocolVersion = row.version
            $0.strictHandshake = false
        } _: { server in
            let client = try server.client()
            try client.send(row.pong)
            try client.send(TestServer.handshake())
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
        }
    }

    @Test("The other version's pong is a raw message", arguments: versions)
    func otherVersion(_ row: Version) async throws {
        try await TestServer.run {
            $0.protocolVersion = row.version
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let raw = socket.listener(.raw)
            for other in row.version == .v1 ? ["", "#1"] : ["#1", "#2"] {
                try client.send(other)
                #expect(try await raw.once(timeout: .seconds(20)).bytes == Array(other.utf8))
            }
            try await client.expectNothing()
        }
    }

    @Test("A pong is an event too")
    func message() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let messages = socket.listener(.message)
            try client.send("")
            #expect(try await messages.once(timeout: .seconds(20)).bytes.isEmpty)
            #expect(!server.eventNames.contains("raw"))
        }
    }
}
