extension WebSocketParser {
    /// The shortest way for what nearly every frame is: a masked, uncompressed message of at most 125 bytes in one
    /// frame, wholly there. Anything else, and text that is not UTF-8, is left untouched for the general way.
    @inline(__always)
    mutating func shortMessage(
        _ base: UnsafeMutableRawPointer,
        _ count: Int,
        _ position: inout Int
    ) -> Event? {
        let frame = unsafe base + position
        let available = count &- position
        guard available >= 6 else { return nil }
        let start = unsafe UInt16(littleEndian: frame.loadUnaligned(as: UInt16.self))
        let isText = start & 0xFF == 0x81
        let length = Int(start &>> 8) &- 0x80
        guard isText || start & 0xFF == 0x82, length >= 0, length < 126,
            length <= maximumMessageSize, available >= length &+ 6
        else { return nil }
        let mask = unsafe UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
        let payload = unsafe UnsafeMutableRawBufferPointer(start: frame + 6, count: length)
        let hasNonASCII = unsafe Masking.applyDetectingNonASCII(mask: mask, to: payload)
        if isText && hasNonASCII && !(unsafe UTF8Validator.isValid(UnsafeRawBufferPointer(payload))) {
            // Masking again restores the frame, and the general way finds the same violation.
            unsafe Masking.apply(mask: mask, to: payload)
            return nil
        }
        let range = unsafe Range(uncheckedBounds: (position &+ 6, position &+ 6 &+ length))
        position = range.upperBound
        return .message(isText ? .text : .binary, .inPlace(range), compressed: false)
    }

    /// Takes up the payload of the frame whose header was just read.
    ///
    /// - Returns: an event in place if the frame is a whole control frame or message and lies in the input.
    @inline(__always)
    mutating func beginPayload(
        _ length: Int,
        _ base: UnsafeMutableRawPointer,
        _ count: Int,
        _ index: inout Int
    ) throws(WebSocketError) -> Event? {
        let opcode = first & 0x0F
        let isWhole = first & 0x80 != 0 && opcode != Opcode.continuation.rawValue
        guard isWhole && count &- index >= length else {
            beginGathering(length)
            return nil
        }
        let range = unsafe Range(uncheckedBounds: (index, index &+ length))
        index = range.upperBound
        let payload = unsafe UnsafeMutableRawBufferPointer(start: base + range.lowerBound, count: length)
        let mayBeNonASCII = unsafe isServer ? Masking.applyDetectingNonASCII(mask: mask, to: payload) : true
        if opcode == Opcode.text.rawValue {
            let isCompressed = first & 0x40 != 0
            if mayBeNonASCII && !isCompressed {
                guard unsafe UTF8Validator.isValid(UnsafeRawBufferPointer(payload)) else { throw .invalidUTF8 }
            }
            return .message(.text, .inPlace(range), compressed: isCompressed)
        }
        if opcode == Opcode.binary.rawValue {
            return .message(.binary, .inPlace(range), compressed: first & 0x40 != 0)
        }
        return try unsafe controlEvent(UnsafeRawBufferPointer(payload), range)
    }

    /// The event of a control frame whose payload lies at `range` of the input.
    @inline(never)
    private mutating func controlEvent(
        _ payload: UnsafeRawBufferPointer,
        _ range: Range<Int>
    ) throws(WebSocketError) -> Event {
        if first & 0x0F == Opcode.ping.rawValue { return .ping(.inPlace(range)) }
        if first & 0x0F == Opcode.pong.rawValue { return .pong(.inPlace(range)) }
        let code = try unsafe Self.checkClose(payload)
        finish()
        let reason = min(range.lowerBound + 2, range.upperBound)..<range.upperBound
        return .close(code: code, reason: .inPlace(reason))
    }

    /// Begins a frame that is a fragment or not wholly there. Its payload, if any, is read by `continuePayload`.
    @inline(never)
    private mutating func beginGathering(_ length: Int) {
        switch first & 0x0F {
        case Opcode.continuation.rawValue:
            fragments &+= 1
        case Opcode.text.rawValue, Opcode.binary.rawValue:
            inMessage = true
            isText = first & 0x0F == Opcode.text.rawValue
            isCompressed = first & 0x40 != 0
            fragments = 1
            utf8 = UTF8Validator()
        default:
            control = []
        }
        remaining = length
        phase = .payload
    }

    /// Gathers what there is of the current frame's payload.
    ///
    /// - Returns: an event if that completes a message or control frame.
    @inline(never)
    mutating func continuePayload(
        _ base: UnsafeMutableRawPointer,
        _ count: Int,
        _ index: inout Int
    ) throws(WebSocketError) -> Event? {
        let taken = min(remaining, count &- index)
        let chunk = unsafe UnsafeMutableRawBufferPointer(start: base + index, count: taken)
        index &+= taken
        remaining &-= taken
        var mayBeNonASCII = true
        if isServer {
            mayBeNonASCII = unsafe Masking.applyDetectingNonASCII(mask: mask, to: chunk)
            mask = Masking.rotate(mask, by: taken)
        }
        if first & 0x08 != 0 {
            unsafe control.append(contentsOf: UnsafeRawBufferPointer(chunk))
            return remaining == 0 ? try finishControl() : nil
        }
        if isText && !isCompressed && (mayBeNonASCII || !utf8.isComplete) {
            guard unsafe utf8.consume(UnsafeRawBufferPointer(chunk)) else { throw .invalidUTF8 }
        }
        unsafe message.append(contentsOf: UnsafeRawBufferPointer(chunk))
        return remaining == 0 ? try finishFragment() : nil
    }

    /// Ends a data frame; the last one of a message makes an event.
    private mutating func finishFragment() throws(WebSocketError) -> Event? {
        phase = .header
        guard first & 0x80 != 0 else { return nil }
        if isText && !isCompressed && !utf8.isComplete { throw .invalidUTF8 }
        inMessage = false
        ready = .message
        return .message(isText ? .text : .binary, .assembled, compressed: isCompressed)
    }

    /// Ends a control frame that was gathered.
    private mutating func finishControl() throws(WebSocketError) -> Event {
        phase = .header
        ready = .control
        switch first & 0x0F {
        case Opcode.ping.rawValue: return .ping(.assembled)
        case Opcode.pong.rawValue: return .pong(.assembled)
        default:
            let code = try unsafe control.withUnsafeBufferPointer { (payload) throws(WebSocketError) -> UInt16? in
                try unsafe Self.checkClose(UnsafeRawBufferPointer(payload))
            }
            control.removeFirst(min(2, control.count))
            finish()
            return .close(code: code, reason: .assembled)
        }
    }

    /// Checks a close frame's payload (§5.5.1, §7.4).
    ///
    /// - Returns: the close code, nil if the payload is empty.
    private static func checkClose(_ payload: UnsafeRawBufferPointer) throws(WebSocketError) -> UInt16? {
        guard payload.count >= 2 else { return nil }
        let code = UInt16(bigEndian: unsafe payload.loadUnaligned(as: UInt16.self))
        guard FrameWriter.isReceivableCloseCode(code) else { throw .invalidCloseCode(code) }
        let reason = unsafe UnsafeRawBufferPointer(rebasing: payload[2...])
        guard unsafe UTF8Validator.isValid(reason) else { throw .invalidUTF8 }
        return code
    }
}
