/// A loop's free output blocks, in three sizes: heads only (for shared bytes), small and regular.
///
/// A connection takes its first two blocks of a turn small, so that some broadcasts to thousands of connections in one
/// turn do not need a regular block for each of them.
struct OutputPool {
    typealias Block = UnsafeMutablePointer<OutputBlock>

    /// Bytes in a connection's first block of a turn.
    static let smallSize = 2048

    @safe
    private struct FreeList {
        var first: Block?
        var count = 0
        let limit: Int

        init(limit: Int) {
            unsafe first = nil
            self.limit = limit
        }
    }

    private let regularSize: Int
    private var heads: FreeList
    private var small: FreeList
    private var regular: FreeList

    /// Blocks handed out and not given back; 0 when no connection has output.
    private(set) var inUse = 0

    /// Creates an empty pool.
    /// - Parameters:
    ///   - blockSize: Bytes of a regular block.
    ///   - maximumPooledBlocks: Free regular blocks kept; the other sizes keep no more memory than these.
    init(blockSize: Int, maximumPooledBlocks: Int) {
        regularSize = max(blockSize, Self.smallSize)
        regular = FreeList(limit: maximumPooledBlocks)
        small = FreeList(limit: maximumPooledBlocks * regularSize / Self.smallSize)
        heads = FreeList(limit: maximumPooledBlocks * 16)
    }

    /// A block with room for `count` bytes; a small one if it suffices and is asked for.
    mutating func take(atLeast count: Int, preferSmall: Bool) -> Block {
        inUse += 1
        if preferSmall, count <= Self.smallSize {
            return unsafe Self.take(from: &small, capacity: Self.smallSize)
        }
        if count <= regularSize {
            return unsafe Self.take(from: &regular, capacity: regularSize)
        }
        return unsafe Self.allocate(capacity: count)
    }

    /// A block that refers to shared bytes and holds them until it is given back.
    mutating func take(_ shared: SharedBytes) -> Block {
        inUse += 1
        let block = unsafe Self.take(from: &heads, capacity: 0)
        unsafe block.pointee.bytes = shared.start
        unsafe block.pointee.end = shared.count
        unsafe block.pointee.shared = Unmanaged.passRetained(shared)
        return unsafe block
    }

    /// Takes a block back.
    mutating func give(_ block: Block) {
        inUse -= 1
        if let shared = unsafe block.pointee.shared {
            unsafe block.pointee.shared = nil
            unsafe shared.release()
        }
        switch unsafe block.pointee.capacity {
        case regularSize: unsafe Self.give(block, to: &regular)
        case Self.smallSize: unsafe Self.give(block, to: &small)
        case 0: unsafe Self.give(block, to: &heads)
        default: unsafe block.deallocate()
        }
    }

    /// Frees every pooled block.
    mutating func removeAll() {
        Self.empty(&heads)
        Self.empty(&small)
        Self.empty(&regular)
    }

    private static func take(from list: inout FreeList, capacity: Int) -> Block {
        guard let block = unsafe list.first else { return unsafe allocate(capacity: capacity) }
        unsafe list.first = block.pointee.next
        list.count -= 1
        unsafe block.pointee.next = nil
        unsafe block.pointee.start = 0
        unsafe block.pointee.end = 0
        return unsafe block
    }

    private static func give(_ block: Block, to list: inout FreeList) {
        if list.count < list.limit {
            unsafe block.pointee.next = list.first
            unsafe list.first = block
            list.count += 1
        } else {
            unsafe block.deallocate()
        }
    }

    private static func allocate(capacity: Int) -> Block {
        let head = MemoryLayout<OutputBlock>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: head + capacity, alignment: 16)
        let block = unsafe memory.bindMemory(to: OutputBlock.self, capacity: 1)
        unsafe block.initialize(to: OutputBlock(bytes: memory + head, capacity: capacity))
        return unsafe block
    }

    private static func empty(_ list: inout FreeList) {
        while let block = unsafe list.first {
            unsafe list.first = block.pointee.next
            unsafe block.deallocate()
        }
        list.count = 0
    }
}
