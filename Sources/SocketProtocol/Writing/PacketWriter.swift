import StrictJSON

/// Writes packets in the stock order of members (contract §2).
///
/// The frequent ones come as three functions: the exact length, the bytes into memory that the caller has reserved,
/// and a new array. Values are given as JSON text that the caller vouches for; event and channel names as strings,
/// which are escaped. A writer into memory traps if the room is too small, and answers the number of bytes written,
/// which is always the exact length.
public enum PacketWriter {
    /// The order of an invoke's members, which differs between the stock server and the stock client.
    @frozen
    public enum Order: Sendable, Hashable {
        /// `event`, `cid`, `data`
        case server
        /// `event`, `data`, `cid`
        case client
    }

    // MARK: Response

    /// The length of ``response(rid:data:)-(RawSpan,RawSpan?)``.
    public static func responseLength(rid: RawSpan, data: RawSpan? = nil) -> Int {
        var length = PacketLength()
        putResponse(rid, data, to: &length)
        return length.count
    }

    /// Writes `{"rid":1,"data":…}`; the number of bytes.
    ///
    /// - Parameters:
    ///   - rid: The text of the call's `cid`, as it came.
    ///   - data: The result's text; nil leaves `data` out.
    ///   - output: Room for at least ``responseLength(rid:data:)`` bytes.
    @unsafe
    @discardableResult
    public static func writeResponse(
        rid: RawSpan,
        data: RawSpan? = nil,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var sink = unsafe PacketOutput(output)
        putResponse(rid, data, to: &sink)
        return sink.count
    }

    /// `{"rid":1,"data":…}`
    public static func response(rid: RawSpan, data: RawSpan? = nil) -> [UInt8] {
        unsafe array(responseLength(rid: rid, data: data)) { unsafe writeResponse(rid: rid, data: data, into: $0) }
    }

    // MARK: Error response

    /// The length of ``errorResponse(rid:error:data:)-(RawSpan,RawSpan,RawSpan?)``.
    public static func errorResponseLength(rid: RawSpan, error: RawSpan, data: RawSpan? = nil) -> Int {
        var length = PacketLength()
        putErrorResponse(rid, error, data, to: &length)
        return length.count
    }

    /// Writes `{"rid":1,"error":…}`; the number of bytes.
    ///
    /// - Parameters:
    ///   - rid: The text of the call's `cid`, as it came.
    ///   - error: The text of the error; not `null`, which would mean success.
    ///   - data: Text that protocol version 1 puts beside an error (contract §19); usually nil.
    ///   - output: Room for at least ``errorResponseLength(rid:error:data:)`` bytes.
    @unsafe
    @discardableResult
    public static func writeErrorResponse(
        rid: RawSpan,
        error: RawSpan,
        data: RawSpan? = nil,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var sink = unsafe PacketOutput(output)
        putErrorResponse(rid, error, data, to: &sink)
        return sink.count
    }

    /// `{"rid":1,"error":…}`
    public static func errorResponse(rid: RawSpan, error: RawSpan, data: RawSpan? = nil) -> [UInt8] {
        unsafe array(errorResponseLength(rid: rid, error: error, data: data)) {
            unsafe writeErrorResponse(rid: rid, error: error, data: data, into: $0)
        }
    }

    // MARK: Transmit

    /// The length of ``transmit(event:data:)-(String,RawSpan?)``.
    public static func transmitLength(event: String, data: RawSpan? = nil) -> Int {
        var length = PacketLength()
        putTransmit(event, data, to: &length)
        return length.count
    }

    /// Writes `{"event":"…","data":…}`; the number of bytes.
    ///
    /// - Parameters:
    ///   - event: The event's name.
    ///   - data: The data's text; nil leaves `data` out.
    ///   - output: Room for at least ``transmitLength(event:data:)`` bytes.
    @unsafe
    @discardableResult
    public static func writeTransmit(
        event: String,
        data: RawSpan? = nil,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var sink = unsafe PacketOutput(output)
        putTransmit(event, data, to: &sink)
        return sink.count
    }

    /// `{"event":"…","data":…}`
    public static func transmit(event: String, data: RawSpan? = nil) -> [UInt8] {
        unsafe array(transmitLength(event: event, data: data)) {
            unsafe writeTransmit(event: event, data: data, into: $0)
        }
    }

    // MARK: Invoke

    /// The length of ``invoke(event:cid:data:order:)-(String,Int,RawSpan?,_)``.
    public static func invokeLength(event: String, cid: Int, data: RawSpan? = nil) -> Int {
        var length = PacketLength()
        putInvoke(event, cid, data, .server, to: &length)
        return length.count
    }

    /// Writes `{"event":"…","cid":1,"data":…}`; the number of bytes.
    ///
    /// - Parameters:
    ///   - event: The event's name.
    ///   - cid: The call's number.
    ///   - data: The data's text; nil leaves `data` out.
    ///   - order: Whose order of members.
    ///   - output: Room for at least ``invokeLength(event:cid:data:)`` bytes.
    @unsafe
    @discardableResult
    public static func writeInvoke(
        event: String,
        cid: Int,
        data: RawSpan? = nil,
        order: Order = .server,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var sink = unsafe PacketOutput(output)
        putInvoke(event, cid, data, order, to: &sink)
        return sink.count
    }

    /// `{"event":"…","cid":1,"data":…}`
    public static func invoke(event: String, cid: Int, data: RawSpan? = nil, order: Order = .server) -> [UInt8] {
        unsafe array(invokeLength(event: event, cid: cid, data: data)) {
            unsafe writeInvoke(event: event, cid: cid, data: data, order: order, into: $0)
        }
    }

    // MARK: Publish

    /// The length of ``publish(channel:data:)-(String,RawSpan?)``.
    public static func publishLength(channel: String, data: RawSpan? = nil) -> Int {
        var length = PacketLength()
        putPublish(channel, data, to: &length)
        return length.count
    }

    /// Writes `{"event":"#publish","data":{"channel":"…","data":…}}`; the number of bytes.
    ///
    /// - Parameters:
    ///   - channel: The channel's name.
    ///   - data: The message's text; nil leaves the inner `data` out.
    ///   - output: Room for at least ``publishLength(channel:data:)`` bytes.
    @unsafe
    @discardableResult
    public static func writePublish(
        channel: String,
        data: RawSpan? = nil,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var sink = unsafe PacketOutput(output)
        putPublish(channel, data, to: &sink)
        return sink.count
    }

    /// `{"event":"#publish","data":{"channel":"…","data":…}}`, the same for every subscriber.
    public static func publish(channel: String, data: RawSpan? = nil) -> [UInt8] {
        unsafe array(publishLength(channel: channel, data: data)) {
            unsafe writePublish(channel: channel, data: data, into: $0)
        }
    }

    /// A new array of exactly `length` bytes that `write` fills.
    static func array(_ length: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = unsafe write(UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
