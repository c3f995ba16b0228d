extension WebSocketParser {
    /// A checked frame header.
    struct FrameHeader {
        var first: UInt8
        var headerLength: Int
        var payloadLength: Int
        var mask: UInt32
    }

    /// Consumes a frame header, keeping an unfinished one for the next call.
    ///
    /// - Returns: the announced payload length, or nil if the header is not complete.
    @inline(__always)
    mutating func readHeader(
        _ base: UnsafeMutableRawPointer,
        _ count: Int,
        _ index: inout Int
    ) throws(WebSocketError) -> Int? {
        if headerCount == 0,
            let parsed = try unsafe parseHeader(UnsafeRawPointer(base + index), available: count &- index)
        {
            first = parsed.first
            mask = parsed.mask
            index &+= parsed.headerLength
            return parsed.payloadLength
        }
        return try unsafe readSplitHeader(base, count, &index)
    }

    /// Consumes a header byte by byte through the 14-byte spill.
    @inline(never)
    private mutating func readSplitHeader(
        _ base: UnsafeMutableRawPointer,
        _ count: Int,
        _ index: inout Int
    ) throws(WebSocketError) -> Int? {
        while index < count {
            header[Int(headerCount)] = unsafe base.load(fromByteOffset: index, as: UInt8.self)
            headerCount &+= 1
            index &+= 1
            let spill = header
            let available = Int(headerCount)
            let parsed = try unsafe withUnsafeBytes(of: spill) { (raw) throws(WebSocketError) -> FrameHeader? in
                guard let base = raw.baseAddress else { return nil }
                return try unsafe parseHeader(base, available: available)
            }
            if let parsed {
                headerCount = 0
                first = parsed.first
                mask = parsed.mask
                return parsed.payloadLength
            }
        }
        return nil
    }

    /// Checks the header bytes there are, in wire order, so that a violation shows at the same byte however the
    /// input is split.
    ///
    /// - Returns: nil if the header is not complete. No more than `available` bytes are read.
    @inline(__always)
    private mutating func parseHeader(
        _ base: UnsafeRawPointer,
        available: Int
    ) throws(WebSocketError) -> FrameHeader? {
        let first = unsafe base.load(as: UInt8.self)
        // Whole uncompressed text and binary messages, nearly every frame, need no further look at the first byte.
        if inMessage || (first != 0x81 && first != 0x82) { try checkFirst(first) }
        guard available >= 2 else { return nil }
        let second = unsafe base.load(fromByteOffset: 1, as: UInt8.self)
        if (second & 0x80 != 0) != isServer { throw isServer ? .unmaskedFrame : .maskedFrame }
        var payloadLength = Int(second & 0x7F)
        var headerLength = 2
        if first & 0x08 != 0 {
            if payloadLength > 125 { throw .controlFrameTooLong }
            if payloadLength == 1 && first & 0x0F == Opcode.close.rawValue { throw .closePayloadTooShort }
        } else {
            if payloadLength == 126 {
                guard available >= 4 else { return nil }
                payloadLength = Int(
                    UInt16(bigEndian: unsafe base.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
                )
                if payloadLength < 126 { throw .lengthNotMinimal }
                headerLength = 4
            } else if payloadLength == 127 {
                guard available >= 10 else { return nil }
                let announced = UInt64(bigEndian: unsafe base.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
                if announced > UInt64(Int64.max) { throw .lengthOutOfRange }
                if announced <= 0xFFFF { throw .lengthNotMinimal }
                payloadLength = Int(clamping: announced)
                headerLength = 10
            }
            // `message` is empty unless this frame continues it, and never longer than the maximum.
            if payloadLength > maximumMessageSize &- message.count { throw .messageTooBig }
        }
        guard isServer else {
            return FrameHeader(first: first, headerLength: headerLength, payloadLength: payloadLength, mask: 0)
        }
        guard available >= headerLength &+ 4 else { return nil }
        let mask = UInt32(
            littleEndian: unsafe base.loadUnaligned(fromByteOffset: headerLength, as: UInt32.self)
        )
        return FrameHeader(
            first: first,
            headerLength: headerLength &+ 4,
            payloadLength: payloadLength,
            mask: mask
        )
    }

    /// Checks FIN, RSV and opcode against each other and the message in progress (§5.2, §5.4, §5.5).
    @inline(never)
    private mutating func checkFirst(_ first: UInt8) throws(WebSocketError) {
        if first & 0x30 != 0 { throw .reservedBitsSet }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .unknownOpcode(first & 0x0F) }
        if first & 0x40 != 0 && !(allowsRSV1 && (opcode == .text || opcode == .binary)) { throw .unexpectedRSV1 }
        switch opcode {
        case .continuation:
            if !inMessage { throw .unexpectedContinuation }
            if fragments >= maximumFragments { throw .tooManyFragments }
        case .text, .binary:
            if inMessage { throw .expectedContinuation }
        case .close, .ping, .pong:
            if first & 0x80 == 0 { throw .fragmentedControlFrame }
        }
    }
}
