import StrictJSON
import Testing
import WebSocket

@testable import Asyngular

/// From HTTP to a WebSocket on a connection that served requests before.
@Suite("Upgrade behind requests", .timeLimit(.minutes(2)))
struct HTTPUpgradeTests {
    private static let handshake = TestClient.frame(.text, Array(TestServer.handshake().utf8))

    /// Reads the 101 and the answer to `#handshake`.
    private func expectOpen(_ connection: HTTPConnection) throws {
        let answer = try connection.answer()
        #expect(answer.status == 101)
        let header = try connection.bytes(2)
        #expect(header[0] == 0x81)
        let text = String(decoding: try connection.bytes(Int(header[1])), as: UTF8.self)
        #expect(text.hasPrefix(#"{"rid":1,"data":{"id":""#))
    }

    @Test("After an answered request")
    func afterRequests() async throws {
        try await HTTPRoutesTests.run { (server, connection) throws in
            #expect(try connection.exchange("GET", "/hello").body == "hello")
            #expect(try connection.exchange("POST", "/echo", body: "abc").body == "abc")
            try connection.send(HTTPAnswer.request())
            try connection.send(Self.handshake)
            try expectOpen(connection)
            #expect(server.server.clientsCount == 1)
        }
    }

    @Test("In one piece with a request before and a frame behind, cut anywhere", arguments: [0, 5, 60, 120, 200, 240])
    func together(_ cut: Int) async throws {
        try await HTTPRoutesTests.run { (server, connection) throws in
            let bytes =
                Array((HTTPAnswer.plain("GET", "/hello", connection: nil) + HTTPAnswer.request()).utf8) + Self.handshake
            try connection.send(Array(bytes[..<cut]))
            try connection.send(Array(bytes[cut...]))
            #expect(try connection.answer().body == "hello")
            try expectOpen(connection)
        }
    }

    @Test("A refused upgrade ends the connection")
    func refused() async throws {
        try await HTTPRoutesTests.run { (server, connection) throws in
            #expect(try connection.exchange("GET", "/hello").body == "hello")
            try connection.send(HTTPAnswer.request("GET", "/other/") + HTTPAnswer.request())
            let answer = try connection.answer()
            #expect(answer.status == 400)
            #expect(answer.headers["connection"] == "close")
            #expect(try connection.rest() == "")
        }
    }

    /// A reference that does not keep its object, to be read on the object's loop.
    private final class Weak: @unchecked Sendable {
        weak var handler: HTTPHandler?

        init(_ handler: HTTPHandler?) {
            self.handler = handler
        }
    }

    @Test("An open WebSocket keeps nothing of HTTP")
    func memory() async throws {
        try await HTTPRoutesTests.run { (server, connection) throws in
            #expect(try connection.exchange("GET", "/hello").body == "hello")
            let weak = await server.onLoop { Weak($0.httpConnections.values.first) }
            #expect(await server.onLoop { _ in weak.handler != nil })
            try connection.send(Array(HTTPAnswer.request().utf8) + Self.handshake)
            try expectOpen(connection)
            #expect(await server.onLoop { _ in weak.handler == nil })
            #expect(await server.onLoop { $0.httpConnections.isEmpty })
        }
    }
}
