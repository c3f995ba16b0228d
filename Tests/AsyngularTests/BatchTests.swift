import StrictJSON
import Testing

@testable import Asyngular

/// Contract §16: arrays of packets.
@Suite("Batches", .timeLimit(.minutes(2)))
struct BatchTests {
    @Test("Elements are processed in order")
    func order() async throws {
        try await TestServer.run { server in
            let client = try await server.connected()
            try client.send(
                ##"[{"event":"#subscribe","data":{"channel":"c"},"cid":2},{"event":"echo","data":1,"cid":3},"##
                    + ##"{"event":"#publish","data":{"channel":"c","data":2}},{"rid":9},{"event":"echo","cid":4}]"##
            )
            try await client.expect(
                #"{"rid":2}"#,
                #"{"rid":3,"data":1}"#,
                ##"{"event":"#publish","data":{"channel":"c","data":2}}"##,
                #"{"rid":4}"#
            )
        }
    }

    @Test("#handshake first, then more", arguments: [AGAuthScheduling.inline, .offloaded], [true, false])
    func handshake(_ scheduling: AGAuthScheduling, hasToken: Bool) async throws {
        try await TestServer.run {
            $0.authScheduling = scheduling
        } _: { server in
            let client = try server.client()
            let token = hasToken ? try server.token() : nil
            try client.send(
                together: "[\(TestServer.handshake(token: token))," + #"{"event":"echo","data":1,"cid":2},"#
                    + ##"{"event":"#subscribe","data":{"channel":"c"},"cid":3}]"##,
                #"[{"event":"echo","data":2,"cid":4}]"#,
                #"{"event":"echo","data":3,"cid":5}"#
            )
            #expect(try await client.text().contains(#""isAuthenticated":\#(hasToken)"#))
            try await client.expect(
                #"{"rid":2,"data":1}"#,
                #"{"rid":3}"#,
                #"{"rid":4,"data":2}"#,
                #"{"rid":5,"data":3}"#
            )
        }
    }

    @Test("Several tokens in one batch", arguments: [AGAuthScheduling.inline, .offloaded])
    func tokens(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run {
            $0.authScheduling = scheduling
        } _: { server in
            let client = try server.client()
            let token = try server.token()
            func authenticate(_ cid: Int) -> String {
                ##"{"event":"#authenticate","data":"\##(token)","cid":\##(cid)}"##
            }
            try client.send(
                "[\(TestServer.handshake(token: token)),\(authenticate(2)),"
                    + #"{"event":"echo","data":1,"cid":3},\#(authenticate(4)),{"event":"echo","data":2,"cid":5}]"#
            )
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            let good = #""data":{"isAuthenticated":true,"authError":null}}"#
            try await client.expect(
                #"{"rid":2,\#(good)"#,
                #"{"rid":3,"data":1}"#,
                #"{"rid":4,\#(good)"#,
                #"{"rid":5,"data":2}"#
            )
        }
    }

    @Test("A batch in fragments is kept while a token is verified")
    func fragments() async throws {
        try await TestServer.run {
            $0.authScheduling = .offloaded
        } _: { server in
            let client = try server.client()
            let text = "[\(TestServer.handshake(token: try server.token()))," + #"{"event":"echo","data":1,"cid":2}]"#
            let bytes = Array(text.utf8)
            try client.send(.text, Array(bytes[..<40]), fin: false)
            try client.send(.continuation, Array(bytes[40...]))
            try client.send(#"{"event":"echo","data":2,"cid":3}"#)
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            try await client.expect(#"{"rid":2,"data":1}"#, #"{"rid":3,"data":2}"#)
        }
    }

    @Test("More input than is held waits in the peer's socket")
    func muchInput() async throws {
        try await TestServer.run {
            $0.authScheduling = .offloaded
        } _: { server in
            let client = try server.client()
            let text = String(repeating: "x", count: 10_000)
            var bytes = TestClient.frame(.text, Array(TestServer.handshake(token: try server.token()).utf8))
            for cid in 2..<62 {
                bytes += TestClient.frame(.text, Array(#"{"event":"echo","data":"\#(text)","cid":\#(cid)}"#.utf8))
            }
            try client.sendRaw(bytes)
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            for cid in 2..<62 {
                let isSame = try await client.text() == #"{"rid":\#(cid),"data":"\#(text)"}"#
                #expect(isSame)
            }
        }
    }
}
