import Testing

@testable import Asyngular

@Suite("LoopChannel and LoopExchange", .timeLimit(.minutes(2)))
struct LoopExchangeTests {
    @Test("Joining and leaving in any order keeps every place right", arguments: [1, 2, 3])
    func places(_ seed: UInt64) async throws {
        try await TestServer.run { server in
            var clients: [TestClient] = []
            for _ in 0..<8 { clients.append(try await server.connected()) }
            var random = SeededGenerator(seed: seed)
            var joined = Array(repeating: false, count: clients.count)
            for cid in 2..<120 {
                let index = Int.random(in: clients.indices, using: &random)
                let packet =
                    joined[index]
                    ? ##"{"event":"#unsubscribe","data":"c","cid":\##(cid)}"##
                    : ##"{"event":"#subscribe","data":{"channel":"c"},"cid":\##(cid)}"##
                try clients[index].send(packet)
                try await clients[index].expect(#"{"rid":\#(cid)}"#)
                joined[index].toggle()
                let isConsistent = await server.onLoop { context in
                    guard let channel = context.exchange.existingChannel(named: "c") else {
                        return context.openSockets.values.allSatisfy { $0.assumeIsolated { $0.subscriptions.isEmpty } }
                    }
                    let key = ObjectIdentifier(channel)
                    return channel.subscribers.enumerated().allSatisfy { place, socket in
                        socket.assumeIsolated { $0.subscriptions[key]?.index == place }
                    }
                }
                #expect(isConsistent)
                let count = await server.onLoop { $0.exchange.existingChannel(named: "c")?.subscribers.count ?? 0 }
                #expect(count == joined.count { $0 })
                #expect(server.server.exchange.isSubscribed("c") == joined.contains(true))
            }
            server.server.exchange.publish("c", 1)
            for (index, client) in clients.enumerated() {
                if joined[index] { try await client.expect(##"{"event":"#publish","data":{"channel":"c","data":1}}"##) }
                try await client.expectNothing()
            }
        }
    }

    @Test("Sockets that close leave their channels, and empty channels go")
    func closing() async throws {
        try await TestServer.run { server in
            var clients: [TestClient] = []
            for _ in 0..<5 {
                let client = try await server.connected()
                try client.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##)
                try await client.expect(#"{"rid":2}"#)
                clients.append(client)
            }
            for (gone, index) in [2, 0, 4, 1, 3].enumerated() {
                clients[index].drop()
                await server.wait(for: "end", count: gone + 1)
                let left = await server.onLoop { $0.exchange.existingChannel(named: "c")?.subscribers.count }
                #expect(left == (gone == 4 ? nil : 4 - gone))
            }
            #expect(server.server.exchange.subscriptions.isEmpty)
        }
    }
}
