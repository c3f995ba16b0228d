import SocketProtocol
import Testing

@testable import AsyngularClient

/// Contract §13 and §15: opening and closing, and in which order it is told.
struct ConnectionMachineTests {
    @Test
    func `connects in four steps`() {
        let rig = MachineRig()
        #expect(rig.connect() == ["connecting", "dial 1"])
        #expect(rig.machine.state == .connecting)
        #expect(rig.connect() == [])
        #expect(rig.open() == ["load 1"])
        #expect(rig.load(nil) == [##"send {"event":"#handshake","data":{"authToken":null},"cid":1}"##])
        let reply = #"{"rid":1,"data":{"id":"abc","pingTimeout":9000,"isAuthenticated":false}}"#
        #expect(rig.receive(reply) == ["connect abc 9000 false"])
        #expect(rig.machine.state == .open)
        #expect(rig.machine.id == "abc")
    }

    @Test(arguments: [
        (1000, "", "Socket closed normally", nil),
        (1000, "bye", "bye", nil),
        (1001, "", "Socket was disconnected", nil),
        (1002, "", "A WebSocket protocol error was encountered", "A WebSocket protocol error was encountered"),
        (1003, "", "Server terminated socket because it received invalid data", nil as String?),
        (1005, "", "Socket closed without status code", nil),
        (1006, "", "Socket hung up", nil),
        (1007, "", "Message format was incorrect", nil),
        (1008, "", "Encountered a policy violation", nil),
        (1009, "", "Message was too big to process", nil),
        (1011, "", "Server encountered an unexpected fatal condition", nil),
        (4001, "", "Client pong timed out", nil),
        (4002, "", "Server failed to sign auth token", nil),
        (4005, "", "Did not receive #handshake from client before timeout", nil),
        (4008, "no", "no", "Server rejected handshake from client"),
        (4100, "", "", "Socket connection closed with status code 4100"),
        (4501, "gone", "gone", "Socket connection closed with status code 4501 and reason: gone"),
    ])
    func `a close by the server is told in order`(code: Int, reason: String, local: String, message: String?) {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("a")
        rig.receive(#"{"rid":2}"#)
        rig.invoke("work")
        var expected = [
            "finish 1 BadConnectionError: Event work was aborted due to a bad connection"
                + " type=\"disconnect\" code=\(code) reason=\"\(local)\"",
            "subscribeStateChange a subscribed>pending",
            "unsubscribe a",
            "disconnect \(code) \(local)",
            "close! \(code) \(local)",
        ]
        if code > 1001 { expected.append("error SocketProtocolError: \(message ?? local) code=\(code)") }
        #expect(rig.end(UInt16(code), reason) == expected)
        #expect(rig.machine.state == .closed)
        #expect(rig.machine.isReconnecting == (code != 1000 && code < 4500))
    }

    @Test
    func `a close by the program ends calls last`() {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("a")
        rig.receive(#"{"rid":2}"#)
        rig.invoke("work")
        #expect(
            rig.disconnect(4200, "enough") == [
                "subscribeStateChange a subscribed>pending",
                "unsubscribe a",
                "disconnect 4200 enough",
                "close! 4200 enough",
                "error SocketProtocolError: Socket connection closed with status code 4200 and reason: enough code=4200",
                "finish 1 BadConnectionError: Event work was aborted due to a bad connection"
                    + #" type="disconnect" code=4200 reason="enough""#,
                "close 4200 enough",
            ]
        )
        #expect(rig.machine.isReconnecting)
    }

    @Test
    func `a failed attempt clears the queue`() {
        let rig = MachineRig()
        #expect(rig.invoke("a") == ["connecting", "dial 1"])
        #expect(rig.transmit("b") == [])
        #expect(
            rig.end(1006) == [
                "connectAbort 1006 Socket hung up",
                "close! 1006 Socket hung up",
                "error SocketProtocolError: Socket hung up code=1006",
                "finish 1 BadConnectionError: Event a was aborted due to a bad connection"
                    + #" type="connectAbort" code=1006 reason="Socket hung up""#,
            ]
        )
        #expect(rig.machine.outbox.count == 0)
        rig.establish()
        #expect(rig.machine.calls.count == 0)
    }

    @Test
    func `giving up an attempt closes what was dialled`() {
        let rig = MachineRig()
        rig.connect()
        #expect(
            rig.disconnect() == [
                "connectAbort 1000 Socket closed normally", "close! 1000 Socket closed normally", "close 1000",
            ]
        )
        #expect(rig.machine.nextDue == .max)
        // What the given up attempt still has to say does not count.
        #expect(rig.open() == [])
        #expect(rig.load("t") == [])
        #expect(rig.end(1006) == [])
    }

    @Test
    func `input of an earlier attempt does not count`() {
        let rig = MachineRig()
        rig.connect()
        rig.end(1006)
        rig.connect()
        #expect(rig.input { $0.transportOpened(1, &$1) } == [])
        #expect(rig.input { $0.transportEnded(1, code: .abnormal, reason: "", &$1) } == [])
        #expect(rig.open() == ["load 2"])
        #expect(rig.input { $0.tokenLoaded(1, .success("old"), &$1) } == [])
        #expect(rig.load(nil) == [##"send {"event":"#handshake","data":{"authToken":null},"cid":1}"##])
    }

    @Test
    func `the number of calls goes on over connections`() {
        let rig = MachineRig()
        rig.establish()
        for _ in 0..<3 { rig.invoke("a") }
        rig.end(1006)
        rig.connect()
        rig.open()
        #expect(rig.load("T") == [##"send {"event":"#handshake","data":{"authToken":"T"},"cid":5}"##])
    }

    @Test
    func `connecting anew with other options closes what there is`() {
        let rig = MachineRig()
        rig.establish()
        var options = AGClientOptions()
        options.channelPrefix = "p/"
        let text = "Socket was disconnected by the client to initiate a new connection"
        #expect(
            rig.input { $0.connect(with: ClientSettings(options), &$1) } == [
                "disconnect 1000 \(text)", "close! 1000 \(text)", "close 1000 \(text)", "connecting", "dial 2",
            ]
        )
        #expect(rig.machine.options.channelPrefix == "p/")
    }

    @Test
    func `reconnecting is disconnecting and connecting`() {
        let rig = MachineRig()
        rig.establish()
        #expect(
            rig.input { $0.reconnect(.normal, reason: "switching", &$1) } == [
                "disconnect 1000 switching", "close! 1000 switching", "close 1000 switching", "connecting", "dial 2",
            ]
        )
    }

    @Test(arguments: [
        (999, 1000), (1000, 1000), (1004, 1000), (1006, 1000), (1012, 1012), (2999, 1000), (4999, 4999), (5000, 1000),
    ])
    func `a code that may not stand in a frame is not sent`(code: Int, sent: Int) {
        let rig = MachineRig()
        rig.establish()
        #expect(rig.disconnect(UInt16(code)).last == "close \(sent)")
    }
}
