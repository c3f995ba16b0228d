#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The three parts of a compact JWS (RFC 7515 §7.1), found without splitting or copying the token.
package struct TokenParts {
    package let header: Range<Int>
    package let payload: Range<Int>
    package let signature: Range<Int>

    /// Finds the parts; `nil` unless there are exactly two dots.
    @unsafe
    package init?(_ token: UnsafeRawBufferPointer) {
        guard let first = unsafe Self.dot(in: token, from: 0), let second = unsafe Self.dot(in: token, from: first + 1),
            unsafe Self.dot(in: token, from: second + 1) == nil
        else { return nil }
        header = 0..<first
        payload = first + 1..<second
        signature = second + 1..<token.count
    }

    /// What the signature covers: header, dot and payload (RFC 7515 §5.2).
    var signingInput: Range<Int> { 0..<payload.upperBound }

    private static func dot(in token: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < token.count, let base = token.baseAddress else { return nil }
        guard let found = unsafe memchr(base + start, 0x2E, token.count - start) else { return nil }
        return unsafe UnsafeRawPointer(found) - base
    }
}
