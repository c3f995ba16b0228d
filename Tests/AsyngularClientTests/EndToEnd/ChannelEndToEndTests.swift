import Asyngular
import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// Contract §6, §7, §11 and §16 over a real socket.
@Suite(.timeLimit(.minutes(2)))
struct ChannelEndToEndTests {
    @Test
    func `publications reach every subscriber`() async throws {
        try await EndToEnd.anywhere { test in
            let (sender, reader) = (try await test.connected(), try await test.connected())
            let channel = await reader.socket.subscribe("news")
            let own = await sender.socket.subscribe("news")
            await reader.events.wait(for: "subscribe news")
            await sender.events.wait(for: "subscribe news")
            try await sender.socket.invokePublish("news", ["n": 1])
            await sender.socket.transmitPublish("news", "two")
            try await sender.socket.invoke("echo")
            try await sender.socket.invokePublish("news", 3)
            for subscriber in [channel, own] {
                var data: [String] = []
                for await text in subscriber {
                    data.append(text.description)
                    if data.count == 3 { break }
                }
                #expect(data == [#"{"n":1}"#, #""two""#, "3"])
            }
        }
    }

    @Test
    func `a refused subscription is given up`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected()
            await client.socket.subscribe("refused by the server")
            await client.events.wait(for: "subscribeFail refused by the server")
            #expect(await client.socket.channelState("refused by the server") == .unsubscribed)
            await client.socket.reconnect()
            await client.events.wait(for: "connect ", count: 2)
            try await client.socket.invoke("echo")
            #expect(client.events.lines.count { $0.hasPrefix("subscribeRequest") } == 1)
        }
    }

    @Test
    func `a refused subscription is told`() async throws {
        let filter = AGActionFilter(for: [.subscribe, .publishIn, .invoke, .transmit]) { action in
            action.channel == "secret" || action.event == "secret"
                ? .block(AGError(name: "AccessError", message: "no")) : .allow
        }
        try await EndToEnd.run {
            $0.actionFilter = filter
        } _: { test in
            let client = try await test.connected()
            let failed = client.socket.channel("secret").listener(.subscribeFail)
            await client.socket.subscribe("secret")
            #expect(try await failed.once(timeout: .seconds(30)).error.name == "AccessError")
            #expect(await client.socket.channelState("secret") == .unsubscribed)
            let published = await #expect(throws: AGError.self) { try await client.socket.invokePublish("secret", 1) }
            #expect(published?.name == "AccessError")
            let called = await #expect(throws: AGError.self) { try await client.socket.invoke("secret") }
            #expect(called?.name == "AccessError")
        }
    }

    @Test
    func `a kick ends a subscription`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected()
            await client.socket.subscribe("room")
            await client.events.wait(for: "subscribe room")
            client.events.take()
            try await client.socket.invoke("kick", "room")
            await client.events.wait(for: "unsubscribe room")
            #expect(
                client.events.lines == [
                    #"kickOut room "out""#, "subscribeStateChange room subscribed>unsubscribed", "unsubscribe room",
                ]
            )
        }
    }

    @Test
    func `unsubscribing ends delivery`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected()
            let channel = await client.socket.subscribe("room")
            await client.events.wait(for: "subscribe room")
            await channel.unsubscribe()
            #expect(
                client.events.lines.suffix(2) == [
                    "subscribeStateChange room subscribed>unsubscribed", "unsubscribe room",
                ]
            )
            try await client.socket.invokePublish("room", 1)
            // Subscribed to again, the channel has what is published from then on.
            let again = await client.socket.subscribe("room")
            await client.events.wait(for: "subscribe room", count: 2)
            try await client.socket.invokePublish("room", 2)
            #expect(try await again.once(timeout: .seconds(30)).value() == 2)
        }
    }

    @Test
    func `a prefix separates names`() async throws {
        try await EndToEnd.run { test in
            let client = try await test.connected { $0.channelPrefix = "app/" }
            let channel = await client.socket.subscribe("a")
            await client.events.wait(for: "subscribe a")
            #expect(test.server.exchange.subscriptions == ["app/a"])
            test.server.exchange.publish("app/a", 1)
            #expect(try await channel.once(timeout: .seconds(30)).value() == 1)
        }
    }

    @Test
    func `batches are understood by both ends`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected {
                $0.batchOnHandshake = true
                $0.batchInterval = 5
            }
            await client.socket.startBatching()
            async let one = client.socket.invoke("echo", 1)
            async let two = client.socket.invoke("echo", 2)
            #expect(try await one?.value() == 1)
            #expect(try await two?.value() == 2)
            await client.socket.stopBatching()
            #expect(try await client.socket.invoke("echo", 3)?.value() == 3)
        }
    }

    @Test
    func `calls go both ways`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected()
            let questions = client.socket.procedure("question")
            let answering = Task {
                for await question in questions {
                    if question.value == "bad" {
                        question.error(AGError(name: "QuestionError", message: "what?"))
                    } else {
                        question.end(["answer": question.value ?? .null])
                    }
                }
            }
            #expect(try await client.socket.invoke("ask", 42)?.value() == ["answer": 42])
            let error = await #expect(throws: AGError.self) { try await client.socket.invoke("ask", "bad") }
            #expect(error?.name == "QuestionError")
            answering.cancel()
        }
    }

    @Test
    func `large messages pass, too large ones end the connection`() async throws {
        try await EndToEnd.run { test in
            let client = try await test.connected { $0.maxPayload = 200_000 }
            let text = String(repeating: "x", count: 150_000)
            #expect(try await client.socket.invoke("echo", .string(text))?.value() == .string(text))
            let error = await #expect(throws: AGError.self) {
                try await client.socket.invoke("echo", .string(text + text))
            }
            #expect(error?.properties["code"] == 1009)
        }
    }

    @Test
    func `many clients share a loop`() async throws {
        try await EndToEnd.anywhere { test in
            let clients = try (0..<50).map { _ in try test.client() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, client) in clients.enumerated() {
                    group.addTask {
                        let value = JSONValue.integer(Int64(index))
                        let answer = try await client.socket.invoke("echo", value)?.value()
                        #expect(answer == value)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
