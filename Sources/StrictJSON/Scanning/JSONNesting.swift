/// Which of the open containers are objects: one bit per level, so that nesting costs neither recursion nor the heap.
@frozen
public struct JSONNesting {
    /// The deepest nesting a scanner can follow, whatever limit it is given.
    @inlinable
    public static var ceiling: Int { 512 }

    @usableFromInline
    var depth = 0
    /// The innermost levels; bit 0 is the innermost.
    @usableFromInline
    var innermost: UInt64 = 0
    /// Filled-up words of the outer levels. Written only every 64 levels, so the common path does not touch it.
    @usableFromInline
    var outer: InlineArray<8, UInt64> = .init(repeating: 0)

    @inlinable
    init() {}

    @inlinable
    var isEmpty: Bool { depth == 0 }

    @inlinable
    var isObject: Bool { innermost & 1 != 0 }

    /// Opens a level. The caller has checked that `depth` is below `ceiling`.
    @inlinable
    mutating func push(isObject: Bool) {
        if depth & 63 == 0, depth > 0 { outer[depth >> 6 - 1] = innermost }
        innermost = innermost << 1 | (isObject ? 1 : 0)
        depth += 1
    }

    /// Closes a level. The caller has checked that there is one.
    @inlinable
    mutating func pop() {
        depth -= 1
        innermost >>= 1
        if depth & 63 == 0, depth > 0 { innermost = outer[depth >> 6 - 1] }
    }
}
