import StrictJSON
import Synchronization
import Testing

@testable import Asyngular

/// Contract §7 from the server's side, and publishing across loops.
@Suite("Exchange", .timeLimit(.minutes(3)))
struct AGExchangeTests {
    private func subscribe(_ client: TestClient, _ channel: String) async throws {
        try client.send(##"{"event":"#subscribe","data":{"channel":"\##(channel)"},"cid":2}"##)
        try await client.expect(#"{"rid":2}"#)
    }

    @Test("The program publishes", arguments: [1, 3])
    func publish(_ loops: Int) async throws {
        try await TestServer.run {
            $0.loops = loops
        } _: { server in
            let clients = [try await server.connected(), try await server.connected(), try await server.connected()]
            for client in clients { try await subscribe(client, "é\\\"") }
            server.server.exchange.publish("é\"")
            server.server.exchange.publish("é\"", ["a": 1])
            server.server.exchange.publish("other", 1)
            for client in clients {
                try await client.expect(
                    ##"{"event":"#publish","data":{"channel":"é\""}}"##,
                    ##"{"event":"#publish","data":{"channel":"é\"","data":{"a":1}}}"##
                )
                try await client.expectNothing()
            }
        }
    }

    @Test("The program subscribes", arguments: [1, 2])
    func subscribe(_ loops: Int) async throws {
        try await TestServer.run {
            $0.loops = loops
        } _: { server in
            let client = try await server.connected()
            let messages = server.server.exchange.subscribe("c")
            try client.send(##"{"event":"#publish","data":{"channel":"c","data":{"x":1.50}},"cid":2}"##)
            try await client.expect(#"{"rid":2}"#)
            #expect(try await messages.once(timeout: .seconds(20)).description == #"{"x":1.50}"#)
            try client.send(##"{"event":"#publish","data":{"channel":"c"}}"##)
            #expect(try await messages.once(timeout: .seconds(20)).description == "null")
            server.server.exchange.publish("c", "own")
            #expect(try await messages.once(timeout: .seconds(20)).description == #""own""#)
        }
    }

    @Test("A stream that went away does not take a later one with it")
    func resubscribe() async throws {
        try await TestServer.run { server in
            let exchange = server.server.exchange
            for number in 0..<3000 {
                let old = Holder(exchange.subscribe("c"))
                let released = Task.detached { old.release() }
                let new = exchange.subscribe("c")
                await released.value
                exchange.publish("c", .integer(Int64(number)))
                let message = try await new.once(timeout: .seconds(20))
                #expect(message.description == "\(number)")
            }
        }
    }

    @Test("The end of the server ends the streams")
    func end() async throws {
        let ended = Mutex<Task<Int, Never>?>(nil)
        try await TestServer.run { server in
            let messages = server.server.exchange.subscribe("c")
            ended.withLock {
                $0 = Task {
                    var count = 0
                    for await _ in messages { count += 1 }
                    return count
                }
            }
            server.server.exchange.publish("c", 1)
        }
        let task = try #require(ended.withLock { $0 })
        #expect(await task.value == 1)
    }

    @Test("The bridge is told of everything published here, and brings in the rest")
    func bridge() async throws {
        let box = BridgeLog()
        try await TestServer.run {
            $0.exchangeBridge = box
        } _: { server in
            let client = try await server.connected()
            try await subscribe(client, "c")
            try client.send(##"{"event":"#publish","data":{"channel":"c","data":1}}"##)
            try await client.expect(##"{"event":"#publish","data":{"channel":"c","data":1}}"##)
            server.server.exchange.publish("d")
            server.server.exchange.receive("c", JSONText("from elsewhere"))
            try await client.expect(##"{"event":"#publish","data":{"channel":"c","data":"from elsewhere"}}"##)
            #expect(box.told.withLock { $0 } == ["c 1", "d -"])
        }
    }

    @Test("Every subscriber on every loop sees all messages in one order", arguments: [1, 2, 4])
    func oneOrder(_ loops: Int) async throws {
        let publishers = 4
        let each = 50
        try await TestServer.run {
            $0.loops = loops
        } _: { server in
            var clients: [TestClient] = []
            for _ in 0..<(loops * 4) {
                let client = try await server.connected()
                try await subscribe(client, "c")
                clients.append(client)
            }
            let program = server.server.exchange.subscribe("c")
            let exchange = server.server.exchange
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<publishers {
                    let client = clients[publisher]
                    group.addTask {
                        for number in 0..<each {
                            try client.send(
                                ##"{"event":"#publish","data":{"channel":"c","data":"\##(publisher):\##(number)"}}"##
                            )
                        }
                    }
                }
                group.addTask {
                    for number in 0..<each { exchange.publish("c", .string("program:\(number)")) }
                }
                try await group.waitForAll()
            }
            let total = (publishers + 1) * each
            var order: [String] = []
            for _ in 0..<total { order.append(try await publication(clients[0])) }
            for client in clients.dropFirst() {
                var other: [String] = []
                for _ in 0..<total { other.append(try await publication(client)) }
                #expect(other == order)
            }
            // Each publisher's own messages are in its order.
            for publisher in (0..<publishers).map({ "\($0)" }) + ["program"] {
                let own = order.filter { $0.hasPrefix("\(publisher):") }
                #expect(own == (0..<each).map { "\(publisher):\($0)" })
            }
            var seen: [String] = []
            for _ in 0..<total { seen.append(try await program.once(timeout: .seconds(20)).value().stringValue ?? "") }
            #expect(seen == order)
        }
    }

    private func publication(_ client: TestClient) async throws -> String {
        let packet = try JSONValue(parsing: Array(try await client.text().utf8))
        return packet["data"]?["data"]?.stringValue ?? "?"
    }
}

/// Lets go of a stream on another thread.
private final class Holder: Sendable {
    private let stream: Mutex<AGStream<JSONText>?>

    init(_ stream: AGStream<JSONText>) {
        self.stream = Mutex(stream)
    }

    func release() {
        stream.withLock { $0 = nil }
    }
}

private final class BridgeLog: AGExchangeBridge {
    let told = Mutex<[String]>([])

    func published(_ channel: String, _ data: JSONText?) {
        told.withLock { $0.append("\(channel) \(data?.description ?? "-")") }
    }
}
