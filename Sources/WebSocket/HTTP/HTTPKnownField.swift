/// The fields that this module itself reads of a request. Their places are noted while the head is parsed
/// (``HTTPKnownFields``), since every connection asks for most of them, some more than once.
enum HTTPKnownField: Int, CaseIterable, Sendable {
    case host, contentLength, transferEncoding, connection, upgrade, origin
    case webSocketKey, webSocketVersion, webSocketProtocol
    /// `Sec-WebSocket-Origin`, which version 8 has in place of `Origin`.
    case webSocketOrigin

    /// The name in small letters.
    var name: StaticString {
        switch self {
        case .host: "host"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .connection: "connection"
        case .upgrade: "upgrade"
        case .origin: "origin"
        case .webSocketKey: "sec-websocket-key"
        case .webSocketVersion: "sec-websocket-version"
        case .webSocketProtocol: "sec-websocket-protocol"
        case .webSocketOrigin: "sec-websocket-origin"
        }
    }

    /// Finds the field with a name, in any case of letters.
    ///
    /// - Parameter name: checked to be a token (RFC 9110 §5.6.2), which the comparison relies on.
    @unsafe
    init?(_ name: UnsafeRawBufferPointer) {
        let candidate: HTTPKnownField
        // One to a length, with one exception.
        switch name.count {
        case 4: candidate = .host
        case 6: candidate = .origin
        case 7: candidate = .upgrade
        case 10: candidate = .connection
        case 14: candidate = .contentLength
        case 17: unsafe candidate = name[0] | 0x20 == UInt8(ascii: "s") ? .webSocketKey : .transferEncoding
        case 20: candidate = .webSocketOrigin
        case 21: candidate = .webSocketVersion
        case 22: candidate = .webSocketProtocol
        default: return nil
        }
        guard unsafe Self.isSame(name, candidate.name) else { return nil }
        self = candidate
    }

    /// Whether two names of at least four bytes and the same length are the same but for the case of letters.
    ///
    /// Setting bit 5 makes capitals small; of the other characters of a token it makes none a letter or a hyphen, which are
    /// all that `known` has.
    @unsafe
    private static func isSame(_ name: UnsafeRawBufferPointer, _ known: StaticString) -> Bool {
        guard let one = name.baseAddress else { return false }
        precondition(known.utf8CodeUnitCount == name.count && name.count >= 4, "lengths differ")
        let other = unsafe UnsafeRawPointer(known.utf8Start)
        let count = name.count
        guard count >= 8 else {
            // The two words overlap.
            return unsafe (word(one, 0) as UInt32) == word(other, 0)
                && (word(one, count - 4) as UInt32) == word(other, count - 4)
        }
        var index = 0
        while index < count - 8 {
            guard unsafe (word(one, index) as UInt64) == word(other, index) else { return false }
            index += 8
        }
        return unsafe (word(one, count - 8) as UInt64) == word(other, count - 8)
    }

    @unsafe
    @inline(__always)
    private static func word<Word: FixedWidthInteger>(_ bytes: UnsafeRawPointer, _ offset: Int) -> Word {
        unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Word.self) | Word.max / 0xFF * 0x20
    }
}
