import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Contract §12: errors as a peer sees them.
@Suite("Errors on the wire", .timeLimit(.minutes(2)))
struct ErrorShapeTests {
    struct Plain: Error, CustomStringConvertible {
        var description: String { "a plain error" }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let error: any Error
        let json: String

        var testDescription: String { json }
    }

    static let rows = [
        Row(error: AGError(message: "only a message"), json: #"{"message":"only a message"}"#),
        Row(error: AGError(name: "N", message: "m \"q\" é"), json: #"{"message":"m \"q\" é","name":"N"}"#),
        Row(
            error: AGError(name: "N", message: "m", properties: ["code": 5, "deep": ["a": [nil, true]]]),
            json: #"{"message":"m","name":"N","code":5,"deep":{"a":[null,true]}}"#
        ),
        Row(error: AGError(primitive: "text"), json: #""text""#),
        Row(error: AGError(primitive: 5), json: "5"),
        Row(error: AGError(primitive: false), json: "false"),
        Row(error: Plain(), json: #"{"message":"a plain error"}"#),
        Row(
            error: AGError.broker("b"),
            json: #"{"message":"b","name":"BrokerError"}"#
        ),
        Row(
            error: AGError.socketAuthTokenExpired(expiry: 1_700_000_000),
            json: #"{"message":"The socket auth token has expired","name":"AuthTokenExpiredError","expiry":1700000000}"#
        ),
    ]

    @Test("What a handler throws is the answer", arguments: rows)
    func thrown(_ row: Row) async throws {
        try await TestServer.run { _ in
        } setUp: {
            $0.procedure("fail") { _, _ in throw row.error }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"fail","cid":2}"#)
            try await client.expect(#"{"rid":2,"error":\#(row.json)}"#)
            #expect(!server.eventNames.contains("error"))
        }
    }

    @Test("What is thrown after an answer is not sent")
    func thrownLate() async throws {
        try await TestServer.run { _ in
        } setUp: {
            $0.procedure("fail") { _, request in
                request.end(1)
                throw Plain()
            }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"fail","cid":2}"#)
            try await client.expect(#"{"rid":2,"data":1}"#)
            try await client.expectNothing()
        }
    }
}
