import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// An answer to the handshake and what follows on the client's side (contract §9.2).
struct HandshakeAnswer: Sendable, CustomTestStringConvertible {
    let name: String
    let stored: String?
    /// Whether the client was authenticated before, with the token `OLD`.
    var wasAuthenticated = false
    let data: String
    /// What the server sends behind it.
    var behind: [String] = []
    let lines: [String]

    var testDescription: String { name }

    private static let expired =
        #"{"message":"jwt expired","name":"AuthTokenExpiredError","expiry":"2026-01-01T00:00:00.000Z","isBadToken":true}"#
    private static let inactive = #"{"message":"jwt not active","name":"AuthTokenNotBeforeError","isBadToken":false}"#
    private static let lost = ["authStateChange authenticated>unauthenticated", "deauthenticate OLD"]

    private static func data(_ isAuthenticated: Bool, _ error: String? = nil) -> String {
        let error = error.map { #","authError":\#($0)"# } ?? ""
        return #","data":{"id":"x","pingTimeout":20000\#(error),"isAuthenticated":\#(isAuthenticated)}"#
    }

    static let all: [HandshakeAnswer] = [
        HandshakeAnswer(name: "no token", stored: nil, data: data(false), lines: ["connect x 20000 false"]),
        HandshakeAnswer(
            name: "no token, authenticated before",
            stored: nil,
            wasAuthenticated: true,
            data: data(false),
            lines: lost + ["connect x 20000 false"]
        ),
        HandshakeAnswer(
            name: "valid",
            stored: "T",
            data: data(true),
            lines: [
                "authStateChange unauthenticated>authenticated T", "authenticate T", "connect x 20000 true with T",
            ]
        ),
        HandshakeAnswer(
            name: "valid, authenticated before",
            stored: "T",
            wasAuthenticated: true,
            data: data(true),
            lines: ["authenticate T", "connect x 20000 true with T"]
        ),
        HandshakeAnswer(
            name: "known to the server without a token",
            stored: nil,
            data: data(true),
            lines: ["authStateChange unauthenticated>authenticated", "authenticate nil", "connect x 20000 true"]
        ),
        HandshakeAnswer(
            name: "bad",
            stored: "T",
            data: data(false, expired),
            behind: [##"{"event":"#removeAuthToken"}"##],
            lines: [
                "connect x 20000 false AuthTokenExpiredError: jwt expired"
                    + #" expiry="2026-01-01T00:00:00.000Z" isBadToken=true with T"#,
                "remove",
            ]
        ),
        HandshakeAnswer(
            name: "bad, authenticated before",
            stored: "T",
            wasAuthenticated: true,
            data: data(false, expired),
            behind: [##"{"event":"#removeAuthToken"}"##],
            lines: lost + [
                "connect x 20000 false AuthTokenExpiredError: jwt expired"
                    + #" expiry="2026-01-01T00:00:00.000Z" isBadToken=true with T"#,
                "remove",
            ]
        ),
        HandshakeAnswer(
            name: "not yet valid",
            stored: "T",
            data: data(false, inactive),
            lines: ["connect x 20000 false AuthTokenNotBeforeError: jwt not active isBadToken=false with T"]
        ),
        HandshakeAnswer(
            name: "blocked",
            stored: "T",
            data: data(false, #"{"message":"no","name":"PolicyError"}"#),
            lines: ["connect x 20000 false PolicyError: no with T"]
        ),
        HandshakeAnswer(name: "nothing said", stored: nil, data: "", lines: ["connect  20000 false"]),
        HandshakeAnswer(name: "null", stored: nil, data: #","data":null"#, lines: ["connect  20000 false"]),
        HandshakeAnswer(
            name: "no ping timeout",
            stored: nil,
            data: #","data":{"id":"x","isAuthenticated":false}"#,
            lines: ["connect x 20000 false"]
        ),
    ]
}

struct HandshakeMachineTests {
    @Test(arguments: HandshakeAnswer.all)
    func `each answer has its effect`(answer: HandshakeAnswer) {
        let rig = MachineRig()
        if answer.wasAuthenticated {
            rig.establish(token: "OLD")
            rig.end(1006)
        }
        rig.connect()
        rig.open()
        rig.load(answer.stored)
        var lines = rig.receive(#"{"rid":\#(rig.machine.lastCID)\#(answer.data)}"#)
        for packet in answer.behind { lines += rig.receive(packet) }
        #expect(lines == answer.lines)
        #expect(rig.machine.state == .open)
    }

    @Test(arguments: [
        (
            #"{"message":"no","name":"PolicyError","statusCode":4501}"#, 4501, "PolicyError: no", "statusCode=4501",
            false
        ),
        (#"{"message":"no","statusCode":4008}"#, 4008, "no", "statusCode=4008", true),
        (#"{"message":"no","name":"PolicyError"}"#, 4003, "PolicyError: no", "", true),
        (#""blocked""#, 4003, "blocked", "", true),
    ])
    func `a refusal closes with its code`(error: String, code: Int, text: String, properties: String, returns: Bool) {
        let rig = MachineRig()
        rig.connect()
        rig.open()
        rig.load(nil)
        rig.invoke("queued")
        let suffix = properties.isEmpty ? "" : " " + properties
        let lines = rig.receive(#"{"rid":1,"error":\#(error)}"#)
        let message = CloseCode(rawValue: UInt16(code)).error(reason: text)?.description ?? ""
        #expect(
            lines == [
                "error \(text)\(suffix)",
                "connectAbort \(code) \(text)",
                "close! \(code) \(text)",
                "error \(message) code=\(code)",
                "finish 1 BadConnectionError: Event queued was aborted due to a bad connection"
                    + " type=\"connectAbort\" code=\(code) reason=\"\(text)\"",
                "close \(code)",
            ]
        )
        #expect(rig.machine.isReconnecting == returns)
        // The server closes too; that is the same end.
        #expect(rig.end(UInt16(code)) == [])
    }

    @Test
    func `nothing of a batch counts behind a refusal`() {
        let rig = MachineRig()
        rig.connect()
        rig.open()
        rig.load(nil)
        let lines = rig.receive(
            ##"[{"rid":1,"error":"no"},{"event":"#setAuthToken","data":{"token":"T"}},{"event":"x"}]"##
        )
        #expect(lines.last == "close 4003")
        #expect(rig.machine.authState == .unauthenticated)
    }

    @Test
    func `without an answer it is given up with 4003`() {
        let rig = MachineRig()
        rig.connect()
        rig.open()
        rig.load(nil)
        #expect(rig.advance(9999) == [])
        let text = "TimeoutError: Event response for #handshake event timed out"
        #expect(
            rig.advance(1) == [
                "error \(text)", "connectAbort 4003 \(text)", "close! 4003 \(text)",
                "error SocketProtocolError: Failed to complete handshake code=4003", "close 4003",
            ]
        )
        #expect(rig.machine.isReconnecting)
    }

    @Test
    func `without a token store it is given up with 4003`() {
        let rig = MachineRig()
        rig.connect()
        rig.open()
        let lines = rig.input { machine, turn in
            machine.tokenLoaded(1, .failure(AGError(name: "StorageError", message: "unreadable")), &turn)
        }
        #expect(
            lines == [
                "error StorageError: unreadable", "connectAbort 4003 StorageError: unreadable",
                "close! 4003 StorageError: unreadable",
                "error SocketProtocolError: Failed to complete handshake code=4003", "close 4003",
            ]
        )
        #expect(rig.machine.isReconnecting)
    }

    @Test
    func `without a WebSocket it is given up with 4007`() {
        let rig = MachineRig { $0.connectTimeout = 500 }
        rig.connect()
        #expect(rig.advance(499) == [])
        let text = "Client connection establishment timed out"
        #expect(
            rig.advance(1) == [
                "connectAbort 4007 \(text)", "close! 4007 \(text)", "error SocketProtocolError: \(text) code=4007",
                "close 4007",
            ]
        )
        #expect(rig.machine.isReconnecting)
    }

    @Test
    func `a silent server before the answer is given up with 4000`() {
        let rig = MachineRig {
            $0.connectTimeout = 500
            $0.ackTimeout = 1000
        }
        rig.connect()
        rig.open()
        rig.load(nil)
        #expect(rig.advance(500).first == "connectAbort 4000 Server ping timed out")
    }

    @Test
    func `pings before the answer are answered`() {
        let rig = MachineRig()
        rig.connect()
        rig.open()
        rig.load(nil)
        #expect(rig.receive("") == ["send "])
    }

    @Test
    func `queued events go behind subscriptions and the connect event`() {
        let rig = MachineRig()
        rig.connect()
        rig.transmit("first", "1")
        rig.invoke("second", "2")
        rig.authenticate("T")
        rig.subscribe("low")
        rig.subscribe("high", AGSubscribeOptions(priority: 5, data: ["a": 1]))
        rig.subscribe("later", AGSubscribeOptions(waitForAuth: true, priority: 9))
        #expect(
            rig.establish() == [
                ##"send {"event":"#subscribe","data":{"channel":"high","data":{"a":1}},"cid":2}"##,
                "subscribeRequest high",
                ##"send {"event":"#subscribe","data":{"channel":"low"},"cid":3}"##,
                "subscribeRequest low",
                "connect abc 20000 false",
                #"send {"event":"first","data":1}"#,
                #"send {"event":"second","data":2,"cid":4}"#,
                ##"send {"event":"#authenticate","data":"T","cid":5}"##,
            ]
        )
        #expect(
            rig.receive(#"{"rid":5,"data":{"isAuthenticated":true,"authError":null}}"#) == [
                ##"send {"event":"#subscribe","data":{"channel":"later","waitForAuth":true},"cid":6}"##,
                "subscribeRequest later",
                "authStateChange unauthenticated>authenticated T",
                "authenticate T",
                "save T",
                "finish 2 isAuthenticated=true",
            ]
        )
    }

    @Test
    func `without automatic subscription the program does it`() {
        let rig = MachineRig { $0.autoSubscribeOnConnect = false }
        rig.subscribe("a")
        #expect(rig.establish(token: "T").filter { $0.hasPrefix("send") } == [])
        #expect(rig.subscribe("b") == [])
        #expect(
            rig.input { $0.processPendingSubscriptions(&$1) } == [
                ##"send {"event":"#subscribe","data":{"channel":"a"},"cid":2}"##, "subscribeRequest a",
                ##"send {"event":"#subscribe","data":{"channel":"b"},"cid":3}"##, "subscribeRequest b",
            ]
        )
    }
}
