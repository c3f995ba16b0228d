import SocketProtocol
import StrictJSON

/// The channel and the data in a `#subscribe` or `#publish` packet, as places in the message.
struct ChannelData {
    /// The object itself.
    let object: Range<Int>
    /// The channel's name.
    let channel: JSONString
    /// `data` inside the object.
    let data: Range<Int>?

    /// Nil if the packet's data is no object or its `channel` no string.
    init?(_ range: Range<Int>?, of bytes: RawSpan) {
        guard let range else { return nil }
        let object = bytes.extracting(range)
        var channel: JSONString?
        var data: Range<Int>?
        var cursor = JSONMemberCursor()
        while true {
            guard let next = try? cursor.next(in: object) else { break }
            if next.name.equals("channel", in: object) {
                channel = next.stringValue
            } else if next.name.equals("data", in: object) {
                data = next.value
            }
        }
        guard let channel else { return nil }
        self.object = range
        self.channel = JSONString(range: channel.range.offset(by: range.lowerBound), hasEscapes: channel.hasEscapes)
        self.data = data?.offset(by: range.lowerBound)
    }

    func name(in bytes: RawSpan) -> String {
        channel.string(in: bytes)
    }

    func data(in bytes: RawSpan) -> JSONText? {
        data.map { JSONText(unchecked: Bytes.array(bytes.extracting($0))) }
    }

    /// Everything but `channel` (contract §7).
    func subscriptionOptions(of bytes: RawSpan) -> JSONText {
        guard case .object(var object)? = try? JSONValue(parsing: bytes.extracting(object)) else {
            return JSONText([:])
        }
        object["channel"] = nil
        return JSONText(.object(object))
    }
}

extension Range<Int> {
    fileprivate func offset(by distance: Int) -> Range<Int> {
        (lowerBound + distance)..<(upperBound + distance)
    }
}
