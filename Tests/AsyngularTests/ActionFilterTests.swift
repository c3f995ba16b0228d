import SocketProtocol
import StrictJSON
import Synchronization
import Testing

@testable import Asyngular

/// Contract §11: what a blocked action looks like to the peer. The handshake's rows are in `UpgradeTests` and
/// `HandshakeTests`.
@Suite("Action filter", .timeLimit(.minutes(2)))
struct ActionFilterTests {
    struct Verdict: Sendable, CustomTestStringConvertible {
        let verdict: AGActionVerdict
        /// The error as the peer sees it, for an action's kind.
        let error: @Sendable (String) -> String

        var testDescription: String { error("kind") }
    }

    static let verdicts = [
        Verdict(verdict: .block(AGError(name: "AccessError", message: "Not allowed", properties: ["extra": [1]]))) {
            _ in
            #"{"message":"Not allowed","name":"AccessError","extra":[1]}"#
        },
        Verdict(verdict: .block(AGError(primitive: "bare"))) { _ in #""bare""# },
        Verdict(verdict: .blockSilently(AGError(message: "secret"))) { kind in
            #"{"message":"The \#(kind) AGAction was blocked by inbound middleware","#
                + #""name":"SilentMiddlewareBlockedError","type":"inbound"}"#
        },
    ]

    @Test("Blocked calls, subscriptions and publications are answered with the error", arguments: verdicts)
    func blocked(_ row: Verdict) async throws {
        let asked = Mutex<[String]>([])
        try await TestServer.run {
            $0.actionFilter = AGActionFilter(for: [.invoke, .subscribe, .publishIn, .transmit]) { action in
                if action.event == "free" || action.event == "echo" { return .allow }
                asked.withLock { $0.append("\(action.kind) \(action.event ?? action.channel ?? "?")") }
                return row.verdict
            }
        } setUp: {
            $0.procedure("call") { _, request in request.end() }
            $0.receiver("tell") { _, _ in Issue.record("a blocked event was delivered") }
        } _: { server in
            let (client, socket) = try await server.connectedPair()
            let errors = socket.listener(.error)
            try client.send(#"{"event":"call","data":{"a":1},"cid":2}"#)
            try await client.expect(#"{"rid":2,"error":\#(row.error("invoke"))}"#)
            try client.send(##"{"event":"#subscribe","data":{"channel":"c","data":2},"cid":3}"##)
            try await client.expect(#"{"rid":3,"error":\#(row.error("subscribe"))}"#)
            try client.send(##"{"event":"#publish","data":{"channel":"d","data":3},"cid":4}"##)
            try await client.expect(#"{"rid":4,"error":\#(row.error("publishIn"))}"#)
            // Without a cid nothing is answered.
            try client.send(##"{"event":"#subscribe","data":{"channel":"c"}}"##)
            try client.send(##"{"event":"#publish","data":{"channel":"d"}}"##)
            try client.send(#"{"event":"tell"}"#)
            try await client.expectNothing()
            #expect(
                asked.withLock { $0 } == [
                    "invoke call", "subscribe c", "publishIn d", "subscribe c", "publishIn d", "transmit tell",
                ]
            )
            for _ in 0..<6 { #expect(try await errors.once(timeout: .seconds(20)) == row.verdict.localError) }
            #expect(await socket.channels.isEmpty)
        }
    }

    @Test("What the filter sees")
    func sees() async throws {
        let seen = Mutex<[String]>([])
        try await TestServer.run {
            $0.actionFilter = AGActionFilter(for: [.invoke, .transmit, .subscribe, .publishIn]) { action in
                let user = (try? action.authToken?.claims.value())?["username"]?.stringValue ?? "-"
                let name = action.event ?? action.channel ?? "?"
                let line = "\(action.kind) \(name) \(action.data?.description ?? "none") \(user) \(action.request.path)"
                seen.withLock { $0.append(line) }
                return .allow
            }
        } _: { server in
            let client = try await server.connected(token: try server.token())
            try client.send(#"{"event":"\u0065cho","data":{"a":1},"cid":2}"#)
            try await client.expect(#"{"rid":2,"data":{"a":1}}"#)
            try client.send(#"{"event":"tell"}"#)
            try client.send(##"{"event":"#subscribe","data":{"channel":"c","data":[1]},"cid":3}"##)
            try await client.expect(#"{"rid":3}"#)
            try client.send(##"{"event":"#publish","data":{"channel":"d"},"cid":4}"##)
            try await client.expect(#"{"rid":4}"#)
            try client.send(##"{"event":"#unsubscribe","data":"c","cid":5}"##)
            try await client.expect(#"{"rid":5}"#)
            #expect(
                seen.withLock { $0 } == [
                    #"invoke echo {"a":1} bob /socketcluster/"#, "transmit tell none bob /socketcluster/",
                    "subscribe c [1] bob /socketcluster/", "publishIn d none bob /socketcluster/",
                ]
            )
        }
    }

    @Test("Without middlewareEmitFailures nothing is reported")
    func quiet() async throws {
        try await TestServer.run {
            $0.middlewareEmitFailures = false
            $0.actionFilter = AGActionFilter(for: [.transmit]) { _ in .block(AGError(message: "no")) }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"tell"}"#)
            try await client.expectNothing()
            #expect(!server.eventNames.contains("error"))
        }
    }

    @Test("Kinds that are not named are not asked about, and malformed packets neither")
    func kinds() async throws {
        let asked = Mutex(0)
        try await TestServer.run {
            $0.actionFilter = AGActionFilter(for: [.subscribe]) { _ in
                asked.withLock { $0 += 1 }
                return .allow
            }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"tell"}"#)
            try client.send(##"{"event":"#publish","data":{"channel":"c"}}"##)
            try client.send(##"{"event":"#subscribe","data":{"channel":1}}"##)
            try await client.expectNothing()
            #expect(asked.withLock { $0 } == 0)
        }
    }
}
