import Testing

@testable import JSONWebToken

/// The order of eviction, and the table, against models that are too slow to be wrong.
@Suite struct CacheIndexTests {
    /// Segmented LRU by the book: two lists, the newest first.
    private struct Model {
        var probation: [UInt64] = []
        var protected: [UInt64] = []
        let protectedLimit: Int

        var oldest: UInt64? { probation.last ?? protected.last }

        mutating func insert(_ hash: UInt64) { probation.insert(hash, at: 0) }

        mutating func used(_ hash: UInt64) {
            remove(hash)
            protected.insert(hash, at: 0)
            if protected.count > protectedLimit { probation.insert(protected.removeLast(), at: 0) }
        }

        mutating func remove(_ hash: UInt64) {
            probation.removeAll { $0 == hash }
            protected.removeAll { $0 == hash }
        }
    }

    private func find(_ hash: UInt64, in index: CacheIndex) -> Int? {
        var slot = index.first(hash)
        while slot != CacheIndex.none {
            if index.hash(of: slot) == hash { return slot }
            slot = index.following(slot)
        }
        return nil
    }

    @Test(arguments: [1, 2, 5, 16, 40], [UInt64(1), 2, 3])
    func agreesWithTheModel(_ capacity: Int, _ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var index = CacheIndex(capacity: capacity)
        var model = Model(protectedLimit: capacity * 4 / 5)
        for _ in 0..<3000 {
            // Few values, so that chains of one bucket get long, and with the same low bits.
            let hash = UInt64.random(in: 0..<UInt64(2 * capacity), using: &generator) << 3
            if let slot = find(hash, in: index) {
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    index.remove(slot)
                    model.remove(hash)
                } else {
                    index.used(slot)
                    model.used(hash)
                }
            } else {
                if index.count == capacity {
                    model.remove(index.hash(of: index.oldest))
                    index.remove(index.oldest)
                }
                let slot = index.insert(hash)
                #expect(slot < capacity)
                model.insert(hash)
            }
            #expect(index.count == model.probation.count + model.protected.count)
            #expect(index.count == 0 ? model.oldest == nil : index.hash(of: index.oldest) == model.oldest)
        }
        for hash in model.probation + model.protected { #expect(find(hash, in: index) != nil) }
        #expect(index.count > 0)
    }

    @Test func empty() {
        let index = CacheIndex(capacity: 0)
        #expect(index.first(7) == CacheIndex.none)
        #expect(index.oldest == CacheIndex.none)
        #expect(index.count == 0)
    }
}
