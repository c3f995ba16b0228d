import Testing

@testable import EventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite
struct OutputChainTests {
    private func bytes(of chain: OutputChain) -> [UInt8] {
        let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
        defer { unsafe vectors.deallocate() }
        let filled = unsafe chain.fill(vectors)
        var bytes: [UInt8] = []
        for index in 0..<filled.vectors {
            let vector = unsafe vectors[index]
            unsafe bytes += UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len)
        }
        #expect(bytes.count == filled.bytes)
        return bytes
    }

    private func append(_ bytes: [UInt8], to chain: inout OutputChain, _ pool: inout OutputPool) {
        unsafe bytes.withUnsafeBytes { unsafe chain.append($0, pool: &pool) }
    }

    @Test("small writes share a block, and consuming gives it back")
    func smallWrites() {
        var pool = OutputPool(blockSize: 4096, maximumPooledBlocks: 4)
        var chain = OutputChain()
        append([1, 2], to: &chain, &pool)
        append([3], to: &chain, &pool)
        append([], to: &chain, &pool)
        #expect(pool.inUse == 1)
        #expect(chain.count == 3)
        #expect(bytes(of: chain) == [1, 2, 3])
        chain.consume(2, pool: &pool)
        #expect(bytes(of: chain) == [3])
        #expect(pool.inUse == 1)
        append([4], to: &chain, &pool)
        #expect(bytes(of: chain) == [3, 4])
        chain.consume(2, pool: &pool)
        #expect(chain.count == 0)
        #expect(pool.inUse == 0)
        #expect(!chain.hasBlocks)
        pool.removeAll()
    }

    @Test("any mix of writes comes out in order, however it is consumed", arguments: 0..<8 as Range<UInt64>)
    func mix(seed: UInt64) {
        var random = SplitMix64(state: seed)
        var pool = OutputPool(blockSize: 4096, maximumPooledBlocks: 3)
        var chain = OutputChain()
        var expected: [UInt8] = []
        var next: UInt8 = 0
        for _ in 0..<400 {
            let count = Int.random(
                in: 0...[10, 300, 3000, 10_000][Int.random(in: 0..<4, using: &random)],
                using: &random
            )
            let new = (0..<count).map { _ in
                next &+= 1
                return next
            }
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                append(new, to: &chain, &pool)
                expected += new
            case 1:
                chain.append(SharedBytes(new), pool: &pool)
                expected += new
            case 2:
                // Reserved more than is written.
                let space = unsafe chain.reserve(count + 50, pool: &pool)
                unsafe new.withUnsafeBytes { source in
                    if let start = source.baseAddress { unsafe space.copyMemory(from: start, byteCount: count) }
                }
                chain.commit(count)
                expected += new
            default:
                let vectors = bytes(of: chain)
                #expect(vectors == Array(expected.prefix(vectors.count)))
                let sent = Int.random(in: 0...vectors.count, using: &random)
                chain.consume(sent, pool: &pool)
                expected.removeFirst(sent)
            }
            #expect(chain.count == expected.count)
        }
        chain.removeAll(pool: &pool)
        #expect(pool.inUse == 0)
        pool.removeAll()
    }

    @Test("no more pieces are described than there is room for")
    func vectorLimit() {
        var pool = OutputPool(blockSize: 4096, maximumPooledBlocks: 3)
        var chain = OutputChain()
        for value in 0..<200 { chain.append(SharedBytes([UInt8(value)]), pool: &pool) }
        #expect(bytes(of: chain) == (0..<64).map { UInt8($0) })
        chain.consume(64, pool: &pool)
        #expect(bytes(of: chain) == (64..<128).map { UInt8($0) })
        chain.removeAll(pool: &pool)
        pool.removeAll()
    }

    @Test("shared bytes are held until they are consumed")
    func sharedLifetime() {
        var pool = OutputPool(blockSize: 4096, maximumPooledBlocks: 3)
        var chain = OutputChain()
        weak var weakShared: SharedBytes?
        do {
            let shared = SharedBytes([1, 2, 3])
            weakShared = shared
            chain.append(shared, pool: &pool)
        }
        chain.consume(2, pool: &pool)
        #expect(weakShared != nil)
        chain.consume(1, pool: &pool)
        #expect(weakShared == nil)
        pool.removeAll()
    }

    @Test("writing goes on behind shared bytes, not over them")
    func behindShared() {
        var pool = OutputPool(blockSize: 4096, maximumPooledBlocks: 3)
        var chain = OutputChain()
        let shared = SharedBytes([1, 2, 3])
        append([0], to: &chain, &pool)
        chain.append(shared, pool: &pool)
        append([4, 5], to: &chain, &pool)
        #expect(bytes(of: chain) == [0, 1, 2, 3, 4, 5])
        #expect(unsafe shared.withUnsafeBytes { unsafe Array($0) } == [1, 2, 3])
        chain.removeAll(pool: &pool)
        pool.removeAll()
    }
}
