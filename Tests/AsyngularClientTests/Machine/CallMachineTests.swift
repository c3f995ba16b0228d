import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// Contract §2 and §6: calls, events, and what becomes of them.
struct CallMachineTests {
    @Test(arguments: [
        (#"{"rid":2}"#, "nothing"),
        (#"{"rid":2,"data":null}"#, "null"),
        (#"{"rid":2,"data":{"a":[1,2]}}"#, #"{"a":[1,2]}"#),
        (#"{"rid":2,"error":null,"data":1}"#, "1"),
        (#"{"rid":2.0,"data":1}"#, "1"),
        (#"{"rid":2,"error":"no"}"#, "no"),
        (#"{"rid":2,"error":{"message":"no","name":"AccessError","code":7}}"#, "AccessError: no code=7"),
        (#"{"rid":2,"error":{},"data":1}"#, "Invalid error message format"),
        (#"{"rid":2,"error":0}"#, "0"),
    ])
    func `an answer ends its call`(answer: String, outcome: String) {
        let rig = MachineRig()
        rig.establish()
        #expect(rig.invoke("work", "[1]") == [#"send {"event":"work","data":[1],"cid":2}"#])
        #expect(rig.receive(answer) == ["finish 1 \(outcome)"])
        #expect(rig.receive(answer) == [])
    }

    @Test(arguments: [#"{"rid":1}"#, #"{"rid":3}"#, #"{"rid":-2}"#, #"{"rid":2.5}"#, #"{"rid":1e30}"#])
    func `an answer to nothing is dropped`(answer: String) {
        let rig = MachineRig()
        rig.establish()
        rig.invoke("work")
        #expect(rig.receive(answer) == [])
        #expect(rig.machine.calls.count == 1)
    }

    @Test
    func `a call without an answer times out`() {
        let rig = MachineRig { $0.pingTimeoutDisabled = true }
        rig.establish()
        rig.invoke("slow")
        rig.invoke("quick", timeout: 50)
        #expect(rig.advance(49) == [])
        #expect(rig.advance(1) == ["finish 2 TimeoutError: Event response for quick event timed out"])
        #expect(rig.advance(9949) == [])
        #expect(rig.advance(1) == ["finish 1 TimeoutError: Event response for slow event timed out"])
        #expect(rig.receive(#"{"rid":2}"#) == [])
        #expect(rig.machine.nextDue == .max)
    }

    @Test
    func `queued events time out one by one`() {
        let rig = MachineRig()
        rig.connect()
        rig.transmit("dropped", timeout: 10)
        rig.invoke("rejected", timeout: 20)
        rig.transmit("kept")
        #expect(rig.advance(15) == [])
        #expect(rig.machine.outbox.count == 2)
        #expect(rig.advance(5) == ["finish 1 TimeoutError: Event response for rejected event timed out"])
        #expect(rig.establish().suffix(2) == ["connect abc 20000 false", #"send {"event":"kept"}"#])
    }

    @Test(arguments: [true, false])
    func `sending while closed connects`(isPlanned: Bool) {
        let rig = MachineRig()
        if isPlanned {
            rig.establish()
            rig.end(1006)
            #expect(rig.machine.isReconnecting)
        }
        #expect(rig.transmit("x", "1").first == "connecting")
        #expect(!rig.machine.isReconnecting)
        #expect(rig.establish().last == #"send {"event":"x","data":1}"#)
    }

    @Test
    func `a call can be given up`() {
        let rig = MachineRig()
        rig.connect()
        rig.invoke("queued")
        let text = "was aborted because the calling task was cancelled"
        #expect(rig.input { $0.abandon(1, &$1) } == ["finish 1 AbortError: Event queued \(text)"])
        #expect(rig.establish() == ["connect abc 20000 false"])
        rig.invoke("sent")
        #expect(rig.input { $0.abandon(2, &$1) } == ["finish 2 AbortError: Event sent \(text)"])
        #expect(rig.input { $0.abandon(2, &$1) } == [])
        #expect(rig.receive(#"{"rid":2}"#) == [])
        #expect(rig.machine.calls.count == 0)
    }

    @Test
    func `the answer to a token counts although nobody waits`() {
        let rig = MachineRig()
        rig.establish()
        rig.authenticate("T")
        #expect(rig.input { $0.abandon(1, &$1) }.count == 1)
        #expect(
            rig.receive(#"{"rid":2,"data":{"isAuthenticated":true}}"#) == [
                "authStateChange unauthenticated>authenticated T", "authenticate T", "save T",
            ]
        )
    }

    @Test
    func `queues are bounded`() {
        let rig = MachineRig {
            $0.outboxLimit = 2
            $0.outboxByteLimit = 10
            $0.pendingCallLimit = 1
        }
        rig.connect()
        rig.transmit("a", "1234567")
        let full = "ResourceLimitError: Too many events are waiting for the connection"
        #expect(rig.invoke("b", "12") == ["finish 1 \(full)"])
        rig.invoke("b")
        #expect(rig.transmit("c") == ["error \(full)"])
        rig.establish()
        #expect(rig.invoke("d") == ["finish 3 ResourceLimitError: Too many calls are waiting for an answer"])
        rig.receive(#"{"rid":2}"#)
        #expect(rig.invoke("e") == [#"send {"event":"e","cid":3}"#])
    }

    @Test
    func `the program answers the server's calls`() {
        let rig = MachineRig()
        rig.establish()
        #expect(rig.receive(#"{"event":"sum","data":[1,2],"cid":4.50}"#) == ["request sum [1,2] 4.50 1"])
        let cid = Array("4.50".utf8)
        let three = JSONText(3)
        #expect(rig.input { $0.respond(1, cid: cid, .success(three), &$1) } == [#"send {"rid":4.50,"data":3}"#])
        #expect(rig.input { $0.respond(1, cid: cid, .success(nil), &$1) } == [#"send {"rid":4.50}"#])
        let error = AGError(name: "E", message: "no")
        #expect(
            rig.input { $0.respond(1, cid: cid, .failure(error), &$1) } == [
                #"send {"rid":4.50,"error":{"message":"no","name":"E"}}"#
            ]
        )
        // Another connection does not know of it.
        #expect(rig.input { $0.respond(2, cid: cid, .success(nil), &$1) } == [])
        rig.end(1006)
        #expect(rig.input { $0.respond(1, cid: cid, .success(nil), &$1) } == [])
    }

    @Test
    func `a stale connection is replaced before it is used`() {
        let rig = MachineRig()
        rig.establish()
        // The clock has stood still, as during a sleep of the machine.
        rig.turn.now += 20_000
        let text = "Stale socket was disconnected by the client to initiate a new connection"
        #expect(
            rig.invoke("work") == [
                "disconnect 1000 \(text)", "close! 1000 \(text)", "close 1000 \(text)", "connecting", "dial 2",
            ]
        )
        #expect(rig.establish().last == #"send {"event":"work","cid":3}"#)
    }

    @Test
    func `a connection that does not wait for pings is never stale`() {
        let rig = MachineRig { $0.pingTimeoutDisabled = true }
        rig.establish()
        rig.turn.now += 1_000_000
        #expect(rig.transmit("x") == [#"send {"event":"x"}"#])
    }
}
