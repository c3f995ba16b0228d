import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Contract §7: what clients do with channels.
@Suite("Channels", .timeLimit(.minutes(2)))
struct ChannelTests {
    private func subscribe(_ client: TestClient, _ channel: String, cid: Int = 2) async throws {
        try client.send(##"{"event":"#subscribe","data":{"channel":"\##(channel)"},"cid":\##(cid)}"##)
        try await client.expect(#"{"rid":\#(cid)}"#)
    }

    private func error(_ rid: Int, _ message: String, name: String = "InvalidActionError") -> String {
        #"{"rid":\#(rid),"error":{"message":"\#(message)","name":"\#(name)"}}"#
    }

    @Test("Subscribe: events, then the answer; the rest of the data are the options", arguments: ["c", "", "a/b é"])
    func subscribe(_ channel: String) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let subscriptions = socket.listener(.subscribe)
            let twins = server.server.listener(.subscription)
            try client.send(
                ##"{"event":"#subscribe","data":{"channel":"\##(channel)","waitForAuth":true,"data":{"x":1},"y":2},"##
                    + #""cid":2}"#
            )
            try await client.expect(#"{"rid":2}"#)
            let subscription = try await subscriptions.once(timeout: .seconds(20))
            #expect(subscription.channel == channel)
            #expect(try subscription.options.value() == ["waitForAuth": true, "data": ["x": 1], "y": 2])
            #expect(try await twins.once(timeout: .seconds(20)).socket === socket)
            #expect(await socket.channels == [channel])
            #expect(await socket.isSubscribed(to: channel))
            #expect(server.server.exchange.subscriptions == [channel])
            #expect(server.server.exchange.isSubscribed(channel))
        }
    }

    @Test("Subscribing again is answered and announced again, and changes nothing")
    func subscribeAgain() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            try await subscribe(client, "c", cid: 2)
            try await subscribe(client, "c", cid: 3)
            #expect(server.eventNames(of: socket).filter { $0 == "subscribe" }.count == 2)
            try client.send(##"{"event":"#publish","data":{"channel":"c","data":1}}"##)
            try await client.expect(##"{"event":"#publish","data":{"channel":"c","data":1}}"##)
            try await client.expectNothing()
        }
    }

    @Test(
        "Subscribe without a channel's name",
        arguments: ["null", "{}", #"{"channel":5}"#, #"{"channel":null}"#, #""c""#, "[]", #"{"data":"c"}"#]
    )
    func subscribeMalformatted(_ data: String) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let errors = socket.listener(.error)
            try client.send(##"{"event":"#subscribe","data":\##(data),"cid":2}"##)
            try await client.expect(error(2, "Subscribe channel name was malformatted"))
            #expect(try await errors.once(timeout: .seconds(20)) == .subscribeMalformatted)
            try client.send(##"{"event":"#subscribe","data":\##(data)}"##)
            #expect(try await errors.once(timeout: .seconds(20)) == .subscribeMalformatted)
            try await client.expectNothing()
        }
    }

    @Test("The limit counts further channels only")
    func limit() async throws {
        try await TestServer.run {
            $0.socketChannelLimit = 2
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            try await subscribe(client, "a", cid: 2)
            try await subscribe(client, "b", cid: 3)
            // Contract §20.4
            try await subscribe(client, "a", cid: 4)
            try client.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":5}"##)
            let reason =
                "InvalidActionError: Socket \(socket.id) tried to exceed the channel subscription limit of 2"
            try await client.expect(
                error(5, "Failed to subscribe socket to the c channel - \(reason)", name: "BrokerError")
            )
            #expect(Set(await socket.channels) == ["a", "b"])
            #expect(!server.server.exchange.isSubscribed("c"))
            try client.send(##"{"event":"#unsubscribe","data":"a","cid":6}"##)
            try await client.expect(#"{"rid":6}"#)
            try await subscribe(client, "c", cid: 7)
        }
    }

    @Test("Unsubscribe, with and without a cid", arguments: [true, false])
    func unsubscribe(_ hasCid: Bool) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            try await subscribe(client, "c")
            try client.send(##"{"event":"#unsubscribe","data":"c"\##(hasCid ? #","cid":3"# : "")}"##)
            if hasCid { try await client.expect(#"{"rid":3}"#) }
            try client.send(##"{"event":"#publish","data":{"channel":"c","data":1}}"##)
            try await client.expectNothing()
            #expect(await socket.channels.isEmpty)
            #expect(server.server.exchange.subscriptions.isEmpty)
            #expect(server.eventNames(of: socket).suffix(2) == ["unsubscribe", "unsubscription"])
        }
    }

    @Test("Unsubscribe that cannot be", arguments: ["5", "null", #"{"channel":"c"}"#])
    func unsubscribeMalformatted(_ data: String) async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send(##"{"event":"#unsubscribe","data":\##(data),"cid":3}"##)
            try await client.expect(error(3, "Unsubscribe channel name was malformatted"))
            try client.send(##"{"event":"#unsubscribe","cid":4}"##)
            try await client.expect(error(4, "Unsubscribe channel name was malformatted"))
        }
    }

    @Test("Unsubscribe from what one is not subscribed to")
    func notSubscribed() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let other = try await server.connected()
            try await subscribe(other, "c")
            let reason =
                "InvalidActionError: Socket \(socket.id) tried to unsubscribe from a channel which it is not subscribed to"
            try client.send(##"{"event":"#unsubscribe","data":"c","cid":3}"##)
            try await client.expect(
                error(3, "Failed to unsubscribe socket from the c channel - \(reason)", name: "BrokerError")
            )
            #expect(server.server.exchange.isSubscribed("c"))
        }
    }

    // MARK: Publishing

    @Test(
        "Publications reach every subscriber as they were sent",
        arguments: [nil, "null", "1", #"{"a":[1, 2]}"#, #""é\n""#]
    )
    func publish(_ data: String?) async throws {
        try await TestServer.run { server in
            let subscribers = [try await server.connected(), try await server.connected()]
            for client in subscribers { try await subscribe(client, "c") }
            let member = data.map { #","data":\#($0)"# } ?? ""
            let packet = ##"{"event":"#publish","data":{"channel":"c"\##(member)}}"##

            let publisher = try await server.connected()
            try publisher.send(##"{"event":"#publish","data":{"channel":"c"\##(member)},"cid":2}"##)
            try await publisher.expect(#"{"rid":2}"#)
            for client in subscribers { try await client.expect(packet) }
            // Without a cid, by a subscriber.
            try subscribers[0].send(packet)
            for client in subscribers { try await client.expect(packet) }
            try await publisher.expectNothing()
        }
    }

    @Test("Large publications are sent by reference, several to a loop", arguments: [2047, 2048, 70_000])
    func large(_ size: Int) async throws {
        try await TestServer.run { server in
            let clients = [try await server.connected(), try await server.connected(), try await server.connected()]
            for client in clients { try await subscribe(client, "c") }
            let text = String(repeating: "x", count: size)
            let packet = ##"{"event":"#publish","data":{"channel":"c","data":"\##(text)"}}"##
            try clients[0].send(packet)
            for client in clients {
                let isSame = try await client.text() == packet
                #expect(isSame)
            }
        }
    }

    @Test("Publications nobody may send or receive", arguments: ["5", "{}", #"{"channel":1}"#, "null"])
    func publishMalformatted(_ data: String) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let errors = socket.listener(.error)
            try client.send(##"{"event":"#publish","data":\##(data),"cid":2}"##)
            try await client.expect(error(2, "Publish channel name was malformatted"))
            #expect(try await errors.once(timeout: .seconds(20)) == .publishMalformatted)
            try client.send(##"{"event":"#publish","data":\##(data)}"##)
            #expect(try await errors.once(timeout: .seconds(20)) == .publishMalformatted)
            try await client.expectNothing()
        }
    }

    @Test("allowClientPublish: false")
    func publishDisabled() async throws {
        try await TestServer.run {
            $0.allowClientPublish = false
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let errors = socket.listener(.error)
            try await subscribe(client, "c")
            try client.send(##"{"event":"#publish","data":{"channel":"c"},"cid":3}"##)
            try await client.expect(error(3, "Client publish feature is disabled"))
            #expect(try await errors.once(timeout: .seconds(20)) == .publishDisabled)
            try client.send(##"{"event":"#publish","data":{"channel":"c"}}"##)
            #expect(try await errors.once(timeout: .seconds(20)) == .publishDisabled)
            try await client.expectNothing()
            server.server.exchange.publish("c", 1)
            try await client.expect(##"{"event":"#publish","data":{"channel":"c","data":1}}"##)
        }
    }

    @Test("Names that differ in writing only are one channel")
    func escapedNames() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try await subscribe(client, #"caf\u00e9"#)
            #expect(server.server.exchange.subscriptions == ["café"])
            try client.send(##"{"event":"#publish","data":{"channel":"café","data":1}}"##)
            let first = try JSONValue(parsing: Array(try await client.text().utf8))
            #expect(first["data"] == ["channel": "café", "data": 1])
            try client.send(##"{"event":"#publish","data":{"channel":"c\u0061f\u00E9","data":2}}"##)
            let second = try JSONValue(parsing: Array(try await client.text().utf8))
            #expect(second["data"] == ["channel": "café", "data": 2])
        }
    }

    // MARK: kickOut

    @Test("kickOut tells the client and takes it out", arguments: ["bye", nil])
    func kickOut(_ message: String?) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            try await subscribe(client, "c")
            try await socket.kickOut(channel: "c", message: message)
            let member = message.map { #","message":"\#($0)""# } ?? ""
            try await client.expect(##"{"event":"#kickOut","data":{"channel":"c"\##(member)}}"##)
            #expect(await socket.channels.isEmpty)
            server.server.exchange.publish("c", 1)
            try await client.expectNothing()
            #expect(server.eventNames(of: socket).suffix(2) == ["unsubscribe", "unsubscription"])
        }
    }

    @Test("kickOut from a channel the socket is not in tells the client, and throws")
    func kickOutNotSubscribed() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            await #expect(
                throws: AGError.unsubscribeFailed(channel: "c", reason: .notSubscribed(socketID: socket.id))
            ) {
                try await socket.kickOut(channel: "c")
            }
            try await client.expect(##"{"event":"#kickOut","data":{"channel":"c"}}"##)
        }
    }

    @Test("kickOut from all channels")
    func kickOutAll() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            for (index, channel) in ["a", "b", "c"].enumerated() {
                try await subscribe(client, channel, cid: index + 2)
            }
            try await socket.kickOut()
            var told: Set<String> = []
            for _ in 0..<3 { told.insert(try await client.text()) }
            #expect(told == Set(["a", "b", "c"].map { ##"{"event":"#kickOut","data":{"channel":"\##($0)"}}"## }))
            #expect(await socket.channels.isEmpty)
            try await client.expectNothing()
        }
    }
}
