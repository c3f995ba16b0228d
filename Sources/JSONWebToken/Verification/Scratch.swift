/// A verifier's working memory, so that reading a token of ordinary length, or refusing any, allocates nothing.
@safe
final class Scratch {
    /// What is kept between tokens; longer ones, which only a raised limit allows, borrow memory for one call.
    static let capacity = 8192

    private let bytes = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    private let entries = UnsafeMutablePointer<NameLedger.Entry>.allocate(capacity: NameLedger.capacity)

    deinit {
        unsafe bytes.deallocate()
        unsafe entries.deallocate()
    }

    /// An empty ledger; only one may be in use at a time.
    func ledger() -> NameLedger { unsafe NameLedger(memory: entries) }

    /// Lends `count` bytes or more for one call.
    @unsafe
    @inline(always)
    func withMemory<Result>(
        _ count: Int,
        _ body: (UnsafeMutableRawPointer) throws(TokenError) -> Result
    ) throws(TokenError) -> Result {
        guard count > Self.capacity else { return try unsafe body(bytes) }
        let borrowed = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        defer { unsafe borrowed.deallocate() }
        return try unsafe body(borrowed)
    }
}
