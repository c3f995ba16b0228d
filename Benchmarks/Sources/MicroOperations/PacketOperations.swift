import SocketProtocol
import StrictJSON

/// Packets: scanning and writing, and JSON values.
enum PacketOperations {
    static let all: [MicroOperation] = [
        scan("packet scan, echo 64 B", echo(64)), scan("packet scan, echo 16 KiB", echo(16_384)),
        scan("packet scan, batch of 10", batch(10)), response, encode, decode,
    ]

    private static func echo(_ size: Int) -> [UInt8] {
        Array(#"{"event":"echo","data":"\#(String(repeating: "x", count: size))","cid":1000}"#.utf8)
    }

    private static func batch(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x5B]
        for index in 0..<count { bytes += (index > 0 ? [0x2C] : []) + echo(16) }
        return bytes + [0x5D]
    }

    private static func scan(_ name: String, _ message: [UInt8]) -> MicroOperation {
        let scanner = PacketScanner()
        var room: [Packet] = []
        room.reserveCapacity(64)
        let packets = Confined(room)
        return MicroOperation(name) { count in
            for _ in 0..<count {
                packets.value.removeAll(keepingCapacity: true)
                keep(unsafe scanner.scan(message.span.bytes, utf8Validated: true, into: &packets.value))
            }
        }
    }

    private static let response: MicroOperation = {
        let rid = Array("1000".utf8)
        let data = Array(#""\#(String(repeating: "x", count: 64))""#.utf8)
        let room = Confined([UInt8](repeating: 0, count: 256))
        return MicroOperation("packet write, response 64 B") { count in
            unsafe room.value.withUnsafeMutableBytes { output in
                for _ in 0..<count {
                    keep(unsafe PacketWriter.writeResponse(rid: rid.span.bytes, data: data.span.bytes, into: output))
                }
            }
        }
    }()

    private static let value: JSONValue = [
        "username": "alice", "channels": ["room/7", "room/8"], "age": 42, "score": 3.25, "active": true,
        "note": "größer \"als\"\n",
    ]

    private static let encode: MicroOperation = {
        let value = PacketOperations.value
        var room: [UInt8] = []
        room.reserveCapacity(1024)
        let output = Confined(room)
        return MicroOperation("JSON encode, 6 members") { count in
            for _ in 0..<count {
                output.value.removeAll(keepingCapacity: true)
                value.write(into: &output.value)
            }
        }
    }()

    private static let decode: MicroOperation = {
        let text = value.serialized()
        return MicroOperation("JSON decode, 6 members") { count in
            for _ in 0..<count { keep(try? JSONValue(parsing: text)) }
        }
    }()
}
