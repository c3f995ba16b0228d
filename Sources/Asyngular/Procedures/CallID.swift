/// The number of a peer's call as it stands in its packet, kept to be repeated in the answer.
///
/// Numbers of up to 16 bytes, which are those that clients count to, take no heap block.
struct CallID: Sendable {
    private let words: InlineArray<2, UInt64>
    private let inlineCount: Int
    /// What does not fit; else empty.
    private let long: [UInt8]

    init(_ bytes: RawSpan) {
        var words: InlineArray<2, UInt64> = [0, 0]
        if bytes.byteCount <= Self.capacity {
            var target = words.mutableSpan
            unsafe target.withUnsafeMutableBytes { target in
                unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
            }
            inlineCount = bytes.byteCount
            long = []
        } else {
            inlineCount = 0
            long = Bytes.array(bytes)
        }
        self.words = words
    }

    private static let capacity = 16

    func withBytes(_ body: (RawSpan) -> Void) {
        guard long.isEmpty else { return body(long.rawBytes) }
        let span = words.span
        unsafe span.withUnsafeBytes { words in
            unsafe body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: words[..<inlineCount])))
        }
    }
}
