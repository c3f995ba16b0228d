import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// Contract §15, and what §9.3 and §9.5 say of lost connections, against any server, through a relay that breaks connections.
@Suite(.timeLimit(.minutes(2)))
struct ReconnectionSequenceTests {
    private func run(
        pingTimeout: Int = 60_000,
        _ body: (EndToEnd, CutOffRelay) async throws -> Void
    ) async throws {
        try await EndToEnd.anywhere(pingTimeout: pingTimeout) { test in
            let relay = try CutOffRelay(seed: 1)
            relay.lead(to: test.port)
            do {
                try await body(test, relay)
            } catch {
                await relay.stop()
                throw error
            }
            await relay.stop()
        }
    }

    /// As long as a test takes, nothing happens by the back-off.
    private static let slowly = AGReconnectOptions(initialDelay: 30_000, maxDelay: 60_000)

    private static func kinds(_ lines: [String]) -> [String] {
        lines.map { String($0.prefix { $0 != " " }) }
    }

    // MARK: The codes

    @Test(arguments: [
        (1000, false), (1001, true), (4008, true), (4100, true), (4499, true), (4500, false), (4999, false),
    ])
    func `a close by the server`(code: Int, returns: Bool) async throws {
        try await run { test, _ in
            let client = try await test.connected { $0.autoReconnectOptions = Self.slowly }
            let error = await #expect(throws: AGError.self) {
                try await client.socket.invoke("close", ["code": .integer(Int64(code)), "reason": "bye"])
            }
            #expect(error?.name == "BadConnectionError")
            #expect(error?.properties["type"] == "disconnect")
            #expect(error?.properties["code"] == .integer(Int64(code)))
            #expect(error?.properties["reason"] == "bye")
            #expect(await client.socket.pendingReconnect == returns)
            #expect(await client.socket.pendingReconnectTimeout == (returns ? 30_000 : nil))
            let told = code == 1000 || code == 1001 ? [] : ["error"]
            #expect(Self.kinds(client.events.lines) == ["connecting", "connect", "disconnect", "close!"] + told)
        }
    }

    @Test(arguments: [4000, 4001, 1005])
    func `codes after which the client returns at once`(code: Int) async throws {
        try await run { test, relay in
            let client = try await test.connected {
                $0.hostname = "127.0.0.1"
                $0.port = relay.port
                $0.autoReconnectOptions = Self.slowly
            }
            for count in 2...3 {
                await #expect(throws: AGError.self) {
                    try await client.socket.invoke("close", ["code": .integer(Int64(code))])
                }
                await client.events.wait(for: "connect ", count: count)
            }
            #expect(client.events.lines.count { $0.hasPrefix("close! \(code) ") } == 2)
            // That attempt counts: if it fails, the next one waits longer.
            relay.lead(to: nil)
            await #expect(throws: AGError.self) {
                try await client.socket.invoke("close", ["code": .integer(Int64(code))])
            }
            await client.events.wait(for: "connectAbort ")
            #expect(await client.socket.pendingReconnectTimeout == 45_000)
        }
    }

    @Test
    func `a server that falls silent is given up and found again at once`() async throws {
        try await run(pingTimeout: 1500) { _, relay in
            let client = try EndToEnd.client(port: Int(relay.port)) { $0.autoReconnectOptions = Self.slowly }
            await client.events.wait(for: "connect ")
            client.events.take()
            relay.stall(downward: true)
            await client.events.wait(for: "connecting")
            relay.stall()
            await client.events.wait(for: "connect ")
            #expect(
                client.events.lines.prefix(4) == [
                    "disconnect 4000 Server ping timed out", "close! 4000 Server ping timed out",
                    "error SocketProtocolError: Server ping timed out code=4000", "connecting",
                ]
            )
        }
    }

    @Test
    func `a client whose pongs are lost is closed and returns at once`() async throws {
        try await run(pingTimeout: 1500) { _, relay in
            let client = try EndToEnd.client(port: Int(relay.port)) { $0.autoReconnectOptions = Self.slowly }
            await client.events.wait(for: "connect ")
            client.events.take()
            relay.stall(upward: true)
            await client.events.wait(for: "connecting")
            relay.stall()
            await client.events.wait(for: "connect ")
            #expect(
                client.events.lines.prefix(4) == [
                    "disconnect 4001 Client pong timed out", "close! 4001 Client pong timed out",
                    "error SocketProtocolError: Client pong timed out code=4001", "connecting",
                ]
            )
        }
    }

    @Test(arguments: [(1000, false), (4200, true), (4500, false)])
    func `a close by the program`(code: Int, returns: Bool) async throws {
        try await run { test, _ in
            let client = try await test.connected { $0.autoReconnectOptions = Self.slowly }
            let hanging = Task { try await client.socket.invoke("hang", ackTimeout: .seconds(100)) }
            while await client.socket.underWay == 0 { await Task.yield() }
            await client.socket.disconnect(CloseCode(rawValue: UInt16(code)), reason: "enough")
            #expect(await client.socket.pendingReconnect == returns)
            let error = await #expect(throws: AGError.self) { try await hanging.value }
            #expect(error?.properties["code"] == .integer(Int64(code)))
            #expect(client.events.lines[2...].starts(with: ["disconnect \(code) enough", "close! \(code) enough"]))
            // Sending opens it again.
            try await client.socket.invoke("echo")
            #expect(await client.socket.pendingReconnect == false)
        }
    }

    // MARK: The delays

    @Test
    func `each failed attempt waits longer, and a close by the program ends it`() async throws {
        try await run { _, relay in
            relay.lead(to: nil)
            let client = try EndToEnd.client(port: Int(relay.port)) { $0.autoReconnectOptions = Self.slowly }
            for (count, delay) in [(1, 30_000), (2, 45_000), (3, 60_000)] {
                await client.events.wait(for: "error ", count: count)
                #expect(await client.socket.pendingReconnectTimeout == delay)
                if count < 3 { await client.socket.connect() }
            }
            await client.socket.disconnect()
            #expect(await client.socket.pendingReconnect == false)
            #expect(await client.socket.nextDue == .max)
            #expect(client.events.lines.count { $0.hasPrefix("connectAbort 1006 ") } == 3)
        }
    }

    @Test
    func `a failed attempt takes along what waits for it`() async throws {
        try await run { test, relay in
            relay.lead(to: nil)
            let client = try EndToEnd.client(port: Int(relay.port)) { $0.autoConnect = false }
            let error = await #expect(throws: AGError.self) { try await client.socket.invoke("echo") }
            #expect(error?.name == "BadConnectionError")
            #expect(error?.properties["type"] == "connectAbort")
            relay.lead(to: test.port)
            await client.events.wait(for: "connect ")
        }
    }

    // MARK: What is sent on every connection

    @Test
    func `subscriptions by priority, then what has waited`() async throws {
        try await run { test, relay in
            let client = try EndToEnd.client(port: Int(relay.port)) { $0.autoReconnectOptions = Self.slowly }
            await client.socket.subscribe("low", waitForAuth: false)
            await client.socket.subscribe("high", waitForAuth: false, priority: 9)
            await client.socket.subscribe("auth", waitForAuth: true)
            await client.socket.subscribe("same", waitForAuth: false)
            await client.events.wait(for: "subscribe ", count: 3)
            client.events.take()
            relay.lead(to: nil)
            relay.resetAll()
            await client.events.wait(for: "close!")
            #expect(
                client.events.lines.prefix(6) == [
                    "subscribeStateChange low subscribed>pending", "unsubscribe low",
                    "subscribeStateChange high subscribed>pending", "unsubscribe high",
                    "subscribeStateChange same subscribed>pending", "unsubscribe same",
                ]
            )
            // What is published meanwhile is not made up for.
            let other = try await test.connected()
            try await other.socket.invokePublish("high", 1)
            client.events.take()
            relay.lead(to: test.port)
            let token = try EndToEnd.token()
            async let waited = client.socket.authenticate(token)
            #expect(try await waited.isAuthenticated)
            await client.events.wait(for: "subscribe auth")
            let asked = client.events.lines.filter {
                ["subscribeRequest", "connect", "authenticate"].contains(String($0.prefix { $0 != " " }))
            }
            #expect(asked[..<3] == ["subscribeRequest high", "subscribeRequest low", "subscribeRequest same"])
            #expect(asked[3].hasPrefix("connect "))
            // It is asked for before the identity is told (contract §9.1).
            #expect(asked[4...] == ["subscribeRequest auth", "authenticate \(token)"])
            let channel = client.socket.channel("high")
            async let first = channel.once(timeout: .seconds(30))
            while !client.socket.core.channelStreams.isListening(to: "high") { await Task.yield() }
            try await other.socket.invokePublish("high", 2)
            #expect(try await first.value() == 2)
        }
    }

    @Test
    func `the program subscribes by itself`() async throws {
        try await run { test, _ in
            let client = try test.client {
                $0.autoConnect = false
                $0.autoSubscribeOnConnect = false
            }
            await client.socket.subscribe("room")
            await client.socket.connect()
            await client.events.wait(for: "connect ")
            try await client.socket.invoke("echo")
            #expect(Self.kinds(client.events.lines) == ["connecting", "connect"])
            await client.socket.processPendingSubscriptions()
            await client.events.wait(for: "subscribe room")
        }
    }

    @Test
    func `a stale connection is replaced before anything is sent`() async throws {
        try await run { test, _ in
            let client = try await test.connected()
            let id = await client.socket.id
            client.events.take()
            let answer = Task { try await client.socket.invokeAfterSleep("echo", 1) }
            #expect(try await answer.value?.value() == 1)
            #expect(await client.socket.id != id)
            let text = "Stale socket was disconnected by the client to initiate a new connection"
            #expect(client.events.lines.prefix(3) == ["disconnect 1000 \(text)", "close! 1000 \(text)", "connecting"])
        }
    }

    @Test
    func `connecting with other options, and again`() async throws {
        try await run { test, relay in
            let client = try await test.connected()
            var options = await client.socket.options
            (options.hostname, options.port) = ("127.0.0.1", relay.port)
            client.events.take()
            try await client.socket.connect(options)
            await client.events.wait(for: "connect ")
            let text = "Socket was disconnected by the client to initiate a new connection"
            #expect(client.events.lines.prefix(3) == ["disconnect 1000 \(text)", "close! 1000 \(text)", "connecting"])
            client.events.take()
            await client.socket.reconnect(4321, reason: "again")
            await client.events.wait(for: "connect ")
            #expect(client.events.lines.prefix(2) == ["disconnect 4321 again", "close! 4321 again"])
            #expect(await client.socket.pendingReconnect == false)
        }
    }

    // MARK: Identity and lost connections (contract §9.3, §9.5)

    @Test
    func `a lost connection takes no identity away`() async throws {
        try await run { test, relay in
            let token = try EndToEnd.token()
            let client = try EndToEnd.client(port: Int(relay.port), token: token)
            await client.events.wait(for: "connect ")
            relay.lead(to: nil)
            relay.resetAll()
            await client.events.wait(for: "close!")
            #expect(await client.socket.authState == .authenticated)
            #expect(await client.socket.signedAuthToken == token)
            relay.lead(to: test.port)
            await client.events.wait(for: "connect ", count: 2)
            #expect(client.events.lines.count { $0.hasPrefix("authStateChange") } == 1)
            #expect(client.events.lines.count { $0.hasPrefix("authenticate") } == 2)
        }
    }

    @Test(arguments: [false, true])
    func `a token without an answer changes nothing`(isLost: Bool) async throws {
        try await run { test, relay in
            let token = try EndToEnd.token()
            let client = try EndToEnd.client(port: Int(relay.port), token: token) {
                $0.autoReconnectOptions = Self.slowly
                $0.ackTimeout = isLost ? 100_000 : 300
            }
            await client.events.wait(for: "connect ")
            client.events.take()
            relay.stall(upward: true)
            let presenting = Task { try await client.socket.authenticate("nonsense") }
            if isLost {
                while await client.socket.underWay == 0 { await Task.yield() }
                relay.resetAll()
            }
            let error = await #expect(throws: AGError.self) { try await presenting.value }
            #expect(error?.name == (isLost ? "BadConnectionError" : "TimeoutError"))
            #expect(await client.socket.authState == .authenticated)
            #expect(await client.socket.signedAuthToken == token)
            #expect(client.store.value == token)
            #expect(!Self.kinds(client.events.lines).contains { $0.hasPrefix("auth") })
        }
    }
}

extension AGClientSocket {
    /// A call after the connection has been without a ping for too long and nobody had the time to notice, as after a sleep of the machine.
    fileprivate func invokeAfterSleep(_ event: String, _ data: JSONValue) async throws -> JSONText? {
        core.perform { machine, _ in machine.lastPing = 0 }
        return try await invoke(event, data)
    }
}
