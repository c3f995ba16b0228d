import EventLoop
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Contract §20: defects of the reference that are not copied. The others stand beside what they concern.
@Suite("Defects not to copy", .timeLimit(.minutes(2)))
struct ReferenceDefectTests {
    @Test(
        "§20.1: nothing is processed once a close is begun, in the same batch or behind it",
        arguments: [
            ##"[{"event":"echo","cid":1},{"event":"#publish","data":{"channel":"c","data":"bad"}},HANDSHAKE]"##,
            ##"[{"event":"#handshake"},{"event":"#publish","data":{"channel":"c","data":"bad"}},HANDSHAKE]"##,
            #"{"event":"echo","cid":1}"#, ##"{"event":"#handshake"}"##,
        ]
    )
    func bypass(_ first: String) async throws {
        try await TestServer.run { server in
            let subscriber = try await server.connected()
            try subscriber.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##)
            try await subscriber.expect(#"{"rid":2}"#)

            let client = try server.client()
            let publish = ##"{"event":"#publish","data":{"channel":"c","data":"bad"},"cid":7}"##
            try client.send(
                together: first.replacing("HANDSHAKE", with: TestServer.handshake()),
                TestServer.handshake(),
                publish,
                #"{"event":"echo","cid":8}"#
            )
            try await client.expectClose(first.contains("#handshake\"}") ? 4008 : 4009)
            try await subscriber.expectNothing()
            #expect(server.server.clientsCount == 1)
            #expect(server.eventNames.filter { $0 == "connect" }.count == 1)
        }
    }

    @Test("§20.2: a second handshake is refused and disturbs nothing", arguments: [true, false])
    func secondHandshake(_ isFiltered: Bool) async throws {
        try await TestServer.run {
            if isFiltered { $0.actionFilter = AGActionFilter(for: [.handshakeSC]) { _ in .allow } }
        } _: { server in
            let (client, socket) = try await server.connectedPair(token: try server.token())
            let before = server.eventNames(of: socket)
            try client.send(TestServer.handshake(token: "x.y.z", cid: 2))
            let answer = try JSONValue(parsing: Array(try await client.text().utf8))
            #expect(answer["rid"] == 2)
            #expect(answer["error"]?["name"] == "InvalidActionError")
            // Without a cid there is nothing to answer.
            try client.send(##"{"event":"#handshake"}"##)
            try await client.expectNothing()
            #expect(server.server.clientsCount == 1)
            #expect(await socket.authState == .authenticated)
            #expect(server.eventNames(of: socket) == before + ["error", "error"])
            #expect(await socket.state == .open)
        }
    }

    @Test("§20.3: a peer that vanishes while its token is verified never connects")
    func vanishes() async throws {
        try await TestServer.run {
            $0.authScheduling = .offloaded
        } _: { server in
            let token = try server.token()
            let client = try server.client()
            // In one turn of the loop the verification begins and the connection ends.
            let id = await server.onLoop { context in
                guard let socket = context.pendingSockets.values.first else { return "" }
                socket.assumeIsolated {
                    $0.verify(Array(token.utf8), for: .handshake, cid: Array("1".utf8))
                    $0.transportEnded(code: 1006, reason: "")
                }
                return socket.id
            }
            // The pool works in order: once this token is verified, the other one was too.
            let other = try await server.connected(token: token)
            #expect(
                server.events(ofID: id) == [
                    "connectAbort", "connectionAbort", "close", "closure", "error", "end",
                ]
            )
            #expect(server.server.clientsCount == 1)
            withExtendedLifetime((client, other)) {}
        }
    }

    @Test("§20.3: whenever a peer vanishes, it either connected before or not at all", arguments: [0, 1])
    func vanishesAnyTime(_ kind: Int) async throws {
        try await TestServer.run {
            $0.authScheduling = .offloaded
        } _: { server in
            let token = kind == 0 ? try server.token() : "bad"
            for _ in 0..<30 {
                let client = try server.client()
                try client.send(TestServer.handshake(token: token))
                client.drop()
            }
            await server.wait(for: "end", count: 30)
            let other = try await server.connected(token: token)
            let names = server.eventNames
            #expect(
                names.filter { $0 == "connect" }.count == names.filter { $0 == "disconnect" }.count + 1
            )
            #expect(names.filter { $0 == "disconnect" || $0 == "connectAbort" }.count == 30)
            #expect(server.server.clientsCount == 1)
            #expect(server.server.pendingClientsCount == 0)
            withExtendedLifetime(other) {}
        }
    }
}
