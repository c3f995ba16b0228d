import StrictJSON
import Testing
import WebSocket

@testable import Asyngular

/// Contract §2: packets over the wire.
@Suite("Packets", .timeLimit(.minutes(2)))
struct PacketTests {
    @Test(
        "A cid comes back as it was written",
        arguments: ["0", "-7", "1.5", "1e3", "1E+2", "-0", "9007199254740993", "2"]
    )
    func cid(_ cid: String) async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send(#"{"event":"echo","data":{"a":[1, "x"]},"cid":\#(cid)}"#)
            try await client.expect(#"{"rid":\#(cid),"data":{"a":[1, "x"]}}"#)
        }
    }

    @Test("The handshake's cid too", arguments: ["0", "-7", "1.5", "1e3"])
    func handshakeCid(_ cid: String) async throws {
        try await TestServer.run { server in
            let client = try server.client()
            try client.send(##"{"cid":\##(cid),"event":"#handshake"}"##)
            #expect(try await client.text().hasPrefix(#"{"rid":\#(cid),"data":{"id":""#))
        }
    }

    @Test("Data is absent, null or anything", arguments: [nil, "null", "0", "\"\"", "[]", #"{"b":null}"#, "1.50"])
    func data(_ data: String?) async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            let member = data.map { ",\"data\":\($0)" } ?? ""
            try client.send(#"{"event":"echo"\#(member),"cid":2}"#)
            try await client.expect(#"{"rid":2\#(member)}"#)
        }
    }

    @Test("Answers to nothing are ignored")
    func unknownRid() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send(#"{"rid":77}"#)
            try client.send(#"{"rid":1,"error":{"message":"x"}}"#)
            try client.send(#"{"rid":1.5,"data":1}"#)
            try client.send(#"{"rid":-1,"data":1}"#)
            try client.send(#"{"rid":99999999999999999999,"data":1}"#)
            try await client.expectNothing()
            #expect(!server.eventNames.contains("error"))
        }
    }

    @Test(
        "A name written with escapes is the same name",
        arguments: [#"\u0065cho"#, #"ech\u006F"#, #"\u0065\u0063\u0068\u006f"#]
    )
    func escapedName(_ name: String) async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send(#"{"event":"\#(name)","data":1,"cid":2}"#)
            try await client.expect(#"{"rid":2,"data":1}"#)
        }
    }

    @Test("A reserved name written with escapes is reserved")
    func escapedReservedName() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            try client.send(#"{"event":"\u0023handshake","cid":1}"#)
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
            try client.send(#"{"event":"\u0023subscribe","data":{"\u0063hannel":"c\u0061t"},"cid":2}"#)
            try await client.expect(#"{"rid":2}"#)
            try client.send(##"{"event":"#publish","data":{"channel":"cat","data":1}}"##)
            try await client.expect(##"{"event":"#publish","data":{"channel":"cat","data":1}}"##)
        }
    }

    @Test(
        "Names of every kind are names",
        arguments: ["", "é", "名前", #"a\"b\\c\/d"#, "\u{1F600}", #"\ud83d\ude00"#, #"tab\t"#]
    )
    func names(_ name: String) async throws {
        let unescaped = try JSONValue(parsing: Array("\"\(name)\"".utf8)).stringValue ?? "?"
        try await TestServer.run { _ in
        } setUp: {
            $0.procedure(unescaped) { _, request in request.end(.string(request.event)) }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"\#(name)","cid":2}"#)
            let answer = try JSONValue(parsing: Array(try await client.text().utf8))
            #expect(answer["data"]?.stringValue == unescaped)
        }
    }

    @Test("A binary frame with JSON is a packet; the answer is text")
    func binary() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            try client.send(.binary, Array(TestServer.handshake().utf8))
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
            try client.send(.binary, Array(#"{"event":"echo","data":"ü","cid":2}"#.utf8))
            try await client.expect(#"{"rid":2,"data":"ü"}"#)
        }
    }

    @Test("event wins over rid, unknown keys are ignored, order is free")
    func shapes() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send(#" { "x" : {"event":1} , "rid" : 5 , "cid" : 3 , "data" : true , "event" : "echo" } "#)
            try await client.expect(#"{"rid":3,"data":true}"#)
        }
    }

    @Test("Frames right behind the handshake are answered after it", arguments: [AGAuthScheduling.inline, .offloaded])
    func fifo(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run {
            $0.authScheduling = scheduling
        } _: { server in
            let client = try server.client()
            try client.send(
                together: TestServer.handshake(token: try server.token()),
                #"{"event":"echo","data":1,"cid":2}"#,
                ##"{"event":"#subscribe","data":{"channel":"c"},"cid":3}"##,
                #"{"event":"echo","data":2,"cid":4}"#
            )
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            try await client.expect(#"{"rid":2,"data":1}"#, #"{"rid":3}"#, #"{"rid":4,"data":2}"#)
        }
    }

    @Test("A message in fragments, with pings between them", arguments: [1, 3, 10])
    func fragments(_ size: Int) async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            var rest = Array(#"{"event":"echo","data":"a long text in pieces é","cid":2}"#.utf8)[...]
            var opcode = Opcode.text
            while !rest.isEmpty {
                let piece = rest.prefix(size)
                rest = rest.dropFirst(size)
                try client.send(opcode, Array(piece), fin: rest.isEmpty)
                opcode = .continuation
                if !rest.isEmpty { try client.send(.ping, [UInt8(size)]) }
            }
            var pongs = 0
            while true {
                let frame = await client.next()
                if frame == .pong([UInt8(size)]) {
                    pongs += 1
                } else {
                    #expect(frame == .text(#"{"rid":2,"data":"a long text in pieces é"}"#))
                    break
                }
            }
            #expect(pongs > 0)
        }
    }
}
