import StrictJSON
import Testing

@testable import AsyngularClient

/// Contract §7 and §15.
struct ChannelMachineTests {
    @Test
    func `a subscription is requested and accepted`() {
        let rig = MachineRig()
        rig.establish()
        #expect(
            rig.subscribe("a") == [
                ##"send {"event":"#subscribe","data":{"channel":"a"},"cid":2}"##, "subscribeRequest a",
            ]
        )
        #expect(rig.machine.channelState("a") == .pending)
        #expect(rig.receive(#"{"rid":2}"#) == ["subscribeStateChange a pending>subscribed", "subscribe a"])
        #expect(rig.machine.channelState("a") == .subscribed)
        // Again: only the options are new.
        #expect(rig.subscribe("a", AGSubscribeOptions(priority: 3)) == [])
        #expect(rig.machine.channels[Array("a".utf8)]?.options.priority == 3)
        #expect(
            rig.unsubscribe("a") == [
                "subscribeStateChange a subscribed>unsubscribed", "unsubscribe a",
                ##"send {"event":"#unsubscribe","data":"a"}"##,
            ]
        )
        #expect(rig.machine.channelState("a") == .unsubscribed)
        #expect(rig.unsubscribe("a") == [])
    }

    @Test(
        arguments: [
            (JSONValue.null, nil), (false, nil), (0, nil), ("", nil), (true, "true"), (1, "1"), ("x", #""x""#),
            ([], "[]"), ([:], "{}"),
        ] as [(JSONValue, String?)]
    )
    func `data is sent if it is not empty to JavaScript`(data: JSONValue, sent: String?) {
        let rig = MachineRig()
        rig.establish()
        let suffix = sent.map { #","data":\#($0)"# } ?? ""
        #expect(
            rig.subscribe("a", AGSubscribeOptions(data: data)).first
                == ##"send {"event":"#subscribe","data":{"channel":"a"\##(suffix)},"cid":2}"##
        )
    }

    @Test
    func `a refused subscription is forgotten`() {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("a")
        #expect(rig.receive(#"{"rid":2,"error":{"message":"no","name":"E"}}"#) == ["subscribeFail a E: no"])
        #expect(rig.machine.channelState("a") == .unsubscribed)
        rig.end(1006)
        rig.connect()
        #expect(rig.establish() == ["connect abc 20000 false"])
    }

    @Test
    func `a refused subscription that waits for authentication stays`() {
        let rig = MachineRig()
        rig.establish(token: "T")
        rig.subscribe("a", AGSubscribeOptions(waitForAuth: true))
        rig.receive(##"{"event":"#removeAuthToken"}"##)
        #expect(rig.receive(#"{"rid":2,"error":{"message":"no","name":"E"}}"#) == [])
        #expect(rig.machine.channelState("a") == .pending)
        #expect(
            rig.receive(##"{"event":"#setAuthToken","data":{"token":"U"}}"##).first
                == ##"send {"event":"#subscribe","data":{"channel":"a","waitForAuth":true},"cid":3}"##
        )
        // Refused while authenticated: forgotten.
        #expect(rig.receive(#"{"rid":3,"error":"no"}"#) == ["subscribeFail a no"])
    }

    @Test
    func `an answer behind an unsubscription is ignored`() {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("a")
        #expect(rig.unsubscribe("a") == [##"send {"event":"#unsubscribe","data":"a"}"##])
        rig.subscribe("a")
        #expect(rig.receive(#"{"rid":2}"#) == [])
        #expect(rig.machine.channelState("a") == .pending)
        #expect(rig.receive(#"{"rid":3}"#).last == "subscribe a")
    }

    @Test
    func `what the server has not heard of is not unsubscribed from`() {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("a", AGSubscribeOptions(waitForAuth: true))
        #expect(rig.unsubscribe("a") == [])
        rig.end(1006)
        rig.subscribe("b")
        #expect(rig.unsubscribe("b") == [])
        #expect(rig.machine.channels.count == 0)
    }

    @Test
    func `channels come back by priority, then in order`() {
        let rig = MachineRig()
        let priorities: [(String, Double)] = [("a", 0), ("b", 2), ("c", -1), ("d", 2), ("e", 0), ("f", 0.5)]
        for (name, priority) in priorities { rig.subscribe(name, AGSubscribeOptions(priority: priority)) }
        let first = rig.establish()
        #expect(
            first.filter { $0.hasPrefix("subscribeRequest") }.map { $0.suffix(1) } == ["b", "d", "f", "a", "e", "c"]
        )
        for cid in 2...7 { rig.receive(#"{"rid":\#(cid)}"#) }
        let lost = rig.end(1006)
        #expect(lost.filter { $0.hasPrefix("unsubscribe") }.map { $0.suffix(1) } == ["a", "b", "c", "d", "e", "f"])
        #expect(rig.machine.channelState("a") == .pending)
        rig.connect()
        let second = rig.establish()
        #expect(
            second.filter { $0.hasPrefix("subscribeRequest") }.map { $0.suffix(1) } == ["b", "d", "f", "a", "e", "c"]
        )
    }

    @Test
    func `a subscription has no time limit`() {
        let rig = MachineRig { $0.pingTimeoutDisabled = true }
        rig.establish()
        rig.subscribe("a")
        #expect(rig.advance(100_000_000) == [])
        #expect(rig.receive(#"{"rid":2}"#).last == "subscribe a")
    }

    @Test(arguments: [
        (##"{"event":"#publish","data":{"channel":"a","data":{"x":1}}}"##, ["publication a {\"x\":1}"]),
        (##"{"event":"#publish","data":{"channel":"a","data":null}}"##, ["publication a null"]),
        (##"{"event":"#publish","data":{"channel":"a"}}"##, ["publication a nothing"]),
        (##"{"event":"#publish","data":{"data":1,"channel":"\u0061"}}"##, ["publication a 1"]),
        (##"{"event":"#publish","data":{"channel":"other","data":1}}"##, []),
        (##"{"event":"#publish","data":{"channel":5,"data":1}}"##, []),
        (##"{"event":"#publish","data":"a"}"##, []),
        (##"{"event":"#publish"}"##, []),
    ])
    func `publications reach known channels`(packet: String, lines: [String]) {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("a")
        // Pending or subscribed.
        #expect(rig.receive(packet) == lines)
        rig.receive(#"{"rid":2}"#)
        #expect(rig.receive(packet) == lines)
    }

    @Test
    func `a kick ends a subscription for good`() {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("a")
        rig.receive(#"{"rid":2}"#)
        #expect(rig.receive(##"{"event":"#kickOut","data":{"channel":7}}"##) == [])
        #expect(rig.receive(##"{"event":"#kickOut","data":{"channel":"b"}}"##) == [])
        #expect(
            rig.receive(##"{"event":"#kickOut","data":{"channel":"a","message":"out"}}"##) == [
                #"kickOut a "out""#, "subscribeStateChange a subscribed>unsubscribed", "unsubscribe a",
            ]
        )
        rig.end(1006)
        rig.connect()
        #expect(rig.establish() == ["connect abc 20000 false"])
    }

    @Test
    func `a prefix is put on and taken off`() {
        let rig = MachineRig { $0.channelPrefix = "app/" }
        rig.establish()
        #expect(rig.subscribe("a").first == ##"send {"event":"#subscribe","data":{"channel":"app/a"},"cid":2}"##)
        #expect(rig.receive(##"{"event":"#publish","data":{"channel":"app/a","data":1}}"##) == ["publication a 1"])
        #expect(rig.receive(##"{"event":"#kickOut","data":{"channel":"app/b"}}"##) == [])
        #expect(rig.machine.publication("x\"y", JSONText(1)).description == #"{"channel":"app/x\"y","data":1}"#)
        #expect(rig.machine.publication("x", nil).description == #"{"channel":"app/x"}"#)
        #expect(rig.unsubscribe("a").last == ##"send {"event":"#unsubscribe","data":"app/a"}"##)
    }

    @Test
    func `names that look alike are different channels`() {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("caf\u{e9}")
        rig.subscribe("cafe\u{301}")
        #expect(rig.machine.channels.count == 2)
    }

    @Test
    func `channels are bounded`() {
        let rig = MachineRig { $0.channelLimit = 1 }
        rig.subscribe("a")
        #expect(rig.subscribe("b") == ["subscribeFail b ResourceLimitError: Too many channels are subscribed to"])
        #expect(rig.machine.channels.count == 1)
    }
}
