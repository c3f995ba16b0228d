/// Where the pieces of a packet go: once to be counted, once to be written. Each packet is spelt out in one function
/// over a sink, so that its length and its bytes cannot disagree.
protocol PacketSink {
    mutating func put(_ text: StaticString)
    mutating func put(bytes: RawSpan)
    /// The content of a string, to be escaped.
    mutating func put(escaping string: String)
    mutating func put(integer: Int)
}
