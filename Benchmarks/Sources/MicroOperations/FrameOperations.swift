import WebSocket

/// Frames: parsing, unmasking, writing.
enum FrameOperations {
    /// Unmasking twice gives the masked bytes again; with this mask both are ASCII, so that every round is the same work.
    private static let mask: UInt32 = 0x0101_0101

    static let all: [MicroOperation] = [
        parse("frame parse 64 B", size: 64), parse("frame parse 16 KiB", size: 16_384), unmask, header, whole,
    ]

    private static func parse(_ name: String, size: Int) -> MicroOperation {
        let frame = FrameWriter.frame(.text, mask: mask, payload: [UInt8](repeating: 0x78, count: size))
        let state = Confined(frame)
        return MicroOperation(name) { count in
            var parser = WebSocketParser(role: .server)
            unsafe state.value.withUnsafeMutableBytes { bytes in
                for _ in 0..<count {
                    var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
                    var position = 0
                    keep(try? parser.next(&span, at: &position))
                }
            }
        }
    }

    private static let unmask: MicroOperation = {
        let state = Confined([UInt8](repeating: 0x78, count: 16_384))
        return MicroOperation("unmask 16 KiB") { count in
            unsafe state.value.withUnsafeMutableBytes { bytes in
                for _ in 0..<count { unsafe Masking.apply(mask: mask, to: bytes) }
            }
        }
    }()

    private static let header: MicroOperation = {
        let state = Confined([UInt8](repeating: 0, count: 16))
        return MicroOperation("frame header write") { count in
            unsafe state.value.withUnsafeMutableBytes { bytes in
                for _ in 0..<count {
                    keep(unsafe FrameWriter.writeHeader(opcode: .text, payloadLength: 300, into: bytes))
                }
            }
        }
    }()

    private static let whole: MicroOperation = {
        let payload = [UInt8](repeating: 0x78, count: 64)
        return MicroOperation("frame write 64 B, new array") { count in
            for _ in 0..<count { keep(FrameWriter.frame(.text, payload: payload)) }
        }
    }()
}
