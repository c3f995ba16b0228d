/// The seam for a per-message extension such as permessage-deflate (RFC 7692).
///
/// A connection that negotiated an extension keeps one filter, creates its ``WebSocketParser`` with `allowsRSV1: true`
/// and passes each message reported with `compressed: true` through ``decode(_:limit:into:)`` before use. The parser
/// does not check the UTF-8 of compressed text: that is done on the decoded bytes. The parser's size limit covers the
/// bytes on the wire; a filter enforces `limit` on the decoded bytes while it decodes. No filter exists yet: upgrades
/// decline every extension. Not thread-safe: confined to its connection's loop.
open class MessageFilter {
    /// Creates a filter that passes every message through unchanged.
    public init() {}

    /// Decodes one whole message.
    ///
    /// - Parameters:
    ///   - payload: the message as it arrived, unmasked.
    ///   - limit: the largest decoded size in bytes.
    ///   - output: receives the decoded bytes at its end.
    /// - Throws: `messageTooBig` as soon as the output would exceed `limit`, or `invalidCompressedData`.
    open func decode(_ payload: RawSpan, limit: Int, into output: inout [UInt8]) throws(WebSocketError) {
        guard payload.byteCount <= limit else { throw .messageTooBig }
        unsafe payload.withUnsafeBytes { bytes in unsafe output.append(contentsOf: bytes) }
    }

    /// Encodes one whole message, or declines.
    ///
    /// - Parameters:
    ///   - payload: the message to send.
    ///   - output: receives the encoded bytes at its end.
    /// - Returns: whether the message was encoded and RSV1 must be set; `false` leaves `output` as it was.
    open func encode(_ payload: RawSpan, into output: inout [UInt8]) -> Bool {
        false
    }
}
