import SocketProtocol
import StrictJSON
import Testing

@Suite struct PacketScannerTests {
    /// A packet with its ranges read out.
    struct Seen: Equatable, Sendable {
        var kind: Packet.Kind
        var event = ""
        var cid = ""
        var data: String?
        var error: String?
    }

    struct Row: Sendable, CustomStringConvertible {
        let text: String
        let seen: Seen

        init(
            _ text: String,
            _ kind: Packet.Kind,
            event: String = "",
            cid: String = "",
            data: String? = nil,
            error: String? = nil
        ) {
            self.text = text
            seen = Seen(kind: kind, event: event, cid: cid, data: data, error: error)
        }

        var description: String { text }
    }

    private func scan(
        _ bytes: [UInt8],
        with scanner: PacketScanner = PacketScanner(),
        utf8Validated: Bool = true
    ) -> (PacketScanner.Outcome, [Seen]) {
        var packets: [Packet] = []
        let outcome = unsafe scanner.scan(bytes.span.bytes, utf8Validated: utf8Validated, into: &packets)
        let text = { (range: Range<Int>) in String(decoding: bytes[range], as: UTF8.self) }
        let seen = packets.map { packet in
            Seen(
                kind: packet.kind,
                event: packet.event.string(in: unsafe bytes.span.bytes),
                cid: text(packet.cid),
                data: packet.data.map(text),
                error: packet.error.map(text)
            )
        }
        return (outcome, seen)
    }

    // MARK: Contract §2

