import SocketProtocol
import StrictJSON
import Synchronization
import Testing

@testable import Asyngular

/// Contract §6: calls and events from the client.
@Suite("Procedures and receivers", .timeLimit(.minutes(2)))
struct ProcedureTests {
    @Test("A stream of requests")
    func stream() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let requests = socket.procedure("double")
            let answering = Task {
                for await request in requests {
                    guard case .integer(let number)? = request.value else {
                        request.error(AGError(name: "InputError", message: "no number"))
                        continue
                    }
                    request.end(.integer(number * 2))
                }
            }
            for number in 1...20 { try client.send(#"{"event":"double","data":\#(number),"cid":\#(number)}"#) }
            for number in 1...20 { try await client.expect(#"{"rid":\#(number),"data":\#(number * 2)}"#) }
            try client.send(#"{"event":"double","cid":21}"#)
            try await client.expect(#"{"rid":21,"error":{"message":"no number","name":"InputError"}}"#)
            await socket.disconnect()
            // The end of the socket ends the stream.
            await answering.value
        }
    }

    @Test("A stream takes precedence over the server's handler on its socket, for as long as it lives")
    func precedence() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let other = try await server.connected()
            do {
                let requests = socket.procedure("echo")
                try client.send(#"{"event":"echo","data":1,"cid":2}"#)
                try await requests.once(timeout: .seconds(20)).end("stream")
                try await client.expect(#"{"rid":2,"data":"stream"}"#)
                try await other.expectNothing()
                withExtendedLifetime(requests) {}
            }
            try client.send(#"{"event":"echo","data":1,"cid":3}"#)
            try await client.expect(#"{"rid":3,"data":1}"#)
        }
    }

    @Test("A stream of events, beside the server's handler")
    func receivers() async throws {
        let handled = Mutex<[JSONValue]>([])
        try await TestServer.run { _ in
        } setUp: {
            $0.receiver("tell") { _, event in
                let value = event.value ?? .null
                handled.withLock { $0.append(value) }
            }
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let events = socket.receiver("tell")
            for number in 1...3 { try client.send(#"{"event":"tell","data":\#(number)}"#) }
            // A cid of another type makes it an event (contract §18).
            try client.send(#"{"event":"tell","data":4,"cid":"x"}"#)
            try client.send(#"{"event":"tell","data":5,"cid":null}"#)
            var seen: [JSONValue] = []
            for await event in events {
                #expect(event.socket === socket)
                seen.append(event.value ?? .null)
                if seen.count == 5 { break }
            }
            #expect(seen == [1, 2, 3, 4, 5])
            #expect(handled.withLock { $0 } == [1, 2, 3, 4, 5])
            try await client.expectNothing()
        }
    }

    @Test("What nobody handles is not answered")
    func unhandled() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send(#"{"event":"nobody","cid":2}"#)
            try client.send(#"{"event":"nobody"}"#)
            try await client.expectNothing()
            #expect(!server.eventNames.contains("error"))
        }
    }

    @Test("Requests and events that come before their stream is made are kept, in order")
    func early() async throws {
        try await TestServer.run { server in
            let connections = server.server.listener(.connection)
            let client = try server.client()
            try client.send(
                together: TestServer.handshake(),
                #"{"event":"late","data":1,"cid":2}"#,
                #"{"event":"other","data":1,"cid":3}"#,
                #"{"event":"late","data":2}"#,
                #"{"event":"late","data":3,"cid":4}"#
            )
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
            let socket = try await connections.once(timeout: .seconds(20)).socket
            // The messages are in the same turn as the handshake or a later one; the answer to this one is behind them.
            try await client.expectNothing()
            #expect(await socket.earlyCount == 4)
            let requests = socket.procedure("late")
            try client.send(#"{"event":"late","data":4,"cid":5}"#)
            for (cid, data) in [(2, 1), (4, 3), (5, 4)] {
                let request = try await requests.once(timeout: .seconds(20))
                #expect(request.value == .integer(Int64(data)))
                request.end()
                try await client.expect(#"{"rid":\#(cid)}"#)
            }
            #expect(try await socket.receiver("late").once(timeout: .seconds(20)).value == 2)
            #expect(try await socket.procedure("other").once(timeout: .seconds(20)).value == 1)
            #expect(await socket.earlyCount == 0)
            withExtendedLifetime(requests) {}
        }
    }

    @Test("A request that comes while the stream is being made does not overtake the early ones")
    func earlyOrder() async throws {
        try await TestServer.run { server in
            let connections = server.server.listener(.connection)
            let (client, socket) = try await server.connectedPair()
            try client.send(#"{"event":"late","data":1,"cid":2}"#)
            try client.send(#"{"event":"news","data":1}"#)
            try await client.expectNothing()
            // In one turn, in which the kept packets are not handed over yet.
            let (requests, news) = await server.onLoop { _ in
                socket.assumeIsolated { socket in
                    let streams = (socket.procedure("late"), socket.receiver("news"))
                    var bytes =
                        TestClient.frame(.text, Array(#"{"event":"late","data":2,"cid":3}"#.utf8))
                        + TestClient.frame(.text, Array(#"{"event":"news","data":2}"#.utf8))
                    var span = bytes.mutableSpan
                    var input = unsafe span.mutableBytes
                    socket.transport.receive(&input)
                    return streams
                }
            }
            for number in 1...2 {
                #expect(try await requests.once(timeout: .seconds(20)).value == .integer(Int64(number)))
                #expect(try await news.once(timeout: .seconds(20)).value == .integer(Int64(number)))
            }
            withExtendedLifetime(connections) {}
        }
    }

    @Test("Early packets are bounded in number")
    func earlyLimit() async throws {
        try await TestServer.run { server in
            let connections = server.server.listener(.connection)
            let (client, socket) = try await server.connectedPair()
            for number in 0..<100 { try client.send(#"{"event":"late","data":\#(number)}"#) }
            try await client.expectNothing()
            #expect(await socket.earlyCount == 64)
            withExtendedLifetime(connections) {}
        }
    }

    @Test("Early packets are dropped when their callers have given up")
    func earlyDeadline() async throws {
        try await TestServer.run {
            $0.ackTimeout = 30
        } _: { server in
            let connections = server.server.listener(.connection)
            let (client, socket) = try await server.connectedPair()
            try client.send(#"{"event":"late","cid":2}"#)
            try await client.expectNothing()
            // A call that is made later times out later, on the same wheel.
            await #expect(throws: AGError.self) { try await socket.invoke("x") }
            #expect(await socket.earlyCount == 0)
            withExtendedLifetime(connections) {}
        }
    }

    @Test("Without a listener for connections nothing is kept")
    func noEarly() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            try client.send(#"{"event":"late","cid":2}"#)
            try await client.expectNothing()
            #expect(await socket.earlyCount == 0)
        }
    }

    // MARK: Answers

    @Test("A second answer is reported and not sent: synchronous handler")
    func secondAnswerSync() async throws {
        try await TestServer.run { _ in
        } setUp: {
            $0.procedure("twice") { _, request in
                request.end(1)
                request.end(2)
            }
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let errors = socket.listener(.error)
            try client.send(#"{"event":"twice","cid":2}"#)
            try await client.expect(#"{"rid":2,"data":1}"#)
            let error = try await errors.once(timeout: .seconds(20))
            #expect(error.name == "InvalidActionError")
            #expect(error.message.contains("twice"))
            try await client.expectNothing()
        }
    }

    @Test("A second answer is reported and not sent: stream")
    func secondAnswerStream() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let errors = socket.listener(.error)
            let requests = socket.procedure("twice")
            try client.send(#"{"event":"twice","cid":2}"#)
            let request = try await requests.once(timeout: .seconds(20))
            request.end(1)
            request.error(AGError(message: "late"))
            try await client.expect(#"{"rid":2,"data":1}"#)
            #expect(try await errors.once(timeout: .seconds(20)).name == "InvalidActionError")
            try await client.expectNothing()
        }
    }

    @Test("An answer after the socket has closed goes nowhere")
    func answerAfterClose() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let requests = socket.procedure("slow")
            try client.send(#"{"event":"slow","cid":2}"#)
            let request = try await requests.once(timeout: .seconds(20))
            try client.sendClose(1000)
            #expect(await client.next() == .close(code: 1000, reason: ""))
            await server.wait(for: "end")
            request.end(1)
            #expect(await client.next() == .end)
        }
    }

    @Test("A deferred request is answered later")
    func deferred() async throws {
        let kept = Mutex<AGRequest?>(nil)
        try await TestServer.run { _ in
        } setUp: {
            $0.procedure("later") { _, request in
                let deferred = request.deferred()
                kept.withLock { $0 = deferred }
            }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"later","data":{"x":1},"cid":2}"#)
            try await client.expectNothing()
            let request = try #require(kept.withLock { $0 })
            #expect(request.event == "later")
            request.end(request.value ?? .null)
            try await client.expect(#"{"rid":2,"data":{"x":1}}"#)
        }
    }

    @Test("A stream that is full refuses requests")
    func fullStream() async throws {
        try await TestServer.run {
            $0.streamBufferLimit = 2
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let requests = socket.procedure("full")
            for cid in 2...4 { try client.send(#"{"event":"full","cid":\#(cid)}"#) }
            let answer = try JSONValue(parsing: Array(try await client.text().utf8))
            #expect(answer["rid"] == 4)
            #expect(answer["error"]?["name"] == "ResourceLimitError")
            for cid in 2...3 {
                try await requests.once(timeout: .seconds(20)).end()
                try await client.expect(#"{"rid":\#(cid)}"#)
            }
            #expect(requests.dropped == 1)
        }
    }

    @Test("Answers overtake events of the same turn")
    func order() async throws {
        try await TestServer.run { _ in
        } setUp: {
            $0.procedure("mixed") { socket, request in
                socket.transmit("first", 1)
                socket.transmit("second", 2)
                request.end()
            }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"mixed","cid":2}"#)
            try await client.expect(
                #"{"rid":2}"#,
                #"{"event":"first","data":1}"#,
                #"{"event":"second","data":2}"#
            )
        }
    }
}

extension AGServerSocket {
    var earlyCount: Int { early?.items.count ?? 0 }
}
