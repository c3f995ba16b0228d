import SocketProtocol
import StrictJSON

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The token in a packet's data.
enum PresentedToken {
    case none
    case token([UInt8])
    /// Neither a string nor null: the value's JSON.
    case notText(String)

    /// `{"authToken":token}`; anything else than an object, and an empty or null token, is no token (contract §4).
    init(handshakeData range: Range<Int>?, of bytes: RawSpan) {
        self = .none
        guard let range else { return }
        let data = bytes.extracting(range)
        var cursor = JSONMemberCursor()
        while let member = try? cursor.next(in: data) {
            if member.name.equals("authToken", in: data) { self = PresentedToken(member, in: data) }
        }
    }

    /// The token itself as `data` (contract §5, `#authenticate`).
    init(authenticateData range: Range<Int>?, of bytes: RawSpan) {
        self = .none
        guard let range else { return }
        let data = bytes.extracting(range)
        switch JSONScanner.kind(of: data) {
        case .string?: self = .token(PresentedToken.text(data))
        case .null?, nil: self = .none
        default: self = .notText(Bytes.string(data))
        }
    }

    private init(_ member: JSONMember, in data: RawSpan) {
        switch member.kind {
        case .null: self = .none
        case .string:
            let token = PresentedToken.text(data.extracting(member.value))
            self = token.isEmpty ? .none : .token(token)
        default: self = .notText(Bytes.string(data.extracting(member.value)))
        }
    }

    /// The bytes of a JSON string given with its quotes.
    private static func text(_ quoted: RawSpan) -> [UInt8] {
        let content = quoted.extracting(1..<(quoted.byteCount - 1))
        // A token has no character that JSON escapes, but a peer may escape what it likes.
        let hasEscapes = unsafe content.withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.map { unsafe memchr($0, 0x5C, bytes.count) != nil } ?? false
        }
        return hasEscapes ? Array(JSONScanner.unescape(content).utf8) : Bytes.array(content)
    }
}
