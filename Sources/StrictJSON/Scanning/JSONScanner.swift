/// A strict RFC 8259 scanner over bytes in memory: it finds where values end and refuses whatever is not JSON.
///
/// - No recursion and no heap: nesting is a bit per level, up to `maximumDepth` (default 128, at most
///   ``JSONNesting/ceiling``); the top-level container is level 1.
/// - Bytes of 0x80 and above are accepted inside strings as they are; well-formed UTF-8 is checked apart
///   (``UTF8Check``), because WebSocket text has been checked before it gets here.
/// - An escaped surrogate without its partner (`"\ud800"`) is accepted, as RFC 8259 §8.2 and JavaScript's `JSON.parse`
///   do; it becomes U+FFFD when the string is decoded, since a Swift `String` cannot hold it.
/// - Numbers have no range: `1e999` is accepted here and becomes infinity when read as a `Double`.
///
/// Walk through containers with ``JSONMemberCursor`` and ``JSONElementCursor``.
public enum JSONScanner {
    /// The nesting limit used where none is given: 128 levels.
    @inlinable
    public static var defaultMaximumDepth: Int { 128 }

    /// Runs `body` with a scanner over `bytes`. The one place where a span becomes the engine's pointer.
    @inlinable
    @inline(always)
    public static func scanning<Result>(
        _ bytes: RawSpan,
        maximumDepth: Int = JSONScanner.defaultMaximumDepth,
        _ body: (borrowing UnsafeJSONScanner) throws(JSONError) -> Result
    ) throws(JSONError) -> Result {
        try unsafe bytes.withUnsafeBytes { (buffer) throws(JSONError) -> Result in
            guard let base = buffer.baseAddress else { throw .unexpectedEnd(0) }
            let pointer = unsafe base.assumingMemoryBound(to: UInt8.self)
            return try unsafe body(UnsafeJSONScanner(base: pointer, count: buffer.count, maximumDepth: maximumDepth))
        }
    }

    /// The index behind the value that starts at byte `start` of `bytes` (no blanks before it).
    ///
    /// - Throws: ``JSONError`` if there is no such value; offsets count from the start of `bytes`.
    @inlinable
    public static func skipValue(
        _ bytes: RawSpan,
        at start: Int,
        maximumDepth: Int = JSONScanner.defaultMaximumDepth
    ) throws(JSONError) -> Int {
        precondition(start >= 0, "negative index")
        return try unsafe scanning(bytes, maximumDepth: maximumDepth) { (scanner) throws(JSONError) -> Int in
            try unsafe scanner.skipValue(at: start)
        }
    }

    /// Checks that `bytes` hold exactly one JSON value between optional blanks; its range without the blanks.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - utf8Validated: True if the bytes are known to be well-formed UTF-8; otherwise that is checked first.
    ///   - maximumDepth: The nesting limit.
    /// - Throws: ``JSONError``.
    @inlinable
    public static func validate(
        _ bytes: RawSpan,
        utf8Validated: Bool = false,
        maximumDepth: Int = JSONScanner.defaultMaximumDepth
    ) throws(JSONError) -> Range<Int> {
        if !utf8Validated, let fault = UTF8Check.firstInvalidOffset(in: bytes) { throw .invalidUTF8(fault) }
        return try unsafe scanning(bytes, maximumDepth: maximumDepth) { (scanner) throws(JSONError) -> Range<Int> in
            try unsafe scanner.scanText()
        }
    }

    /// The kind of the first value in `bytes` by its first byte, after optional blanks; nil if no value starts like
    /// that.
    @inlinable
    public static func kind(of bytes: RawSpan) -> JSONKind? {
        let kind = try? unsafe scanning(bytes) { (scanner) throws(JSONError) -> JSONKind? in
            let start = unsafe scanner.skipBlanks(at: 0)
            return unsafe start < scanner.count ? JSONKind(firstByte: scanner.base[start]) : nil
        }
        return kind ?? nil
    }
}
