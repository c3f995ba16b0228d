import SocketProtocol
import Testing

@testable import AsyngularClient

/// Contract §15: when a connection is opened again.
struct ReconnectionMachineTests {
    @Test(arguments: [
        (1000, BackOff.Decision.never), (4500, .never), (4501, .never), (65535, .never),
        (4000, .atOnce), (4001, .atOnce), (1005, .atOnce),
        (1001, .later), (1002, .later), (1006, .later), (1011, .later), (1012, .later), (1013, .later),
        (4002, .later), (4003, .later), (4007, .later), (4008, .later), (4100, .later), (4499, .later),
    ])
    func `the code decides`(code: Int, decision: BackOff.Decision) {
        #expect(BackOff.decision(after: CloseCode(rawValue: UInt16(code)), AGReconnectOptions()) == decision)
    }

    @Test(arguments: [
        // attempt, random, delay with the defaults
        (0, 0.0, 10_000), (0, 0.5, 15_000), (0, 0.99999, 20_000), (1, 0.0, 15_000), (1, 0.5, 22_500), (2, 0.0, 22_500),
        (2, 0.123456, 25_279), (3, 0.0, 33_750), (4, 0.0, 50_625), (5, 0.0, 60_000), (100, 0.0, 60_000),
        (4_000_000, 0.9, 60_000),
    ])
    func `the formula gives the delay`(attempt: Int, random: Double, delay: Int) {
        #expect(BackOff.delay(attempt: UInt32(attempt), AGReconnectOptions(), random: random) == UInt64(delay))
    }

    @Test
    func `no delay stays none`() {
        let options = AGReconnectOptions(initialDelay: 0, multiplier: 10)
        #expect(BackOff.delay(attempt: 4_000_000, options, random: 0) == 0)
    }

    @Test
    func `attempts are spread and grow until one succeeds`() {
        let rig = MachineRig()
        rig.connect()
        var delays: [UInt64] = []
        for _ in 0..<8 {
            rig.end(1006)
            delays.append(rig.machine.reconnectDelay)
            #expect(rig.machine.reconnectDue == rig.turn.now + rig.machine.reconnectDelay)
            #expect(rig.advance(rig.machine.reconnectDelay - 1) == [])
            #expect(rig.advance(1).first == "connecting")
        }
        #expect((10_000..<20_000).contains(delays[0]))
        #expect((15_000..<30_000).contains(delays[1]))
        #expect(delays[7] == 60_000)
        rig.establish()
        rig.end(1006)
        #expect((10_000..<20_000).contains(rig.machine.reconnectDelay))
    }

    @Test(arguments: [4000, 4001, 1005])
    func `some losses are repaired at once, but only once`(code: Int) {
        let rig = MachineRig()
        rig.establish()
        rig.end(UInt16(code))
        #expect(rig.machine.reconnectDelay == 0)
        #expect(rig.advance(0) == ["connecting", "dial 2"])
        rig.end(UInt16(code))
        // That attempt was n = 0, so the next one has n = 1.
        #expect((15_000..<30_000).contains(rig.machine.reconnectDelay))
    }

    @Test
    func `a failed attempt counts before a loss that is repaired at once`() {
        let rig = MachineRig()
        rig.connect()
        rig.end(1006)
        rig.advance(20_000)
        rig.end(4000)
        #expect(rig.machine.reconnectDelay >= 15_000)
    }

    @Test
    func `disconnecting cancels a planned attempt`() {
        let rig = MachineRig()
        rig.establish()
        rig.end(1006)
        #expect(rig.machine.isReconnecting)
        #expect(rig.disconnect() == [])
        #expect(!rig.machine.isReconnecting)
        #expect(rig.machine.nextDue == .max)
    }

    @Test(arguments: [(1000, false), (4200, true), (4500, false)])
    func `a close by the program follows the same table`(code: Int, returns: Bool) {
        let rig = MachineRig()
        rig.establish()
        rig.disconnect(UInt16(code))
        #expect(rig.machine.isReconnecting == returns)
    }

    @Test
    func `without automatic reconnection nothing is planned`() {
        let rig = MachineRig { $0.autoReconnect = false }
        rig.establish()
        rig.end(1006)
        #expect(rig.machine.nextDue == .max)
    }

    // MARK: Beyond upstream

    @Test
    func `service codes are honoured where that is wanted`() {
        var random = ClientRandom(seed: 7)
        var options = AGReconnectOptions()
        options.honorsServiceCodes = true
        for attempt in 0..<200 as Range<UInt32> {
            let restart = BackOff.delay(after: CloseCode(rawValue: 1012), attempt: attempt, options, &random) ?? 0
            #expect((5000..<30_000).contains(restart))
            let busy = BackOff.delay(after: CloseCode(rawValue: 1013), attempt: attempt, options, &random) ?? 0
            #expect((30_000..<60_000).contains(busy))
        }
    }

    @Test
    func `a server that accepts and then closes does not begin the delays anew`() {
        let rig = MachineRig { $0.autoReconnectOptions.stableAfter = 5000 }
        var least: [UInt64] = []
        for _ in 0..<4 {
            rig.establish()
            rig.advance(4999)
            rig.end(1006)
            least.append(rig.machine.reconnectDelay)
            rig.advance(60_000)
        }
        #expect(least[3] >= 33_750)
        rig.establish()
        rig.advance(5000)
        rig.end(1006)
        #expect(rig.machine.reconnectDelay < 20_000)
    }

    @Test
    func `a connection whose token is refused is not stable`() {
        let rig = MachineRig {
            $0.autoReconnectOptions.stableAfter = 5000
            $0.pingTimeoutDisabled = true
        }
        rig.connect()
        rig.end(1006)
        rig.connect()
        rig.establish(token: "T", isAuthenticated: false, error: #"{"message":"no"}"#)
        rig.advance(100_000)
        rig.end(1006)
        #expect(rig.machine.reconnectDelay >= 15_000)
        // Accepted later, it is stable from then on.
        rig.connect()
        rig.establish(token: "T", isAuthenticated: false)
        rig.advance(100_000)
        rig.receive(##"{"event":"#setAuthToken","data":{"token":"U"}}"##)
        rig.advance(5000)
        rig.end(1006)
        #expect(rig.machine.reconnectDelay < 20_000)
    }
}
