import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Contract §5: names that begin with `#`, from a client.
@Suite("Reserved events", .timeLimit(.minutes(2)))
struct ReservedEventTests {
    @Test(
        "Those that only a server sends are ordinary events",
        arguments: ["#setAuthToken", "#kickOut", "#disconnect", "#anything", "#", "#Handshake"]
    )
    func ordinary(_ name: String) async throws {
        try await TestServer.run { _ in
        } setUp: { server in
            server.procedure(name) { _, request in request.end(.string("procedure")) }
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let received = socket.receiver(name)
            try client.send(#"{"event":"\#(name)","data":{"token":"x"}}"#)
            let transmission = try await received.once(timeout: .seconds(20))
            #expect(transmission.event == name)
            #expect(transmission.value == ["token": "x"])
            try client.send(#"{"event":"\#(name)","cid":2}"#)
            try await client.expect(#"{"rid":2,"data":"procedure"}"#)
            #expect(await socket.authState == .unauthenticated)
        }
    }

    @Test("#removeAuthToken is never answered", arguments: [#","cid":2"#, ""])
    func removeAuthToken(_ cid: String) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair(token: try server.token())
            #expect(await socket.authState == .authenticated)
            try client.send(##"{"event":"#removeAuthToken"\##(cid)}"##)
            try await client.expectNothing()
            #expect(await socket.authState == .unauthenticated)
            #expect(await socket.authToken == nil)
            #expect(await socket.signedAuthToken == nil)
        }
    }

    @Test("#subscribe without a cid subscribes to nothing and reaches a receiver")
    func subscribeWithoutCid() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let received = socket.receiver("#subscribe")
            try client.send(##"{"event":"#subscribe","data":{"channel":"c"}}"##)
            #expect(try await received.once(timeout: .seconds(20)).value == ["channel": "c"])
            #expect(await socket.channels.isEmpty)
            #expect(!server.eventNames.contains("subscribe"))
            try await client.expectNothing()
        }
    }

    @Test("#authenticate without a cid closes with 4008", arguments: [#","cid":"x""#, ""])
    func authenticateWithoutCid(_ cid: String) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let errors = socket.listener(.error)
            try client.send(##"{"event":"#authenticate","data":"x"\##(cid)}"##)
            try await client.expectClose(4008)
            #expect(try await errors.once(timeout: .seconds(20)) == .authenticateMalformatted)
        }
    }

    struct Disconnect: Sendable, CustomTestStringConvertible {
        let data: String
        let code: UInt16
        let reason: String

        var testDescription: String { data }
    }

    @Test(
        "In version 1, #disconnect asks for a close",
        arguments: [
            Disconnect(data: #"{"code":4100,"data":"bye"}"#, code: 4100, reason: "bye"),
            Disconnect(data: #"{"code":1000}"#, code: 1000, reason: ""),
            Disconnect(data: "null", code: 1000, reason: ""),
            Disconnect(data: #"{"code":"x","data":{}}"#, code: 1000, reason: ""),
            Disconnect(data: #"{"code":99999}"#, code: 1000, reason: ""),
        ]
    )
    func disconnect(_ row: Disconnect) async throws {
        try await TestServer.run {
            $0.protocolVersion = .v1
        } _: { server in
            let client = try await server.connected()
            try client.send(##"{"event":"#disconnect","data":\##(row.data)}"##)
            try await client.expectClose(row.code, reason: row.reason)
        }
    }
}
