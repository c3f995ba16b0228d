/// Memory for the decoded parts of the token at hand, kept between tokens so that refusing one allocates nothing.
@safe
struct Scratch: ~Copyable {
    /// The most that is kept between tokens; longer tokens, which only a raised limit allows, borrow more for one call.
    static let maximumKept = 64 * 1024

    private var memory: UnsafeMutableRawBufferPointer

    init() {
        unsafe memory = .allocate(byteCount: 1024, alignment: 16)
    }

    deinit {
        unsafe memory.deallocate()
    }

    /// At least `count` bytes, whatever was in them before.
    @unsafe
    mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if unsafe count > memory.count {
            unsafe memory.deallocate()
            unsafe memory = .allocate(byteCount: count, alignment: 16)
        }
        return unsafe memory.baseAddress!
    }

    /// Gives memory back that only an unusually long token needed.
    mutating func trim() {
        guard unsafe memory.count > Self.maximumKept else { return }
        unsafe memory.deallocate()
        unsafe memory = .allocate(byteCount: 1024, alignment: 16)
    }
}
