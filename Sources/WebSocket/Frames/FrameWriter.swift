/// Writes frames (RFC 6455 §5.2) and close payloads, and knows the close codes of §7.4.
public enum FrameWriter {
    /// The longest frame header: two bytes, a 64-bit length and a mask.
    public static let maximumHeaderLength = 14

    /// The longest payload of a control frame in bytes (§5.5).
    public static let maximumControlPayload = 125

    /// The length of a frame header in bytes.
    ///
    /// - Parameters:
    ///   - payloadLength: the payload's length in bytes.
    ///   - masked: whether the header carries a mask, as a client's must.
    @inlinable
    @inline(__always)
    public static func headerLength(payloadLength: Int, masked: Bool) -> Int {
        (payloadLength < 126 ? 2 : payloadLength <= 0xFFFF ? 4 : 10) &+ (masked ? 4 : 0)
    }

    /// Writes a frame header, with the length in its shortest form.
    ///
    /// - Parameters:
    ///   - opcode: the frame's type.
    ///   - fin: whether this is the message's last frame.
    ///   - rsv1: whether the message is compressed (RFC 7692); `false` without that extension.
    ///   - payloadLength: the payload's length in bytes, not negative.
    ///   - mask: for a client's frame the mask, its first byte on the wire lowest; nil for a server's.
    ///   - buffer: at least ``headerLength(payloadLength:masked:)`` bytes.
    /// - Returns: the header's length in bytes.
    @inlinable
    public static func writeHeader(
        opcode: Opcode,
        fin: Bool = true,
        rsv1: Bool = false,
        payloadLength: Int,
        mask: UInt32? = nil,
        into buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        let length = headerLength(payloadLength: payloadLength, masked: mask != nil)
        precondition(payloadLength >= 0 && buffer.count >= length, "no room for the frame header")
        let maskBit: UInt16 = mask == nil ? 0 : 0x80
        let first = UInt16(opcode.rawValue | (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0)) &<< 8
        if payloadLength < 126 {
            let start = first | maskBit | UInt16(truncatingIfNeeded: payloadLength)
            unsafe buffer.storeBytes(of: start.bigEndian, as: UInt16.self)
        } else if payloadLength <= 0xFFFF {
            let start = UInt32(first | maskBit | 126) &<< 16 | UInt32(truncatingIfNeeded: payloadLength)
            unsafe buffer.storeBytes(of: start.bigEndian, as: UInt32.self)
        } else {
            unsafe buffer.storeBytes(of: (first | maskBit | 127).bigEndian, as: UInt16.self)
            unsafe buffer.storeBytes(of: UInt64(payloadLength).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
        if let mask {
            unsafe buffer.storeBytes(of: mask.littleEndian, toByteOffset: length &- 4, as: UInt32.self)
        }
        return length
    }

    /// A whole frame as one array; for control frames, tests and other places where an allocation does not matter.
    ///
    /// - Parameters are those of ``writeHeader(opcode:fin:rsv1:payloadLength:mask:into:)``; `payload` is masked in the
    ///   result if `mask` is given.
    public static func frame(
        _ opcode: Opcode,
        fin: Bool = true,
        rsv1: Bool = false,
        mask: UInt32? = nil,
        payload: [UInt8] = []
    ) -> [UInt8] {
        let header = headerLength(payloadLength: payload.count, masked: mask != nil)
        let count = header + payload.count
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            unsafe _ = writeHeader(
                opcode: opcode,
                fin: fin,
                rsv1: rsv1,
                payloadLength: payload.count,
                mask: mask,
                into: bytes
            )
            let body = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[header..<count])
            unsafe body.copyBytes(from: payload)
            if let mask { unsafe Masking.apply(mask: mask, to: body) }
            initialized = count
        }
    }

    /// The payload of a close frame (§5.5.1): the code, then as much of the reason as fits whole characters in 123 bytes.
    ///
    /// - Parameters:
    ///   - code: must satisfy ``isSendableCloseCode(_:)``, otherwise the payload is empty; nil gives an empty payload,
    ///     which the peer reports as 1005.
    ///   - reason: empty by default (contract §13: standard texts are not sent).
    public static func closePayload(code: UInt16?, reason: String = "") -> [UInt8] {
        guard let code, isSendableCloseCode(code) else { return [] }
        var payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        for character in reason.unicodeScalars {
            let encoded = UTF8.encode(character)
            guard let encoded, payload.count + encoded.count <= maximumControlPayload else { break }
            payload.append(contentsOf: encoded)
        }
        return payload
    }

    /// Whether an endpoint may put `code` in a close frame: 1000–1003, 1007–1014 and 3000–4999.
    ///
    /// 1004 is reserved; 1005, 1006 and 1015 are local only (§7.4.1); 1012–1014 are IANA-registered.
    public static func isSendableCloseCode(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// Whether `code` is acceptable in a received close frame; the same set as ``isSendableCloseCode(_:)``.
    public static func isReceivableCloseCode(_ code: UInt16) -> Bool {
        isSendableCloseCode(code)
    }

    /// A fresh mask for a client's frame, from the system's random source (§5.3, §10.3).
    public static func randomMask() -> UInt32 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
