import EventLoop
import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

@Suite(.timeLimit(.minutes(1)))
struct AGClientSocketTests {
    @Test
    func `connects by itself and says so`() async throws {
        let server = FakeServer()
        let client = try server.client()
        while await client.state != .open { await Task.yield() }
        #expect(await client.id == "fake")
    }

    @Test
    func `connects when it is told to`() async throws {
        let server = FakeServer()
        let client = try server.client { $0.autoConnect = false }
        #expect(await client.state == .closed)
        let connected = client.listener(.connect)
        await client.connect()
        let status = try await connected.once(timeout: .seconds(10))
        #expect(status.id == "fake")
        #expect(!status.isAuthenticated)
        await client.disconnect(4500, reason: "enough")
        #expect(await client.state == .closed)
        #expect(await client.pendingReconnect == false)
        #expect(server.closed == [4500])
    }

    @Test
    func `calls and is answered`() async throws {
        let server = FakeServer()
        let client = try server.client()
        async let answer = client.invoke("sum", [1, 2])
        await server.waitForSent("sum")
        #expect(server.sent.last == #"{"event":"sum","data":[1,2],"cid":2}"#)
        server.link?.deliver(#"{"rid":2,"data":3}"#)
        #expect(try await answer?.value() == 3)
    }

    @Test
    func `calls with types`() async throws {
        struct Point: Codable, Sendable, Equatable { var x: Int }
        let server = FakeServer()
        let client = try server.client()
        async let answer = client.invoke("move", encoding: Point(x: 1), as: Point.self)
        await server.waitForSent("move")
        server.link?.deliver(#"{"rid":2,"data":{"x":2}}"#)
        #expect(try await answer == Point(x: 2))
    }

    @Test
    func `an error of the server is thrown`() async throws {
        let server = FakeServer()
        let client = try server.client()
        async let answer = client.invoke("fail")
        await server.waitForSent("fail")
        server.link?.deliver(#"{"rid":2,"error":{"message":"no","name":"AccessError"}}"#)
        do {
            _ = try await answer
            Issue.record("the call succeeded")
        } catch {
            #expect((error as? AGError)?.name == "AccessError")
        }
    }

    @Test(arguments: [false, true])
    func `cancelling a call leaves nothing behind`(isQueued: Bool) async throws {
        let server = FakeServer(refusals: isQueued ? 1 : 0)
        let client = try server.client { $0.autoConnect = false }
        if !isQueued { try await connect(client) }
        let task = Task { try await client.invoke("slow") }
        if isQueued {
            while await client.underWay == 0, await client.state != .closed { await Task.yield() }
        } else {
            await server.waitForSent("slow")
        }
        task.cancel()
        let result = await task.result
        #expect(throws: AGError.self) { try result.get() }
        #expect(await client.underWay == 0)
    }

    @Test
    func `a task that is cancelled already does not call`() async throws {
        let server = FakeServer()
        let client = try server.client()
        try await connect(client)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.invoke("never")
        }
        task.cancel()
        let error = await #expect(throws: AGError.self) { try await task.value }
        #expect(error?.name == "AbortError")
        #expect(!server.sent.contains { $0.contains("never") })
    }

    @Test
    func `cancelling a reader leaves nothing behind`() async throws {
        let server = FakeServer()
        let client = try server.client()
        let task = Task {
            var count = 0
            for await _ in client.channel("a") { count += 1 }
            return count
        }
        while !client.core.channelStreams.isListening(to: "a") { await Task.yield() }
        task.cancel()
        #expect(await task.value == 0)
        while client.core.channelStreams.isListening(to: "a") { await Task.yield() }
    }

    @Test
    func `the last reference closes the connection`() async throws {
        let server = FakeServer()
        var client: AGClientSocket? = try server.client()
        let closing = try #require(client).listener(.close)
        let stream = try #require(client).receiver("x")
        try await connect(try #require(client))
        weak let core = client?.core
        client = nil
        await server.waitForClose()
        #expect(server.closed == [1000])
        #expect(try await closing.once(timeout: .seconds(10)).code == .normal)
        for await _ in stream { Issue.record("nothing was sent") }
        while core != nil { await Task.yield() }
    }

    @Test
    func `a client that waits to reconnect ends with its last reference`() async throws {
        let server = FakeServer(refusals: 1)
        var client: AGClientSocket? = try server.client { $0.autoConnect = false }
        let closed = try #require(client).listener(.close)
        await client?.connect()
        _ = try await closed.once(timeout: .seconds(10))
        #expect(await client?.pendingReconnect == true)
        #expect(await client?.pendingReconnectTimeout ?? 0 >= 10_000)
        weak let core = client?.core
        client = nil
        while core != nil { await Task.yield() }
    }

    @Test
    func `answers the server's calls`() async throws {
        let server = FakeServer()
        let client = try server.client()
        let procedure = client.procedure("double")
        try await connect(client)
        server.link?.deliver(#"{"event":"double","data":4,"cid":7}"#)
        let request = try await procedure.once(timeout: .seconds(10))
        #expect(request.event == "double")
        request.end(.integer((request.value?.integerValue ?? 0) * 2))
        await server.waitForSent("rid")
        #expect(server.sent.last == #"{"rid":7,"data":8}"#)
        let errors = client.listener(.error)
        request.end()
        #expect(try await errors.once(timeout: .seconds(10)).name == "InvalidActionError")
    }

    @Test
    func `receives events and messages`() async throws {
        let server = FakeServer()
        let client = try server.client()
        try await connect(client)
        let (events, messages, raws) = (client.receiver("news"), client.listener(.message), client.listener(.raw))
        server.link?.deliver(#"{"event":"news","data":{"a":1}}"#)
        server.link?.deliver("hello")
        #expect(try await events.once(timeout: .seconds(10)).value == ["a": 1])
        #expect(try await messages.once(timeout: .seconds(10)).bytes.count == 31)
        #expect(try await raws.once(timeout: .seconds(10)).bytes == Array("hello".utf8))
    }

    @Test
    func `channels deliver data and events`() async throws {
        let server = FakeServer()
        let client = try server.client()
        try await connect(client)
        let handle = client.channel("a")
        let (subscribed, left, kicked) = (
            handle.listener(.subscribe), handle.listener(.unsubscribe), handle.listener(.kickOut)
        )
        let channel = await client.subscribe("a", waitForAuth: false, data: ["k": 1])
        server.link?.deliver(##"{"event":"#publish","data":{"channel":"a","data":1}}"##)
        server.link?.deliver(#"{"rid":2}"#)
        #expect(try await subscribed.once(timeout: .seconds(10)).subscriptionOptions.data == ["k": 1])
        #expect(await channel.state == .subscribed)
        #expect(await client.isSubscribed("a"))
        #expect(await client.subscriptions() == ["a"])
        server.link?.deliver(##"{"event":"#publish","data":{"channel":"a"}}"##)
        // What came before anybody read is there too.
        var read: [String] = []
        for await data in channel {
            read.append(data.description)
            if read.count == 2 { break }
        }
        #expect(read == ["1", "null"])
        server.link?.deliver(##"{"event":"#kickOut","data":{"channel":"a","message":"out"}}"##)
        #expect(try await kicked.once(timeout: .seconds(10)).message == "out")
        try await left.once(timeout: .seconds(10))
        #expect(await channel.state == .unsubscribed)
    }

    @Test
    func `publishes`() async throws {
        let server = FakeServer()
        let client = try server.client()
        try await connect(client)
        await client.transmitPublish("a", ["x": 1])
        async let published: Void = client.channel("a").invokePublish(2)
        await server.waitForSent(#""cid":2"#)
        #expect(
            server.sent.suffix(2) == [
                ##"{"event":"#publish","data":{"channel":"a","data":{"x":1}}}"##,
                ##"{"event":"#publish","data":{"channel":"a","data":2},"cid":2}"##,
            ]
        )
        server.link?.deliver(#"{"rid":2}"#)
        try await published
    }

    @Test
    func `options that make no sense are refused`() {
        var options = AGClientOptions()
        options.path = "no-slash"
        #expect(throws: AGError.invalidOptions("The path option must start with /")) {
            try AsyngularClient.create(options)
        }
    }

    private func connect(_ client: AGClientSocket) async throws {
        let connected = client.listener(.connect)
        await client.connect()
        if await client.state == .open { return }
        _ = try await connected.once(timeout: .seconds(10))
    }
}

extension AGClientSocket {
    /// The machine's next deadline.
    var nextDue: UInt64 { core.machine.nextDue }

    /// Calls that wait for the connection or for an answer.
    var underWay: Int { core.machine.calls.count + core.machine.outbox.count }
}
