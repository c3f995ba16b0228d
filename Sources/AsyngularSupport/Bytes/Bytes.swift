#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Byte-string helpers that neither allocate nor copy.
@usableFromInline
package enum Bytes {
    @inlinable
    package static func equal(_ a: RawSpan, _ b: RawSpan) -> Bool {
        guard a.byteCount == b.byteCount else { return false }
        return unsafe a.withUnsafeBytes { a in
            unsafe b.withUnsafeBytes { b in
                guard let x = a.baseAddress, let y = b.baseAddress else { return true }
                return unsafe memcmp(x, y, a.count) == 0
            }
        }
    }

    /// A copy of the bytes.
    @inlinable
    package static func array(_ bytes: RawSpan) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    /// The bytes as text; ill-formed sequences become U+FFFD.
    @inlinable
    package static func string(_ bytes: RawSpan) -> String {
        unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// The array's bytes, without a copy.
    @inlinable
    package var rawBytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe span.bytes }
    }
}
