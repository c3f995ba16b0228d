import SocketProtocol
import StrictJSON
import Testing
import WebSocket

@testable import Asyngular

/// Contract §18: what is no packet, on an open socket.
@Suite("Malformed input", .timeLimit(.minutes(2)))
struct MalformedInputTests {
    @Test(
        "Messages that are no packets are raw, whole and unanswered",
        arguments: [
            "text", "5", "null", "true", "\"x\"", "{}", #"{"event":5}"#, #"{"rid":"1"}"#, "{", "[", "[1,]",
            #"{"event":"echo","cid":2} x"#, "\u{FEFF}" + #"{"event":"echo","cid":2}"#, #"{"event":"echo","cid":02}"#,
            #"{'event':'echo'}"#, "#1", "#2", " ", #"{"event":"a\qb"}"#,
            "{\"event\":\"echo\",\"data\":\"\u{1}\",\"cid\":2}",
        ],
        [true, false]
    )
    func raw(_ message: String, isStrict: Bool) async throws {
        try await TestServer.run {
            $0.strictHandshake = isStrict
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let raw = socket.listener(.raw)
            try client.send(message)
            let event = try await raw.once(timeout: .seconds(20))
            #expect(event.bytes == Array(message.utf8))
            #expect(!event.isBinary)
            try await client.expectNothing()
            #expect(!server.eventNames.contains("error"))
        }
    }

    @Test(
        "A binary message that is no packet is raw, UTF-8 or not",
        arguments: [[0xFF, 0xFE], [0x61], []] as [[UInt8]]
    )
    func binary(_ bytes: [UInt8]) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let raw = socket.listener(.raw)
            try client.send(.binary, bytes)
            let event = try await raw.once(timeout: .seconds(20))
            #expect(event.bytes == bytes)
            #expect(event.isBinary)
            try await client.expectNothing()
        }
    }

    @Test("An empty batch is nothing")
    func emptyBatch() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send("[]")
            try client.send(" [ ] ")
            try await client.expectNothing()
            #expect(!server.eventNames.contains("raw"))
        }
    }

    @Test("Elements of a batch that are no packets are raw, each with the whole message")
    func batch() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let raw = socket.listener(.raw)
            let message = #"[1,"a",null,{"event":"echo","cid":2},{}]"#
            try client.send(message)
            try await client.expect(#"{"rid":2}"#)
            for _ in 0..<4 { #expect(try await raw.once(timeout: .seconds(20)).bytes == Array(message.utf8)) }
            try await client.expectNothing()
        }
    }

    @Test("JSON nested too deeply is raw", arguments: [127, 129, 100_000])
    func depth(_ depth: Int) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.connectedPair()
            let raw = socket.listener(.raw)
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let message = #"{"event":"echo","data":\#(nested),"cid":2}"#
            try client.send(message)
            if depth < 128 {
                let isEcho = try await client.text() == #"{"rid":2,"data":\#(nested)}"#
                #expect(isEcho)
            } else {
                let isWhole = try await raw.once(timeout: .seconds(20)).bytes == Array(message.utf8)
                #expect(isWhole)
            }
            try await client.expectNothing()
        }
    }

    @Test("Text that is not UTF-8 closes with 1007", arguments: [true, false])
    func invalidUTF8(_ hasShaken: Bool) async throws {
        try await TestServer.run { server in
            let client = hasShaken ? try await server.connected() : try server.client()
            try client.send(.text, [0x22, 0xC3, 0x28, 0x22])
            guard case .close(let code, _) = await client.next() else {
                Issue.record("no close frame")
                return
            }
            #expect(code == 1007)
            #expect(await client.next() == .end)
            await server.wait(for: "end")
        }
    }

    @Test("A message over maxPayload closes with 1009, whole or in pieces", arguments: [true, false])
    func oversize(_ isWhole: Bool) async throws {
        try await TestServer.run {
            $0.maxPayload = 1000
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let closures = socket.listener(.close)
            // Exactly the limit passes.
            let text = String(repeating: "x", count: 1000 - 34)
            let fitting = #"{"event":"echo","data":"\#(text)","cid":2}"#
            try client.send(fitting.utf8.count <= 1000 ? fitting : "unexpected")
            let isEcho = try await client.text() == #"{"rid":2,"data":"\#(text)"}"#
            #expect(isEcho)
            let half = Array(repeating: UInt8(ascii: " "), count: 501)
            if isWhole {
                try client.send(.text, half + half)
            } else {
                try client.send(.text, half, fin: false)
                try client.send(.continuation, half)
            }
            guard case .close(let code, _) = await client.next() else {
                Issue.record("no close frame")
                return
            }
            #expect(code == 1009)
            #expect(try await closures.once(timeout: .seconds(20)).code == .messageTooBig)
        }
    }
}
