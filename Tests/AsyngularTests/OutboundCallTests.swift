import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Contract §6: the server's own calls and events.
@Suite("transmit and invoke", .timeLimit(.minutes(2)))
struct OutboundCallTests {
    /// Runs a call while the test plays the client.
    private func calling(
        _ event: String = "ask",
        _ value: JSONValue? = nil,
        ackTimeout: Duration? = nil,
        on socket: AGServerSocket
    ) -> Task<Result<JSONText?, AGError>, Never> {
        Task {
            do throws(AGError) {
                return .success(try await socket.invoke(event, value.map { JSONText($0) }, ackTimeout: ackTimeout))
            } catch {
                return .failure(error)
            }
        }
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let packet: String
        let result: Result<JSONText?, AGError>

        var testDescription: String { packet }
    }

    static let answers = [
        Answer(packet: #"{"rid":1}"#, result: .success(nil)),
        Answer(packet: #"{"rid":1,"data":null}"#, result: .success(JSONText(.null))),
        Answer(packet: #"{"rid":1,"data":{"a":[1]}}"#, result: .success(JSONText(["a": [1]]))),
        Answer(packet: #"{"rid":1,"error":null,"data":2}"#, result: .success(JSONText(2))),
        Answer(
            packet: #"{"rid":1,"error":{"message":"no","name":"OwnError","extra":5,"stack":"x"}}"#,
            result: .failure(AGError(name: "OwnError", message: "no", properties: ["extra": 5]))
        ),
        Answer(packet: #"{"rid":1,"error":"just text"}"#, result: .failure(AGError(primitive: "just text"))),
        Answer(packet: #"{"rid":1,"error":{}}"#, result: .failure(AGError(message: "Invalid error message format"))),
        Answer(packet: #"[{"rid":1,"data":1}]"#, result: .success(JSONText(1))),
        Answer(packet: #"{"rid":1.0,"data":1}"#, result: .success(JSONText(1))),
    ]

    @Test("Answers of the client", arguments: answers)
    func answer(_ row: Answer) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let call = calling("ask", ["x": "é\n"], on: socket)
            try await client.expect(#"{"event":"ask","cid":1,"data":{"x":"é\n"}}"#)
            try client.send(row.packet)
            #expect(await call.value == row.result)
            // The call is over: another answer means nothing.
            try client.send(#"{"rid":1,"error":"again"}"#)
            try await client.expectNothing()
            #expect(await socket.calls?.count == 0)
        }
    }

    @Test("Calls are numbered from 1 and matched by number")
    func numbering() async throws {
        try await TestServer.run { server in
            for _ in 0..<2 {
                let (client, socket) = try await server.connectedPair()
                let first = calling("a", on: socket)
                try await client.expect(#"{"event":"a","cid":1}"#)
                let second = calling("b", on: socket)
                try await client.expect(#"{"event":"b","cid":2}"#)
                try client.send(#"{"rid":2,"data":"b"}"#)
                try client.send(#"{"rid":1,"data":"a"}"#)
                #expect(await first.value == .success(JSONText("a")))
                #expect(await second.value == .success(JSONText("b")))
            }
        }
    }

    @Test("No answer in time", arguments: [nil, Duration.milliseconds(30)])
    func timeout(_ own: Duration?) async throws {
        try await TestServer.run {
            $0.ackTimeout = own == nil ? 30 : 60_000
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let result = await calling("ask", ackTimeout: own, on: socket).value
            #expect(
                result
                    == .failure(AGError(name: "TimeoutError", message: "Event response for ask event timed out"))
            )
            try await client.expect(#"{"event":"ask","cid":1}"#)
            try client.send(#"{"rid":1}"#)
            try await client.expectNothing()
        }
    }

    enum End: String, Sendable, CaseIterable {
        case clientCloses, clientVanishes, serverDisconnects
    }

    @Test("The socket closes meanwhile", arguments: End.allCases)
    func closed(_ end: End) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let calls = [calling("a", on: socket), calling("a", on: socket)]
            try await client.expect(#"{"event":"a","cid":1}"#, #"{"event":"a","cid":2}"#)
            let code: UInt16
            let reason: String
            switch end {
            case .clientCloses:
                (code, reason) = (4123, "bye")
                try client.send(.close, [UInt8(4123 >> 8), UInt8(4123 & 0xFF)] + Array("bye".utf8))
            case .clientVanishes:
                (code, reason) = (1006, "Socket hung up")
                client.drop()
            case .serverDisconnects:
                (code, reason) = (4200, "enough")
                await socket.disconnect(CloseCode(rawValue: 4200), reason: "enough")
            }
            for call in calls {
                #expect(
                    await call.value
                        == .failure(
                            AGError(
                                name: "BadConnectionError",
                                message: "Event a was aborted due to a bad connection",
                                properties: [
                                    "type": "disconnect", "code": .integer(Int64(code)), "reason": .string(reason),
                                ]
                            )
                        )
                )
            }
        }
    }

    @Test("The calling task is cancelled")
    func cancelled() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let call = calling(on: socket)
            try await client.expect(#"{"event":"ask","cid":1}"#)
            call.cancel()
            guard case .failure(let error) = await call.value else {
                Issue.record("not cancelled")
                return
            }
            #expect(error.name == "AbortError")
            try client.send(#"{"rid":1}"#)
            try await client.expectNothing()
            #expect(await socket.calls?.count == 0)
        }
    }

    @Test("A task that is cancelled already calls nobody")
    func cancelledBefore() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let error = await Task { () -> AGError? in
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                do throws(AGError) {
                    try await socket.invoke("never")
                    return nil
                } catch {
                    return error
                }
            }.value
            #expect(error?.name == "AbortError")
            try await client.expectNothing()
        }
    }

    @Test("On a closed socket invoke throws and transmit reports")
    func notOpen() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            try client.sendClose(1000)
            await server.wait(for: "end")
            let warnings = server.server.listener(.warning)
            let call = await calling("x", on: socket).value
            let properties: JSONObject = ["type": "connectAbort"]
            let aborted = AGError(
                name: "BadConnectionError",
                message: "Socket invoke x event was aborted due to a bad connection",
                properties: properties
            )
            #expect(call == .failure(aborted))
            #expect(try await warnings.once(timeout: .seconds(20)).error == aborted)
            await socket.transmit("x")
            #expect(
                try await warnings.once(timeout: .seconds(20)).error
                    == AGError(
                        name: "BadConnectionError",
                        message: "Socket transmit x event was aborted due to a bad connection",
                        properties: properties
                    )
            )
        }
    }

    @Test("Events of the server, in order, with and without data")
    func transmit() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            await socket.transmit("none")
            await socket.transmit("null", .null)
            await socket.transmit("wort \"é\"", ["a": 1.5])
            try await client.expect(
                #"{"event":"none"}"#,
                #"{"event":"null","data":null}"#,
                #"{"event":"wort \"é\"","data":{"a":1.5}}"#
            )
        }
    }

    @Test("Too many calls are refused")
    func limit() async throws {
        try await TestServer.run {
            $0.pendingCallLimit = 1
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let first = calling(on: socket)
            try await client.expect(#"{"event":"ask","cid":1}"#)
            guard case .failure(let error) = await calling(on: socket).value else {
                Issue.record("not refused")
                return
            }
            #expect(error.name == "ResourceLimitError")
            try client.send(#"{"rid":1}"#)
            #expect(await first.value == .success(nil))
        }
    }

    @Test("A handler can call back and wait, on the same loop")
    func callBack() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let requests = socket.procedure("relay")
            try client.send(#"{"event":"relay","data":5,"cid":2}"#)
            let request = try await requests.once(timeout: .seconds(20))
            let call = calling("ask", request.value, on: socket)
            try await client.expect(#"{"event":"ask","cid":1,"data":5}"#)
            try client.send(#"{"rid":1,"data":6}"#)
            if case .success(let text?) = await call.value { request.end(text) }
            try await client.expect(#"{"rid":2,"data":6}"#)
        }
    }
}
