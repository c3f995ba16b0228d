import SocketProtocol
import StrictJSON

/// Random messages of packets and near misses, and a slow judge of them that decodes everything.
struct RandomPackets {
    struct Judgement {
        var kind: Packet.Kind
        var event = ""
        var cid: JSONValue?
        var data: JSONValue?
        var error: JSONValue?
    }

    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func pick(_ choices: [String]) -> String {
        choices[Int.random(in: 0..<choices.count, using: &generator)]
    }

    private mutating func object() -> String {
        let names = [
            "event", "event", "cid", "rid", "data", "error", #"\u0065vent"#, #"ci\u0064"#, "x", "eventx", "rie", "",
        ]
        let values = [
            "1", "-0.5e1", "null", "true", #""e""#, "\"#publish\"", #""a\nb""#, "[1,2]", "{}", #"{"cid":1}"#,
        ]
        let count = Int.random(in: 0..<5, using: &generator)
        let members = (0..<count).map { _ in "\"\(pick(names))\"\(pick(["", "", " "])):\(pick(values))" }
        return "{" + members.joined(separator: pick([",", ",", " , "])) + "}"
    }

    mutating func message() -> [UInt8] {
        guard Bool.random(using: &generator) else { return Array(object().utf8) }
        let count = Int.random(in: 0..<4, using: &generator)
        let elements = (0..<count).map { _ in
            Int.random(in: 0..<4, using: &generator) == 0 ? pick(["1", "[]", "null", #"[{"event":"e"}]"#]) : object()
        }
        return Array("[\(elements.joined(separator: ","))]".utf8)
    }

    mutating func damagedMessage() -> [UInt8] {
        var bytes = message()
        let alphabet = Array(#"{}[]"":,\u0129.e- nt"#.utf8) + [0xC3]
        let position = Int.random(in: 0..<bytes.count, using: &generator)
        let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[position] = byte
        case 1: bytes.insert(byte, at: position)
        default: bytes.remove(at: position)
        }
        return bytes
    }

    static func judge(_ bytes: [UInt8]) -> (PacketScanner.Outcome, [Judgement]) {
        switch try? JSONValue(parsing: bytes) {
        case .array(let elements): (.batch, elements.map(judge))
        case .object(let object): (.packet, [judge(.object(object))])
        default: (.raw, [])
        }
    }

    /// Contract §2, on decoded values.
    private static func judge(_ value: JSONValue) -> Judgement {
        let isNumber = { (value: JSONValue?) in value?.kind == .number }
        let data = value["data"]
        let error = value["error"] == .some(.null) ? JSONValue?.none : value["error"]
        if let event = value["event"]?.stringValue {
            let cid = isNumber(value["cid"]) ? value["cid"] : JSONValue?.none
            return Judgement(kind: cid == nil ? .transmit : .invoke, event: event, cid: cid, data: data, error: error)
        }
        guard isNumber(value["rid"]) else { return Judgement(kind: .raw) }
        return Judgement(kind: .response, cid: value["rid"], data: data, error: error)
    }
}
