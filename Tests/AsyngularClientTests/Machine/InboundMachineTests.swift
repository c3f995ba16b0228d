import AsyngularSupport
import Testing

@testable import AsyngularClient

/// Contract §5 and §18, as the client mirrors it.
struct InboundMachineTests {
    @Test(arguments: [
        ("hello", ["raw hello"]),
        ("123", ["raw 123"]),
        ("null", ["raw null"]),
        ("{}", ["raw {}"]),
        (#"{"event":5}"#, [#"raw {"event":5}"#]),
        (#"{"rid":"1"}"#, [#"raw {"rid":"1"}"#]),
        (#"{"event":"x","cid":"1"}"#, ["receive x nothing"]),
        (#"{"event":"x","cid":null,"data":null}"#, ["receive x null"]),
        (#"{"event":"","data":1}"#, ["receive  1"]),
        (#"{"event":"a\"b"}"#, ["receive a\"b nothing"]),
        (##"{"event":"#disconnect","data":{"code":1000}}"##, [##"receive #disconnect {"code":1000}"##]),
        (##"{"event":"#handshake","cid":1}"##, ["request #handshake nothing 1 1"]),
        (##"{"event":"#publish","data":{"channel":"a"},"cid":1}"##, [##"request #publish {"channel":"a"} 1 1"##]),
    ])
    func `each message is what it is`(text: String, lines: [String]) {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("a")
        #expect(rig.receive(text) == lines)
    }

    @Test
    func `binary messages are raw`() {
        let rig = MachineRig()
        rig.establish()
        let lines = rig.input { machine, turn in
            let bytes = Array(#"{"event":"x"}"#.utf8)
            machine.received(1, bytes.rawBytes, isBinary: true, &turn)
        }
        #expect(lines == [#"raw {"event":"x"} binary"#])
    }

    @Test
    func `nothing is taken from a closed connection`() {
        let rig = MachineRig()
        rig.establish()
        rig.disconnect()
        #expect(rig.receive(##"{"event":"#setAuthToken","data":{"token":"T"}}"##) == [])
        #expect(rig.receive("") == [])
    }
}
