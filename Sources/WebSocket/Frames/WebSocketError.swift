/// A violation of RFC 6455, or of a local limit, by the bytes a peer sent.
///
/// Each case stands for exactly one close code. The parser that threw it accepts no more input.
public enum WebSocketError: Error, Sendable, Equatable {
    /// RSV2 or RSV3 is set; no extension uses them (§5.2).
    case reservedBitsSet
    /// RSV1 is set without a negotiated extension, on a control frame or on a continuation (§5.2, RFC 7692 §6).
    case unexpectedRSV1
    /// The opcode is one of the reserved values 3–7 or 11–15 (§5.2).
    case unknownOpcode(UInt8)
    /// A continuation frame outside a message (§5.4).
    case unexpectedContinuation
    /// A text or binary frame inside a fragmented message (§5.4).
    case expectedContinuation
    /// A control frame without FIN (§5.5).
    case fragmentedControlFrame
    /// A control frame that announces more than 125 bytes (§5.5).
    case controlFrameTooLong
    /// A frame from a client without a mask (§5.1).
    case unmaskedFrame
    /// A frame from a server with a mask (§5.1).
    case maskedFrame
    /// The length is not in its shortest form (§5.2).
    case lengthNotMinimal
    /// The most significant bit of a 64-bit length is set (§5.2).
    case lengthOutOfRange
    /// A close frame with a payload of one byte (§5.5.1).
    case closePayloadTooShort
    /// A close code that must not appear on the wire (§7.4).
    case invalidCloseCode(UInt16)
    /// Text, or a close reason, that is not UTF-8 (§5.6, §5.5.1, §8.1).
    case invalidUTF8
    /// The announced or inflated message size exceeds the limit (§10.4).
    case messageTooBig
    /// The message has more fragments than the limit, empty ones included.
    case tooManyFragments
    /// A compressed message that does not inflate (RFC 7692 §7.2.2).
    case invalidCompressedData

    /// The close code that answers this error: 1002, 1007, 1009, or 1008 for ``tooManyFragments`` as the `ws` package does.
    public var closeCode: UInt16 {
        switch self {
        case .invalidUTF8, .invalidCompressedData: 1007
        case .messageTooBig: 1009
        case .tooManyFragments: 1008
        default: 1002
        }
    }

    /// A text for logs; it never contains payload bytes.
    public var reason: String {
        switch self {
        case .reservedBitsSet: "Invalid WebSocket frame: RSV2 and RSV3 must be clear"
        case .unexpectedRSV1: "Invalid WebSocket frame: RSV1 must be clear"
        case .unknownOpcode(let opcode): "Invalid WebSocket frame: invalid opcode \(opcode)"
        case .unexpectedContinuation: "Invalid WebSocket frame: continuation outside a message"
        case .expectedContinuation: "Invalid WebSocket frame: new message inside a fragmented message"
        case .fragmentedControlFrame: "Invalid WebSocket frame: FIN must be set"
        case .controlFrameTooLong: "Invalid WebSocket frame: control frame longer than 125 bytes"
        case .unmaskedFrame: "Invalid WebSocket frame: MASK must be set"
        case .maskedFrame: "Invalid WebSocket frame: MASK must be clear"
        case .lengthNotMinimal: "Invalid WebSocket frame: payload length is not in its shortest form"
        case .lengthOutOfRange: "Invalid WebSocket frame: payload length out of range"
        case .closePayloadTooShort: "Invalid WebSocket frame: close payload of one byte"
        case .invalidCloseCode(let code): "Invalid WebSocket frame: invalid status code \(code)"
        case .invalidUTF8: "Invalid WebSocket frame: invalid UTF-8 sequence"
        case .messageTooBig: "Max payload size exceeded"
        case .tooManyFragments: "Too many message fragments"
        case .invalidCompressedData: "Invalid compressed message"
        }
    }
}
