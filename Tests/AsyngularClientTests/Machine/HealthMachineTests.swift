import AsyngularSupport
import SocketProtocol
import Testing

@testable import AsyngularClient

/// Contract §3.
struct HealthMachineTests {
    @Test(arguments: [(ProtocolVersion.v1, "#1", "#2"), (.v2, "", "")])
    func `each version answers its own ping`(version: ProtocolVersion, ping: String, pong: String) {
        let rig = MachineRig { $0.protocolVersion = version }
        rig.establish()
        #expect(rig.receive(ping) == ["send \(pong)"])
        let other = version == .v1 ? "" : "#1"
        #expect(rig.receive(other) == ["raw \(other)"])
    }

    @Test
    func `without pings the connection is given up`() {
        let rig = MachineRig()
        rig.establish()
        #expect(rig.advance(19_999) == [])
        #expect(rig.receive("") == ["send "])
        // Other traffic does not count.
        rig.advance(10_000)
        rig.receive(#"{"event":"x"}"#)
        #expect(rig.advance(9999) == [])
        let text = "Server ping timed out"
        #expect(
            rig.advance(1) == [
                "disconnect 4000 \(text)", "close! 4000 \(text)", "error SocketProtocolError: \(text) code=4000",
                "close 4000", "connecting", "dial 2",
            ]
        )
    }

    @Test
    func `the time of the server's answer counts`() {
        let rig = MachineRig()
        rig.connect()
        rig.open()
        rig.load(nil)
        rig.receive(#"{"rid":1,"data":{"id":"a","pingTimeout":300,"isAuthenticated":false}}"#)
        #expect(rig.advance(299) == [])
        #expect(rig.advance(1).first == "disconnect 4000 Server ping timed out")
    }

    @Test
    func `pings may be answered and not waited for`() {
        let rig = MachineRig { $0.pingTimeoutDisabled = true }
        rig.establish()
        #expect(rig.machine.nextDue == .max)
        #expect(rig.receive("") == ["send "])
    }

    @Test
    func `pings are answered past a batch`() {
        let rig = MachineRig()
        rig.establish()
        rig.input { machine, _ in machine.startBatch() }
        #expect(rig.transmit("x") == [])
        #expect(rig.receive("") == ["send "])
    }

    @Test
    func `an idle connection has one deadline, a closed one none`() {
        let rig = MachineRig()
        rig.establish()
        #expect(rig.machine.nextDue == rig.turn.now + 20_000)
        rig.disconnect()
        #expect(rig.machine.nextDue == .max)
    }
}
