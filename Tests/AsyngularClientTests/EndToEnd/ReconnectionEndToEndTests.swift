import Asyngular
import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// Contract §15 over a real socket.
@Suite(.timeLimit(.minutes(2)))
struct ReconnectionEndToEndTests {
    @Test
    func `a server that comes back has its channels back`() async throws {
        var (port, made) = (0, EndToEnd.Client?.none)
        try await EndToEnd.run { test in
            port = test.port
            let client = try await test.connected()
            made = client
            await client.socket.subscribe("low", waitForAuth: false)
            await client.socket.subscribe("high", waitForAuth: false, priority: 9)
            await client.socket.subscribe("auth", waitForAuth: true)
            await client.events.wait(for: "subscribe ", count: 2)
            client.events.take()
        }
        let client = try #require(made)
        await client.events.wait(for: "close!")
        let lines = client.events.lines
        #expect(
            lines.prefix(4) == [
                "subscribeStateChange low subscribed>pending", "unsubscribe low",
                "subscribeStateChange high subscribed>pending", "unsubscribe high",
            ]
        )
        #expect(lines[4].hasPrefix("disconnect ") && lines[5].hasPrefix("close! "))
        try await EndToEnd.run(port: port) { test in
            await client.events.wait(for: "subscribe ", count: 2)
            let asked = client.events.lines.filter { $0.hasPrefix("subscribeRequest") }
            #expect(asked == ["subscribeRequest high", "subscribeRequest low"])
            client.events.take()
            try await client.socket.invoke("login", ["username": "a", "password": "right"])
            await client.events.wait(for: "subscribe auth")
            #expect(client.events.lines.first == "subscribeRequest auth")
        }
        await client.socket.disconnect()
    }

    @Test
    func `what is sent while connecting goes out in order`() async throws {
        let received = Locked<[String]>([])
        try await EndToEnd.run { _ in
        } setUp: { server in
            server.receiver("note") { _, note in received.change { $0.append(note.value?.stringValue ?? "") } }
        } _: { test in
            let client = try test.client { $0.autoConnect = false }
            await client.socket.transmit("note", "1")
            await client.socket.transmit("note", "2")
            #expect(try await client.socket.invoke("echo", "3")?.value() == "3")
            #expect(received.value == ["1", "2"])
        }
    }

    @Test
    func `a server without pings is given up and found again at once`() async throws {
        try await EndToEnd.run {
            $0.pingInterval = 1_000_000
            $0.pingTimeout = 150
            $0.pingTimeoutDisabled = true
        } _: { test in
            let client = try await test.connected {
                $0.autoReconnectOptions = AGReconnectOptions(initialDelay: 600_000)
            }
            client.events.take()
            await client.events.wait(for: "connect ")
            #expect(
                client.events.lines.prefix(4) == [
                    "disconnect 4000 Server ping timed out", "close! 4000 Server ping timed out",
                    "error SocketProtocolError: Server ping timed out code=4000", "connecting",
                ]
            )
        }
    }

    @Test(arguments: [ProtocolVersion.v1, .v2])
    func `pings keep the connection`(version: ProtocolVersion) async throws {
        try await EndToEnd.run {
            $0.protocolVersion = version
            $0.pingInterval = 20
            $0.pingTimeout = 10_000
        } _: { test in
            let client = try test.client {
                $0.protocolVersion = version
                $0.autoConnect = false
            }
            let messages = client.socket.listener(.message)
            await client.socket.connect()
            await client.events.wait(for: "connect ")
            var pings = 0
            for await message in messages where message.bytes == Array(version.pingText.utf8) {
                pings += 1
                if pings == 5 { break }
            }
            #expect(client.events.lines.count == 2)
        }
    }

    @Test
    func `the last reference closes the connection`() async throws {
        try await EndToEnd.run { test in
            let closure = test.server.listener(.closure)
            var client: EndToEnd.Client? = try await test.connected()
            #expect(try await client?.socket.invoke("echo", 1)?.value() == 1)
            client = nil
            #expect(try await closure.once(timeout: .seconds(30)).payload.code == .normal)
        }
    }
}
