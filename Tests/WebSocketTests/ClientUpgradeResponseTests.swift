import Testing

@testable import WebSocket

@Suite struct ClientUpgradeResponseTests {
    private struct Opened: Equatable {
        var subprotocol: String?
        var extensions: String?
    }

    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let good = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", accept]

    /// The outcome of lines, which is the same for every cut; frames follow a 101.
    private func outcome(
        _ lines: [String],
        subprotocols: [String] = [],
        extensions: String? = nil,
        before: [UInt8] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Outcome<Opened, ClientUpgradeError> {
        let upgrade = ClientUpgrade(host: "a", subprotocols: subprotocols, extensions: extensions)
        let bytes = before + request(lines)
        var outcomes: [Outcome<Opened, ClientUpgradeError>] = []
        for chunks in waysToCut(bytes + [0x81, 0x00]) {
            var state = ClientUpgradeResponse(to: upgrade, key: Self.key)
            outcomes.append(
                feed(chunks) { (input, position) throws(ClientUpgradeError) in
                    try state.receive(input, at: &position).map {
                        Opened(subprotocol: $0.subprotocol, extensions: $0.extensions)
                    }
                }
            )
        }
        for other in outcomes { #expect(other == outcomes[0], sourceLocation: sourceLocation) }
        if case .value(_, let consumed) = outcomes[0] {
            #expect(consumed == bytes.count, sourceLocation: sourceLocation)
        }
        return outcomes[0]
    }

    private func opened(_ lines: [String]) -> Outcome<Opened, ClientUpgradeError> {
        .value(Opened(), consumed: request(lines).count)
    }

    @Test func opens() {
        #expect(outcome(Self.good) == opened(Self.good))
        let mixed = [
            "HTTP/1.1 101", "connection: keep-alive, uPGRADE", "UPGRADE: WebSocket",
            Self.accept.replacing("Sec", with: "sec"),
            "Server: x",
        ]
        #expect(outcome(mixed) == opened(mixed))
    }

    @Test func ownServer() throws {
        let request = UpgradeRequest(key: try #require(WebSocketKey(Self.key)), subprotocols: ["a", "b"])
        var state = ClientUpgradeResponse(to: ClientUpgrade(host: "x", subprotocols: ["a", "b"]), key: Self.key)
        var position = 0
        let accepted = try? unsafe state.receive(request.response().span.bytes, at: &position)
        #expect(accepted?.subprotocol == "a")
        #expect(accepted?.head.status == 101)
    }

    static let refusals: [(String, Int, String)] = [
        ("HTTP/1.1 404 Not Found", 404, "Not Found"), ("HTTP/1.1 401 Unauthorized", 401, "Unauthorized"),
        ("HTTP/1.1 301 Moved Permanently", 301, "Moved Permanently"), ("HTTP/1.1 200 OK", 200, "OK"),
        ("HTTP/1.0 503", 503, ""), ("HTTP/1.1 426 Upgrade Required", 426, "Upgrade Required"),
    ]

    @Test(arguments: refusals)
    func refused(_ line: String, _ status: Int, _ reason: String) {
        #expect(outcome([line] + Self.good.dropFirst()) == .error(.refused(status: status, reason: reason)))
    }

    /// RFC 6455 §4.1, "the client MUST validate the server's response as follows".
    static let violations: [(Int, String?, ClientUpgradeError)] = [
        (0, "HTTP/1.0 101 Switching Protocols", .unsupportedVersion), (1, nil, .missingUpgrade),
        (1, "Upgrade: h2c", .missingUpgrade), (1, "Upgrade: websockets", .missingUpgrade), (2, nil, .missingConnection),
        (2, "Connection: close", .missingConnection), (2, "Connection: Upgraded", .missingConnection),
        (3, nil, .wrongAccept), (3, "Sec-WebSocket-Accept: ", .wrongAccept), (3, accept + "x", .wrongAccept),
        (3, "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=", .wrongAccept),
        (3, accept + "\r\n" + accept, .wrongAccept), (3, accept + ", x", .wrongAccept),
        (3, accept + "\r\nSec-WebSocket-Extensions: permessage-deflate", .unexpectedExtension),
        (3, accept + "\r\nSec-WebSocket-Extensions:", .unexpectedExtension),
        (3, accept + "\r\nSec-WebSocket-Protocol: chat", .unexpectedSubprotocol),
        (3, accept + "\r\nSec-WebSocket-Protocol:", .unexpectedSubprotocol),
        (1, "Upgrade : websocket", .invalidResponse(.invalidHeader)),
        (0, "SSH-2.0-OpenSSH_9.2", .invalidResponse(.invalidStatusLine)),
    ]

    @Test(arguments: violations)
    func violation(_ index: Int, _ line: String?, _ expected: ClientUpgradeError) {
        var lines = Self.good
        if let line { lines[index] = line } else { lines.remove(at: index) }
        #expect(outcome(lines) == .error(expected))
        #expect(!expected.description.isEmpty)
    }

    @Test func subprotocols() {
        let line = "Sec-WebSocket-Protocol: "
        func choose(_ lines: String...) -> Outcome<Opened, ClientUpgradeError> {
            outcome(Self.good + lines, subprotocols: ["a", "b"])
        }
        guard case .value(Opened(subprotocol: "b"), _) = choose(line + "b") else {
            Issue.record("not b")
            return
        }
        // RFC 6455 §4.1 lets a server choose none.
        #expect(choose() == opened(Self.good))
        for lines in [
            [line + "c"], [line + "B"], [line + "a, b"], [line + "a", line + "b"], [line + "a", line + "a"],
        ] {
            #expect(outcome(Self.good + lines, subprotocols: ["a", "b"]) == .error(.unexpectedSubprotocol))
        }
    }

    static let extensions: [([String], String?)] = [
        ([], nil), (["permessage-deflate"], "permessage-deflate"),
        (["Permessage-Deflate; server_no_context_takeover"], "Permessage-Deflate; server_no_context_takeover"),
        (["x-a", "permessage-deflate"], "x-a, permessage-deflate"),
    ]

    @Test(arguments: extensions)
    func offeredExtensions(_ values: [String], _ expected: String?) {
        let lines = Self.good + values.map { "Sec-WebSocket-Extensions: \($0)" }
        let result = outcome(lines, extensions: "permessage-deflate; client_max_window_bits, x-a")
        #expect(result == .value(Opened(extensions: expected), consumed: request(lines).count))
    }

    @Test(arguments: ["x-b", "permessage-deflate, x-b", "permessage-deflate, permessage-deflate", ",", "permessage"])
    func otherExtensions(_ value: String) {
        let lines = Self.good + ["Sec-WebSocket-Extensions: \(value)"]
        #expect(outcome(lines, extensions: "permessage-deflate") == .error(.unexpectedExtension))
    }

    @Test func interimResponses() {
        let interim = response("HTTP/1.1 103 Early Hints", "Link: </a>")
        let many = Array(repeatElement(interim, count: ClientUpgradeResponse.maximumInterimResponses).joined())
        let total = many.count + request(Self.good).count
        #expect(outcome(Self.good, before: many) == .value(Opened(), consumed: total))
        #expect(outcome(Self.good, before: many + interim) == .error(.tooManyInterimResponses))
    }
}
