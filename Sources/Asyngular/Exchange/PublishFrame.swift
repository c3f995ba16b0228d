import StrictJSON

/// Builds `{"event":"#publish","data":{"channel":…,"data":…}}` from the bytes of a client's own packet.
enum PublishFrame {
    private static let head = Array(##"{"event":"#publish","data":{"channel":""##.utf8)
    private static let middle = Array(#"","data":"#.utf8)

    /// - Parameter output: replaced; kept between calls so that it does not allocate.
    static func build(channel: JSONString, data: Range<Int>?, of bytes: RawSpan, into output: inout [UInt8]) {
        output.removeAll(keepingCapacity: true)
        output.append(contentsOf: head)
        append(bytes.extracting(channel.range), to: &output)
        if let data {
            output.append(contentsOf: middle)
            append(bytes.extracting(data), to: &output)
        } else {
            output.append(UInt8(ascii: "\""))
        }
        output.append(UInt8(ascii: "}"))
        output.append(UInt8(ascii: "}"))
    }

    private static func append(_ bytes: RawSpan, to output: inout [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe output.append(contentsOf: $0) }
    }
}
