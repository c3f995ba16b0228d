import SocketProtocol
import StrictJSON
import Testing
import WebSocket

@testable import Asyngular

/// Contract §13: closing, the events it emits and their order.
@Suite("Closing", .timeLimit(.minutes(2)))
struct ClosingTests {
    static let open = ["connect", "connection"]

    private func payload(_ code: UInt16, _ reason: String = "") -> [UInt8] {
        [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + Array(reason.utf8)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        /// Nil closes without a code.
        let code: UInt16?
        let reason: String
        let local: AGClosure
        /// The local error's message.
        let error: String?

        init(_ code: UInt16?, _ reason: String, local: UInt16, _ localReason: String, error: String?) {
            self.code = code
            self.reason = reason
            self.local = AGClosure(code: CloseCode(rawValue: local), reason: localReason)
            self.error = error
        }

        var testDescription: String { "\(code.map(String.init) ?? "none") \(reason)" }
    }

    static let rows = [
        Row(1000, "", local: 1000, "Socket closed normally", error: nil),
        Row(1000, "own", local: 1000, "own", error: nil),
        Row(1001, "", local: 1001, "Socket was disconnected", error: nil),
        Row(nil, "", local: 1005, "Socket closed without status code", error: "Socket closed without status code"),
        Row(4000, "", local: 4000, "Server ping timed out", error: "Server ping timed out"),
        Row(4000, "own", local: 4000, "own", error: "Server ping timed out"),
        Row(4444, "", local: 4444, "", error: "Socket connection closed with status code 4444"),
        Row(
            4444,
            "own é",
            local: 4444,
            "own é",
            error: "Socket connection closed with status code 4444 and reason: own é"
        ),
    ]

    @Test("The client closes", arguments: rows)
    func client(_ row: Row) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let closures = socket.listener(.close)
            let errors = socket.listener(.error)
            let twins = server.server.listener(.disconnection)
            try client.send(.close, row.code.map { payload($0, row.reason) } ?? [])
            #expect(await client.next() == .close(code: row.code, reason: ""))
            #expect(await client.next() == .end)
            #expect(try await closures.once(timeout: .seconds(20)) == row.local)
            let twin = try await twins.once(timeout: .seconds(20))
            #expect(twin.payload == row.local)
            #expect(twin.socket === socket)
            await server.wait(for: "end")
            if let message = row.error {
                #expect(
                    try await errors.once(timeout: .seconds(20)) == .socketProtocol(message, code: row.local.code)
                )
            } else {
                #expect(!server.eventNames.contains("error"))
            }
            #expect(await socket.state == .closed)
            #expect(server.server.clientsCount == 0)
        }
    }

    @Test("Events in order: open, with subscriptions, for a code that is an error")
    func order() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            for (index, channel) in ["a", "b"].enumerated() {
                try client.send(##"{"event":"#subscribe","data":{"channel":"\##(channel)"},"cid":\##(index + 2)}"##)
                try await client.expect(#"{"rid":\#(index + 2)}"#)
            }
            let left = socket.listener(.unsubscribe)
            try client.send(.close, payload(4200))
            await server.wait(for: "end")
            #expect(
                server.eventNames == [
                    "ready", "connect", "connection", "subscribe", "subscription", "subscribe", "subscription",
                    "disconnect", "disconnection", "close", "closure", "error", "warning", "unsubscribe",
                    "unsubscription", "unsubscribe", "unsubscription", "end",
                ]
            )
            var channels: Set<String> = []
            for await channel in left { channels.insert(channel) }
            #expect(channels == ["a", "b"])
            #expect(server.server.exchange.subscriptions.isEmpty)
        }
    }

    @Test("Events in order: open, for an ignored code", arguments: [1000, 1001] as [UInt16])
    func ignored(_ code: UInt16) async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.sendClose(code)
            await server.wait(for: "end")
            #expect(
                server.eventNames == [
                    "ready", "connect", "connection", "disconnect", "disconnection", "close", "closure", "end",
                ]
            )
        }
    }

    @Test("Events in order: before the handshake")
    func aborted() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            client.drop()
            await server.wait(for: "end")
            #expect(
                server.eventNames == [
                    "ready", "connectAbort", "connectionAbort", "close", "closure", "error", "warning", "end",
                ]
            )
            #expect(server.server.pendingClientsCount == 0)
        }
    }

    @Test("The server closes: code and reason go out, the events come at once, nothing is processed any more")
    func server() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let closures = socket.listener(.disconnect)
            await socket.transmit("last", 1)
            await socket.disconnect(CloseCode(rawValue: 4321), reason: "enough")
            #expect(await socket.state == .closed)
            #expect(
                try await closures.once(timeout: .seconds(20))
                    == AGClosure(code: CloseCode(rawValue: 4321), reason: "enough")
            )
            try client.send(#"{"event":"echo","cid":2}"#)
            try client.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":3}"##)
            try await client.expect(#"{"event":"last","data":1}"#)
            try await client.expectClose(4321, reason: "enough")
            await socket.disconnect()
            #expect(server.eventNames.filter { $0 == "end" }.count == 1)
            #expect(!server.eventNames.contains("subscribe"))
        }
    }

    @Test("A close frame that came while a token was being verified still answers the server's own")
    func heldCloseFrame() async throws {
        try await TestServer.run {
            $0.authScheduling = .offloaded
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let clock = ContinuousClock()
            let start = clock.now
            // In one turn: input is held, the peer's frames arrive, the server closes.
            _ = await server.onLoop { _ in
                socket.assumeIsolated { socket in
                    socket.verify(Array("x".utf8), for: .authenticate, cid: Array("2".utf8))
                    var bytes = TestClient.frame(.text, Array("half".utf8)) + TestClient.frame(.close, [0x03, 0xE8])
                    var span = bytes.mutableSpan
                    var input = unsafe span.mutableBytes
                    socket.transport.receive(&input)
                    socket.disconnect(CloseCode(rawValue: 4100))
                }
            }
            #expect(await client.next() == .close(code: 4100, reason: ""))
            #expect(await client.next() == .end)
            // Not by the deadline of the closing handshake, 5 s.
            #expect(clock.now - start < .milliseconds(4500))
        }
    }

    @Test("A long reason is cut at a character's edge")
    func longReason() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            await socket.disconnect(.normal, reason: String(repeating: "é", count: 100))
            try await client.expectClose(1000, reason: String(repeating: "é", count: 61))
        }
    }

    @Test("The streams of a socket end with it, and those made later too")
    func streams() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let ends = socket.listener(.end)
            let procedures = socket.procedure("x")
            try client.sendClose(1000)
            await server.wait(for: "end")
            var count = 0
            for await _ in ends { count += 1 }
            #expect(count == 1)
            for await _ in procedures { Issue.record("a request after the end") }
            for await _ in socket.listener(.error) { Issue.record("an error after the end") }
            for await _ in socket.receiver("x") { Issue.record("an event after the end") }
        }
    }

    @Test("A client that half-closes gets what is under way, then the end")
    func halfClose() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send(#"{"event":"echo","data":1,"cid":2}"#)
            client.halfClose()
            try await client.expect(#"{"rid":2,"data":1}"#)
            #expect(await client.next() == .end)
            await server.wait(for: "end")
            #expect(server.eventNames.contains("disconnect"))
        }
    }

    @Test("Broken frames close with the protocol's code", arguments: [(0x83, 1002), (0xF1, 1002)] as [(UInt8, UInt16)])
    func brokenFrames(_ row: (UInt8, UInt16)) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let closures = socket.listener(.close)
            try client.sendRaw([row.0, 0x80, 0, 0, 0, 0])
            guard case .close(let code, _) = await client.next() else {
                Issue.record("no close frame")
                return
            }
            #expect(code == row.1)
            #expect(await client.next() == .end)
            #expect(try await closures.once(timeout: .seconds(20)).code.rawValue == row.1)
        }
    }
}
