import Testing

@testable import EventLoop

@Suite
struct OutputPoolTests {
    @Test("a connection's first block is small, later ones are regular, large ones exact")
    func sizes() {
        var pool = OutputPool(blockSize: 16384, maximumPooledBlocks: 2)
        let small = unsafe pool.take(atLeast: 100, preferSmall: true)
        let regular = unsafe pool.take(atLeast: 100, preferSmall: false)
        let promoted = unsafe pool.take(atLeast: OutputPool.smallSize + 1, preferSmall: true)
        let exact = unsafe pool.take(atLeast: 100_000, preferSmall: true)
        #expect(unsafe small.pointee.capacity == OutputPool.smallSize)
        #expect(unsafe regular.pointee.capacity == 16384)
        #expect(unsafe promoted.pointee.capacity == 16384)
        #expect(unsafe exact.pointee.capacity == 100_000)
        #expect(pool.inUse == 4)
        unsafe pool.give(small)
        unsafe pool.give(regular)
        unsafe pool.give(promoted)
        unsafe pool.give(exact)
        #expect(pool.inUse == 0)
        pool.removeAll()
    }

    @Test("a block given back is empty and handed out again")
    func reuse() {
        var pool = OutputPool(blockSize: 16384, maximumPooledBlocks: 2)
        let block = unsafe pool.take(atLeast: 1, preferSmall: false)
        unsafe block.pointee.end = 50
        unsafe block.pointee.start = 20
        unsafe pool.give(block)
        let again = unsafe pool.take(atLeast: 1, preferSmall: false)
        #expect(unsafe block == again)
        #expect(unsafe again.pointee.end == 0 && again.pointee.start == 0 && again.pointee.next == nil)
        unsafe pool.give(again)
        pool.removeAll()
    }
}
