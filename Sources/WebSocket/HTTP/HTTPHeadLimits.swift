/// What a peer may make a parser of request or response heads hold.
public struct HTTPHeadLimits: Sendable, Equatable {
    /// The largest head in bytes, from its first line to the blank line. Default: 16 KiB.
    public var maximumHeadBytes: Int
    /// The longest line in bytes, CRLF included. Default: 8 KiB.
    public var maximumLineBytes: Int
    /// The most header fields. Default: 128; at most 65,535.
    public var maximumHeaders: Int

    /// Creates limits; the defaults are those of the properties.
    public init(maximumHeadBytes: Int = 16 * 1024, maximumLineBytes: Int = 8 * 1024, maximumHeaders: Int = 128) {
        self.maximumHeadBytes = maximumHeadBytes
        self.maximumLineBytes = maximumLineBytes
        self.maximumHeaders = maximumHeaders
    }

    /// Without what makes no sense. Offsets are kept in 32 bits, numbers of lines in 16.
    var clamped: HTTPHeadLimits {
        var limits = self
        limits.maximumHeadBytes = min(max(0, maximumHeadBytes), Int(Int32.max))
        limits.maximumLineBytes = min(max(0, maximumLineBytes), Int(Int32.max))
        limits.maximumHeaders = min(max(0, maximumHeaders), HTTPKnownFields.maximumLines)
        return limits
    }
}
