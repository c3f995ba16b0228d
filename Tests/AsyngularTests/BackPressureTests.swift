import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Clients that read slowly, or not at all, or write slowly.
@Suite("Back-pressure", .timeLimit(.minutes(2)))
struct BackPressureTests {
    @Test("A client that does not read is cut at the limit, and only it")
    func slowConsumer() async throws {
        try await TestServer.run {
            $0.outputLimit = 256 * 1024
        } _: { server in
            let fast = try await server.connected()
            try fast.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##)
            try await fast.expect(#"{"rid":2}"#)
            let closures = server.server.listener(.closure)

            // Never reads after its upgrade.
            let slow = try RawClient(port: server.port)
            try slow.send(HTTPAnswer.request())
            _ = try slow.readHead()
            try slow.send(TestClient.frame(.text, Array(TestServer.handshake().utf8)))
            try slow.send(
                TestClient.frame(.text, Array(##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##.utf8))
            )
            await server.wait(for: "subscribe", count: 2)

            let text = String(repeating: "x", count: 32 * 1024)
            let packet = ##"{"event":"#publish","data":{"channel":"c","data":"\##(text)"}}"##
            // The kernel takes some megabytes before anything waits here.
            for _ in 0..<10_000 {
                guard server.server.clientsCount == 2 else { break }
                server.server.exchange.publish("c", .string(text))
                let isSame = try await fast.text() == packet
                #expect(isSame)
            }
            let closure = try await closures.once(timeout: .seconds(20))
            #expect(closure.payload.code == .policyViolation)
            #expect(!closure.payload.reason.isEmpty)
            try await fast.expectNothing()
            #expect(server.server.clientsCount == 1)
            withExtendedLifetime(slow) {}
        }
    }

    @Test("Frames that come byte by byte")
    func dribbling() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            let bytes =
                TestClient.frame(.text, Array(TestServer.handshake().utf8))
                + TestClient.frame(.ping, [1, 2])
                + TestClient.frame(.text, Array(#"{"event":"echo","data":"é","cid":2}"#.utf8))
            for byte in bytes { try client.sendRaw([byte]) }
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
            #expect(await client.next() == .pong([1, 2]))
            try await client.expect(#"{"rid":2,"data":"é"}"#)
        }
    }

    @Test("A message larger than any buffer goes through")
    func large() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            let text = String(repeating: "0123456789", count: 300_000)
            try client.send(#"{"event":"echo","data":"\#(text)","cid":2}"#)
            let isSame = try await client.text() == #"{"rid":2,"data":"\#(text)"}"#
            #expect(isSame)
        }
    }

    @Test("A peer that stops in the middle of a frame disturbs nobody")
    func stalled() async throws {
        try await TestServer.run { server in
            let stalled = try await server.connected()
            try stalled.sendRaw(Array(TestClient.frame(.text, Array(repeating: 32, count: 100_000)).prefix(50_000)))
            let other = try await server.connected()
            try await other.expectNothing()
            stalled.drop()
            await server.wait(for: "end")
            #expect(server.server.clientsCount == 1)
        }
    }
}
