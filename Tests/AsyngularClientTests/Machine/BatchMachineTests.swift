import Testing

@testable import AsyngularClient

/// Contract §16.
struct BatchMachineTests {
    @Test
    func `a batch by hand`() {
        let rig = MachineRig()
        rig.establish()
        rig.input { machine, _ in machine.startBatch() }
        #expect(rig.transmit("a") == [])
        #expect(rig.invoke("b", "1") == [])
        #expect(
            rig.input { $0.flushBatch(&$1) } == [#"send [{"event":"a"},{"event":"b","data":1,"cid":2}]"#]
        )
        #expect(rig.transmit("c") == [#"send {"event":"c"}"#])
        // An empty one is not sent.
        rig.input { machine, _ in machine.startBatch() }
        #expect(rig.input { $0.flushBatch(&$1) } == [])
        rig.input { machine, _ in machine.startBatch() }
        rig.transmit("lost")
        rig.input { machine, _ in machine.cancelBatch() }
        #expect(rig.input { $0.flushBatch(&$1) } == [])
    }

    @Test
    func `batches by the clock, also on the next connection`() {
        let rig = MachineRig { $0.pingTimeoutDisabled = true }
        rig.establish()
        rig.input { machine, _ in machine.startBatching() }
        rig.transmit("a")
        rig.transmit("b")
        #expect(rig.advance(49) == [])
        #expect(rig.advance(1) == [#"send [{"event":"a"},{"event":"b"}]"#])
        #expect(rig.advance(50) == [])
        rig.transmit("lost")
        rig.end(1006)
        #expect(rig.machine.batch.packets.isEmpty)
        rig.connect()
        rig.establish()
        rig.transmit("c")
        #expect(rig.advance(50) == [#"send [{"event":"c"}]"#])
        rig.transmit("d")
        #expect(rig.input { $0.stopBatching(&$1) } == [#"send [{"event":"d"}]"#])
        #expect(rig.transmit("e") == [#"send {"event":"e"}"#])
        #expect(rig.machine.nextDue == rig.machine.callsDue)
    }

    @Test
    func `batching can be called off`() {
        let rig = MachineRig { $0.pingTimeoutDisabled = true }
        rig.establish()
        rig.input { machine, _ in machine.startBatching() }
        rig.transmit("lost")
        rig.input { machine, _ in machine.cancelBatching() }
        #expect(rig.advance(100) == [])
        #expect(rig.transmit("a") == [#"send {"event":"a"}"#])
    }

    @Test
    func `batches for a while after the handshake`() {
        let rig = MachineRig {
            $0.batchOnHandshake = true
            $0.pingTimeoutDisabled = true
        }
        rig.connect()
        rig.transmit("queued")
        rig.subscribe("c")
        // The handshake itself is not part of a batch.
        #expect(rig.open() == ["load 1"])
        #expect(rig.load(nil).count == 1)
        #expect(
            rig.receive(#"{"rid":1,"data":{"id":"a","pingTimeout":9000,"isAuthenticated":false}}"#) == [
                "subscribeRequest c", "connect a 9000 false",
            ]
        )
        #expect(
            rig.advance(50) == [##"send [{"event":"#subscribe","data":{"channel":"c"},"cid":2},{"event":"queued"}]"##]
        )
        rig.transmit("x")
        #expect(rig.advance(50) == [#"send [{"event":"x"}]"#])
        #expect(rig.transmit("y") == [#"send {"event":"y"}"#])
        #expect(rig.advance(1000) == [])
    }

    @Test
    func `a batch that grows too large goes out early`() {
        let rig = MachineRig()
        rig.establish()
        rig.input { machine, _ in machine.startBatch() }
        var sent = 0
        for _ in 0..<2500 { sent += rig.transmit("a").count }
        #expect(sent == 2)
        #expect(rig.machine.batch.packets.count == 500)
        let large = "\"" + String(repeating: "x", count: 300_000) + "\""
        #expect(rig.transmit("b", large).count == 1)
    }

    @Test
    func `without a connection nothing is held back`() {
        let rig = MachineRig()
        rig.input { machine, _ in machine.startBatch() }
        #expect(rig.establish().count == 1)
        #expect(rig.transmit("a") == [#"send {"event":"a"}"#])
    }

    @Test
    func `batches are taken apart`() {
        let rig = MachineRig()
        rig.establish()
        rig.invoke("x")
        #expect(
            rig.receive(#"[{"rid":2,"data":1},{"event":"a"},7,{"event":"b","data":2,"cid":1}]"#) == [
                "finish 1 1", "receive a nothing",
                #"raw [{"rid":2,"data":1},{"event":"a"},7,{"event":"b","data":2,"cid":1}]"#,
                "request b 2 1 1",
            ]
        )
        #expect(rig.receive("[]") == [])
    }
}
