import AsyngularSupport
import StrictJSON

/// The channel in a `#publish` or `#kickOut` packet and what goes with it, as places in the message.
struct ChannelPayload {
    /// The channel's name.
    let channel: JSONString
    /// `data` of a publication, `message` of a kick.
    let detail: Range<Int>?

    /// Nil if the packet's data is no object or its `channel` no string (contract §7).
    init?(_ range: Range<Int>?, detail name: StaticString = "data", of bytes: RawSpan) {
        guard let range else { return nil }
        let object = bytes.extracting(range)
        var channel: JSONString?
        var detail: Range<Int>?
        var cursor = JSONMemberCursor()
        while let member = (try? cursor.next(in: object)) ?? nil {
            if member.name.equals("channel", in: object) {
                channel = member.stringValue
            } else if member.name.equals(name, in: object) {
                detail = member.value
            }
        }
        guard let channel else { return nil }
        let offset = range.lowerBound
        self.channel = JSONString(
            range: (channel.range.lowerBound + offset)..<(channel.range.upperBound + offset),
            hasEscapes: channel.hasEscapes
        )
        self.detail = detail.map { ($0.lowerBound + offset)..<($0.upperBound + offset) }
    }
}

extension JSONText {
    /// A copy of a value that a scanner has found.
    init(_ bytes: RawSpan) {
        self.init(unchecked: Bytes.array(bytes))
    }
}
