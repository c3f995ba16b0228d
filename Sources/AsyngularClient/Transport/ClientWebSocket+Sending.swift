import AsyngularSupport
import EventLoop
public import WebSocket

extension ClientWebSocket {
    /// Sends a text message. No effect unless the WebSocket is open.
    public final func send(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            unsafe send(.text, RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes)))
        }
    }

    /// Sends bytes as one message or control frame. No effect unless the WebSocket is open.
    /// - Parameters:
    ///   - opcode: The kind of frame: text, which must be UTF-8, binary, ping or pong.
    ///   - bytes: The payload, at most 125 bytes of a control frame.
    public final func send(_ opcode: Opcode, _ bytes: RawSpan) {
        if !opcode.isControl, let filter {
            var encoded: [UInt8] = []
            if filter.encode(bytes, into: &encoded) {
                let payload = encoded.rawBytes
                return unsafe payload.withUnsafeBytes { payload in
                    unsafe send(opcode, isCompressed: true, length: payload.count) {
                        unsafe $0.copyMemory(from: payload)
                    }
                }
            }
        }
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe send(opcode, length: bytes.count) { unsafe $0.copyMemory(from: bytes) }
        }
    }

    /// Sends a frame whose payload a closure writes in full, straight into the connection's output, where it is masked. Past any
    /// extension. No effect unless the WebSocket is open.
    /// - Parameters:
    ///   - opcode: The kind of frame.
    ///   - isCompressed: Whether the payload is what an extension made of the message (RSV1).
    ///   - length: Bytes of the payload.
    ///   - write: Fills the buffer of that many bytes. Must not use the WebSocket.
    @inline(__always)
    public final func send(
        _ opcode: Opcode,
        isCompressed: Bool = false,
        length: Int,
        _ write: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        guard phase == .open, let connection else { return }
        let mask = shared.masks.next()
        let header = FrameWriter.headerLength(payloadLength: length, masked: true)
        unsafe connection.withReservedOutput(header + length) { output in
            _ = unsafe FrameWriter.writeHeader(
                opcode: opcode,
                fin: true,
                rsv1: isCompressed,
                payloadLength: length,
                mask: mask,
                into: output
            )
            let payload = unsafe UnsafeMutableRawBufferPointer(rebasing: output[header..<(header + length)])
            unsafe write(payload)
            unsafe Masking.apply(mask: mask, to: payload)
            return header + length
        }
    }
}