    static let rows: [Row] = [
        Row(#"{"event":"e","data":1}"#, .transmit, event: "e", data: "1"),
        Row(#"{"event":"e"}"#, .transmit, event: "e"),
        Row(#"{"event":""}"#, .transmit),
        Row(#"{"event":"e","data":null}"#, .transmit, event: "e", data: "null"),
        Row(#"{"event":"e","data":{"a":[1,"x"]},"cid":3}"#, .invoke, event: "e", cid: "3", data: #"{"a":[1,"x"]}"#),
        Row(#"{"event":"e","cid":3,"data":"d"}"#, .invoke, event: "e", cid: "3", data: #""d""#),
        Row(#"{"cid":0,"event":"e"}"#, .invoke, event: "e", cid: "0"),
        Row(#"{"event":"e","cid":-1}"#, .invoke, event: "e", cid: "-1"),
        Row(#"{"event":"e","cid":1.5e2}"#, .invoke, event: "e", cid: "1.5e2"),
        Row(#"{"rid":1}"#, .response, cid: "1"),
        Row(#"{"rid":1,"data":{"a":1}}"#, .response, cid: "1", data: #"{"a":1}"#),
        Row(#"{"rid":1,"data":null}"#, .response, cid: "1", data: "null"),
        Row(#"{"rid":1,"error":{"message":"m"}}"#, .response, cid: "1", error: #"{"message":"m"}"#),
        Row(#"{"rid":1,"error":"bare"}"#, .response, cid: "1", error: #""bare""#),
        Row(#"{"rid":1,"error":null}"#, .response, cid: "1"),
        Row(#"{"rid":1,"error":null,"data":2}"#, .response, cid: "1", data: "2"),
        Row(#"{"rid":1,"error":false,"data":2}"#, .response, cid: "1", data: "2", error: "false"),
        Row(#"{"rid":-0.5}"#, .response, cid: "-0.5"),
        // `event` wins over `rid`; unknown names are ignored, wherever they are.
        Row(#"{"rid":1,"event":"e"}"#, .transmit, event: "e"),
        Row(#"{"rid":1,"event":"e","cid":2}"#, .invoke, event: "e", cid: "2"),
        Row(#"{"x":[{"event":"no"}],"event":"e","events":"no","even":1,"cids":2}"#, .transmit, event: "e"),
        Row(#"{"event":5,"rid":1}"#, .response, cid: "1"),
        // A cid that is no number makes no call (§18).
        Row(#"{"event":"e","cid":"1"}"#, .transmit, event: "e"),
        Row(#"{"event":"e","cid":null}"#, .transmit, event: "e"),
        Row(#"{"event":"e","cid":true}"#, .transmit, event: "e"),
        Row(#"{"event":"e","cid":[1]}"#, .transmit, event: "e"),
        // Objects without a packet's shape are raw (§18).
        Row("{}", .raw), Row(#"{"event":5}"#, .raw), Row(#"{"event":null,"cid":1}"#, .raw), Row(#"{"rid":"1"}"#, .raw),
        Row(#"{"rid":null}"#, .raw), Row(#"{"data":1}"#, .raw), Row(#"{"cid":1}"#, .raw), Row(#"{"":0}"#, .raw),
        Row(#"{"event":{"event":"e"}}"#, .raw), Row(#"{"Event":"e"}"#, .raw), Row(#"{"event ":"e"}"#, .raw),
        // The last of several counts.
        Row(#"{"event":"a","event":"b"}"#, .transmit, event: "b"),
        Row(#"{"event":"a","event":5}"#, .raw),
        Row(#"{"event":"a","event":5,"rid":7}"#, .response, cid: "7"),
        Row(#"{"event":"a","cid":1,"cid":"x"}"#, .transmit, event: "a"),
        Row(#"{"event":"a","cid":"x","cid":1}"#, .invoke, event: "a", cid: "1"),
        Row(#"{"event":"a","data":1,"data":2}"#, .transmit, event: "a", data: "2"),
        Row(#"{"rid":1,"rid":2,"error":"x","error":null}"#, .response, cid: "2"),
        Row(#"{"rid":1,"error":null,"error":"x"}"#, .response, cid: "1", error: #""x""#),
        // Escapes in names and in event names.
        Row(#"{"\u0065vent":"e"}"#, .transmit, event: "e"),
        Row(#"{"even\u0074":"e","\u0063id":1,"d\u0061ta":2}"#, .invoke, event: "e", cid: "1", data: "2"),
        Row(#"{"\u0072id":1,"err\u006Fr":"x"}"#, .response, cid: "1", error: #""x""#),
        Row(#"{"event":"a","\u0065vent":"b"}"#, .transmit, event: "b"),
        Row(#"{"\u0065vents":"e"}"#, .raw),
        Row(#"{"event":"\u0023publish","cid":1}"#, .invoke, event: "#publish", cid: "1"),
        Row(#"{"event":"a\n\"b\""}"#, .transmit, event: "a\n\"b\""),
        // Blanks (§17).
        Row(
            " \t\r\n{ \"event\" : \"e\" , \"data\" : [ 1 ] , \"cid\" : 2 } \n",
            .invoke,
            event: "e",
            cid: "2",
            data: "[ 1 ]"
        ),
    ]

    @Test(arguments: rows)
    func classifies(_ row: Row) {
        let (outcome, seen) = scan(Array(row.text.utf8))
        #expect(outcome == .packet)
        #expect(seen == [row.seen])
        let (checkedOutcome, checkedSeen) = scan(Array(row.text.utf8), utf8Validated: false)
        #expect(checkedOutcome == .packet)
        #expect(checkedSeen == [row.seen])
    }

    @Test func flagsEscapesInEventNames() {
        var packets: [Packet] = []
        let text = #"[{"event":"a\u0062"},{"event":"ab"}]"#
        #expect(unsafe PacketScanner().scan(text.utf8.span.bytes, utf8Validated: true, into: &packets) == .batch)
        #expect(packets.map(\.event.hasEscapes) == [true, false])
    }

    // MARK: Contract §17, §18

    @Test(arguments: [
        "", " ", "hello", "123", "null", "true", #""x""#, "#1", "#2", "\u{FEFF}{}", "{", "[", "{]", "[}", "{}x",
        "{} {}",
        "[]]", "[],[]", #"{"event":"e"}}"#, #"{"event":"e",}"#, #"{"event":"e" "cid":1}"#, #"{event:"e"}"#,
        "{'event':'e'}",
        #"{"event":"e","cid":01}"#, #"{"event":"e","cid":1.}"#, #"{"event":"e","data":nul}"#, #"{"event":"\x"}"#,
        #"{"event":"e","data":[1,]}"#, #"{"event":"e","data":"unterminated}"#, "{\"event\":\"a\nb\"}", #"{"a":1"#,
        #"{"a":"#, #"{"a""#, #"{"event":"e"}{"#, "\u{0C}{}", "\u{A0}{}", "[1,]", "[,1]", "[1 2]", #"[{"event":"e"}"#,
        #"[{"event":"e"},{"event":}]"#, #"[{"event":"e"},x]"#, "[1", "[1,",
    ])
    func takesAnythingElseForRaw(_ text: String) {
        let (outcome, seen) = scan(Array(text.utf8))
        #expect(outcome == .raw)
        #expect(seen.isEmpty)
    }

    @Test func checksUTF8WhenAsked() {
        let malformed = Array(#"{"event":"e","data":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        #expect(scan(malformed, utf8Validated: false).0 == .raw)
        #expect(scan(malformed, utf8Validated: true).0 == .packet)
        #expect(scan(Array(#"{"event":"日本","cid":1}"#.utf8), utf8Validated: false).1.first?.event == "日本")
    }

    @Test func leavesEarlierPacketsAlone() {
        let scanner = PacketScanner()
        var packets: [Packet] = []
        #expect(unsafe scanner.scan("{\"rid\":1}".utf8.span.bytes, utf8Validated: true, into: &packets) == .packet)
        let first = packets
        for text in [#"[{"event":"a"},{"event":"b"},"#, #"[{"event":"a"}] x"#, "x"] {
            #expect(unsafe scanner.scan(text.utf8.span.bytes, utf8Validated: true, into: &packets) == .raw)
            #expect(packets == first)
        }
        #expect(unsafe scanner.scan("[1,{}]".utf8.span.bytes, utf8Validated: true, into: &packets) == .batch)
        #expect(packets.count == 3)
    }

    // MARK: Contract §16

    @Test func takesBatchesApart() {
        let text =
            ##" [ {"event":"#handshake","data":{"authToken":null},"cid":1} ,{"event":"e"},{"rid":2},{"rid":"x"}] "##
        let (outcome, seen) = scan(Array(text.utf8))
        #expect(outcome == .batch)
        #expect(
            seen == [
                Seen(kind: .invoke, event: "#handshake", cid: "1", data: #"{"authToken":null}"#),
                Seen(kind: .transmit, event: "e"), Seen(kind: .response, cid: "2"), Seen(kind: .raw),
            ]
        )
    }

    @Test func takesOtherElementsForRaw() {
        let (outcome, seen) = scan(Array(#"[1,"a",null,[],[{"event":"e"}],{},true]"#.utf8))
        #expect(outcome == .batch)
        #expect(seen == [Seen](repeating: Seen(kind: .raw), count: 7))
    }

    @Test func takesTheEmptyBatchForABatch() {
        for text in ["[]", " [ ] "] {
            let (outcome, seen) = scan(Array(text.utf8))
            #expect(outcome == .batch)
            #expect(seen.isEmpty)
        }
    }

    @Test func limitsBatches() {
        let batch = { (count: Int) in
            Array(("[" + [String](repeating: "{}", count: count).joined(separator: ",") + "]").utf8)
        }
        #expect(scan(batch(10_000)).1.count == 10_000)
        #expect(scan(batch(10_001)).0 == .raw)
        let small = PacketScanner(maximumBatchCount: 2)
        #expect(scan(batch(2), with: small).0 == .batch)
        #expect(scan(batch(3), with: small).0 == .raw)
        let none = PacketScanner(maximumBatchCount: 0)
        #expect(scan(batch(0), with: none).0 == .batch)
        #expect(scan(batch(1), with: none).0 == .raw)
    }

    // MARK: Limits and options

    @Test func limitsDepth() {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        let packet = { (depth: Int) in Array(#"{"event":"e","data":\#(nested(depth))}"#.utf8) }
        #expect(scan(packet(127)).0 == .packet)
        #expect(scan(packet(128)).0 == .raw)
        #expect(scan(Array("[".utf8) + packet(126) + Array("]".utf8)).0 == .batch)
        #expect(scan(Array("[".utf8) + packet(127) + Array("]".utf8)).0 == .raw)
        #expect(scan(Array("[\(nested(127))]".utf8)).0 == .batch)
        #expect(scan(Array("[\(nested(128))]".utf8)).0 == .raw)
        #expect(scan(Array("{}".utf8), with: PacketScanner(maximumDepth: 1)).0 == .packet)
        #expect(scan(Array("[{}]".utf8), with: PacketScanner(maximumDepth: 1)).0 == .raw)
        #expect(scan(Array("{}".utf8), with: PacketScanner(maximumDepth: 0)).0 == .raw)
        #expect(scan([UInt8](repeating: 0x5B, count: 100_000)).0 == .raw)
    }

    @Test func acceptsOtherIdentifiersWhenAsked() {
        let scanner = PacketScanner(identifiers: .nonNull)
        let rows: [Row] = [
            Row(#"{"event":"e","cid":"a1"}"#, .invoke, event: "e", cid: #""a1""#),
            Row(#"{"event":"e","cid":1}"#, .invoke, event: "e", cid: "1"),
            Row(#"{"event":"e","cid":null}"#, .transmit, event: "e"),
            Row(#"{"rid":"a1","data":1}"#, .response, cid: #""a1""#, data: "1"),
            Row(#"{"rid":null}"#, .raw),
        ]
        for row in rows { #expect(scan(Array(row.text.utf8), with: scanner).1 == [row.seen]) }
    }

    // MARK: Any bytes

    @Test func refusesEveryTruncation() {
        let packet = #"{"event":"a\u0062","data":{"x":[1,-2.5e3,null,"é"]},"cid":12,"rid":1,"error":{"m":"n"}}"#
        for text in [packet, "[\(packet),\(packet)]"] {
            let bytes = Array(text.utf8)
            #expect(scan(bytes).0 != .raw)
            for count in 0..<bytes.count { #expect(scan(Array(bytes[..<count])).0 == .raw) }
        }
    }

    /// The tree parser and the rules of §2 applied to its values are the judge.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func agreesWithTheDecodedMessage(_ seed: UInt64) {
        var random = RandomPackets(seed: seed)
        var shapes: Set<Packet.Kind> = []
        for round in 0..<3000 {
            let bytes = round % 2 == 0 ? random.message() : random.damagedMessage()
            let (outcome, seen) = scan(bytes, utf8Validated: false)
            let (expectedOutcome, expected) = RandomPackets.judge(bytes)
            #expect(outcome == expectedOutcome)
            #expect(seen.count == expected.count)
            for (left, right) in zip(seen, expected) {
                shapes.insert(left.kind)
                #expect(left.kind == right.kind)
                #expect(left.event == right.event)
                #expect((try? JSONValue(parsing: left.cid)) == right.cid)
                #expect(left.data.flatMap { try? JSONValue(parsing: $0) } == right.data)
                #expect(left.error.flatMap { try? JSONValue(parsing: $0) } == right.error)
            }
        }
        #expect(shapes.count == 4)
    }

    @Test func readsAnyBytesWithoutTrapping() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<48, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let first: [UInt8] = [0x7B, 0x5B, 0x20]
            let (outcome, seen) = scan([first[count % 3]] + bytes, utf8Validated: true)
            #expect(outcome != .raw || seen.isEmpty)
        }
    }
}
