/// Where the entries of a cache are, and which of them goes next: a hash table with chains, and a segmented LRU list
/// (Karedla, Love, Wherry: "Caching strategies to improve disk system performance", 1994) through the same nodes.
///
/// New entries are on probation. One that is used again becomes protected; when those are more than four fifths of the
/// capacity, the one used longest ago goes back on probation. The next to go is the one longest on probation.
struct CacheIndex {
    struct Node: BitwiseCopyable {
        var hash: UInt64
        var chain: Int32
        var newer: Int32
        var older: Int32
        var isProtected: Bool
    }

    /// One end to the other: `newest` is used last, `oldest` longest ago.
    private struct Segment {
        var newest: Int32 = -1
        var oldest: Int32 = -1
        var count = 0
    }

    /// No slot.
    static let none = -1

    private var nodes: [Node] = []
    private var buckets: [Int32]
    private var free: Int32 = -1
    private var probation = Segment()
    private var protected = Segment()
    private let protectedLimit: Int

    /// - Parameter capacity: what the table is laid out for.
    init(capacity: Int) {
        protectedLimit = capacity * 4 / 5
        var count = 1
        while count < capacity { count *= 2 }
        buckets = Array(repeating: -1, count: capacity == 0 ? 0 : count)
    }

    var count: Int { probation.count + protected.count }

    /// The slot to be given up first; ``none`` when empty.
    var oldest: Int { Int(probation.count > 0 ? probation.oldest : protected.oldest) }

    /// The first slot whose hash may be this one.
    func first(_ hash: UInt64) -> Int { buckets.isEmpty ? Self.none : Int(buckets[bucket(hash)]) }

    /// The next slot that may have the same hash.
    func following(_ slot: Int) -> Int { Int(nodes[slot].chain) }

    func hash(of slot: Int) -> UInt64 { nodes[slot].hash }

    /// A slot for a new entry; slots are numbered from 0 without gaps.
    mutating func insert(_ hash: UInt64) -> Int {
        let bucket = bucket(hash)
        let node = Node(hash: hash, chain: buckets[bucket], newer: -1, older: -1, isProtected: false)
        var slot = Int(free)
        if slot == Self.none {
            slot = nodes.count
            nodes.append(node)
        } else {
            free = nodes[slot].chain
            nodes[slot] = node
        }
        buckets[bucket] = Int32(slot)
        link(slot)
        return slot
    }

    /// The entry was found once more.
    mutating func used(_ slot: Int) {
        if nodes[slot].isProtected, protected.newest == Int32(slot) { return }
        move(slot, isProtected: true)
        if protected.count > protectedLimit { move(Int(protected.oldest), isProtected: false) }
    }

    private mutating func move(_ slot: Int, isProtected: Bool) {
        unlink(slot)
        nodes[slot].isProtected = isProtected
        link(slot)
    }

    mutating func remove(_ slot: Int) {
        unlink(slot)
        let bucket = bucket(nodes[slot].hash)
        if Int(buckets[bucket]) == slot {
            buckets[bucket] = nodes[slot].chain
        } else {
            var previous = Int(buckets[bucket])
            while Int(nodes[previous].chain) != slot { previous = Int(nodes[previous].chain) }
            nodes[previous].chain = nodes[slot].chain
        }
        nodes[slot].chain = free
        free = Int32(slot)
    }

    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count - 1) }

    /// Makes a slot the newest of its segment.
    private mutating func link(_ slot: Int) {
        if nodes[slot].isProtected {
            Self.link(slot, in: &protected, &nodes)
        } else {
            Self.link(slot, in: &probation, &nodes)
        }
    }

    private mutating func unlink(_ slot: Int) {
        if nodes[slot].isProtected {
            Self.unlink(slot, in: &protected, &nodes)
        } else {
            Self.unlink(slot, in: &probation, &nodes)
        }
    }

    private static func link(_ slot: Int, in segment: inout Segment, _ nodes: inout [Node]) {
        nodes[slot].newer = -1
        nodes[slot].older = segment.newest
        if segment.newest >= 0 { nodes[Int(segment.newest)].newer = Int32(slot) }
        segment.newest = Int32(slot)
        if segment.oldest < 0 { segment.oldest = Int32(slot) }
        segment.count += 1
    }

    private static func unlink(_ slot: Int, in segment: inout Segment, _ nodes: inout [Node]) {
        let (newer, older) = (nodes[slot].newer, nodes[slot].older)
        if newer >= 0 { nodes[Int(newer)].older = older } else { segment.newest = older }
        if older >= 0 { nodes[Int(older)].newer = newer } else { segment.oldest = newer }
        segment.count -= 1
    }
}
