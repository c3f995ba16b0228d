import SocketProtocol
import StrictJSON
import Testing

/// The short way to a packet against the long one, which is tested by itself.
@Suite struct PacketScannerUsualFormTests {
    private func packet(_ bytes: [UInt8], _ scanner: PacketScanner) -> Packet? {
        var packets: [Packet] = []
        let outcome = unsafe scanner.scan(bytes.span.bytes, utf8Validated: true, into: &packets)
        return outcome == .packet ? packets[0] : nil
    }

    private func usual(_ bytes: [UInt8], _ scanner: PacketScanner) -> Packet? {
        unsafe scanner.scanUsual(bytes.span.bytes, utf8Validated: true)
    }

    static let forms = [
        #"{"event":"e"}"#, ##"{"event":"#handshake","data":{"authToken":null},"cid":1}"##, #"{"event":"e","cid":0}"#,
        #"{"event":"e","data":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","cid":9007199254740991}"#,
        #"{"event":"e\"\\\u0041","data":[1,{"cid":2,"event":"f"},"}"],"cid":17}"#,
        #"{"event":"é😀","data":null,"cid":1.5e3}"#,
        #"{"event":"e","data":-0.5}"#, #"{"event":"e","data":"}","cid":1}"#,
        ##"{"event":"#publish","data":{"channel":"c","data":""}}"##,
    ]

    @Test(arguments: forms)
    func isFound(_ text: String) throws {
        let bytes = Array(text.utf8)
        for rule in [PacketScanner.IdentifierRule.numbers, .nonNull] {
            let scanner = PacketScanner(identifiers: rule)
            let packet = try #require(usual(bytes, scanner))
            #expect(packet == self.packet(bytes, scanner))
        }
    }

    @Test(arguments: [
        "", "{", #"{"event":""}"#, #"{"event":"e"} "#, #" {"event":"e"}"#, #"{"event": "e","cid":1}"#,
        #"{"event":"e","cid":"1"}"#,
        #"{"event":"e","cid":1,"data":2}"#, #"{"event":"e","data":1,"data":2}"#, #"{"event":"e","cid":1,"cid":2}"#,
        #"{"event":"e","data":1,"cid":1,"event":"f"}"#, #"{"event":"e","cid":-1}"#, #"{"event":"e","cid":null}"#,
        #"{"event":"e","data":}"#, #"{"event":"e","data":1,"cid":}"#, #"{"event":"e","data":1,"cid":01}"#,
        #"{"event":"e","#,
        #"{"event":"e","data":1"#, #"{"event":"e","data":1,"#, #"{"event":"e","data":1,"cid":1"#,
        #"{"event":"e","data":1,"cid":1}}"#,
        #"[{"event":"e"}]"#, #"{"event":12345,"cid":1}"#, #"{"event":"e\x","cid":1}"#, #"{"rid":1,"data":2}"#,
        #"{"event":"aaa"#,
    ])
    func isLeftToTheLongWay(_ text: String) {
        #expect(usual(Array(text.utf8), PacketScanner()) == nil)
    }

    @Test func whatIsNotCheckedUTF8IsLeftToTheLongWay() {
        let bytes = Array(#"{"event":"e","cid":1}"#.utf8)
        #expect(unsafe PacketScanner().scanUsual(bytes.span.bytes, utf8Validated: false) == nil)
    }

    @Test func depthCounts() {
        let bytes = Array(#"{"event":"e","data":[[[1]]],"cid":1}"#.utf8)
        for depth in 0...6 {
            let scanner = PacketScanner(maximumDepth: depth)
            #expect((usual(bytes, scanner) != nil) == (depth >= 4))
            #expect(usual(bytes, scanner) == packet(bytes, scanner))
        }
    }

    /// Cut at every place, and with every byte of it replaced by each that means something to JSON.
    @Test(arguments: forms)
    func neverSaysAnythingElse(_ text: String) {
        let scanner = PacketScanner()
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            let cut = Array(bytes[..<end])
            if let packet = usual(cut, scanner) { #expect(packet == self.packet(cut, scanner)) }
        }
        for place in bytes.indices {
            for byte in "\"\\{}[],:0-9eact \n\u{0}".utf8 {
                var changed = bytes
                changed[place] = byte
                // Validated means just that.
                guard String(validating: changed, as: UTF8.self) != nil else { continue }
                if let packet = usual(changed, scanner) { #expect(packet == self.packet(changed, scanner)) }
            }
        }
    }
}
