/// A hash map keyed by byte strings that can be asked with bytes still lying in a receive buffer.
///
/// `Dictionary<String, _>` would have to build a `String` for each look-up, which allocates from the 16th byte on;
/// the frame path must not. Hashing is the standard library's seeded one, so a peer that chooses the names cannot
/// choose the collisions.
struct BytesMap<Value> {
    fileprivate struct Entry {
        var key: [UInt8]
        var value: Value
    }

    /// Indices into `entries`, or `empty`/`removed`; its count is a power of two and at least twice `entries.count`.
    private var table: [Int32] = []
    private var entries: ContiguousArray<Entry> = []
    /// Slots that are not `empty`; probing stays short while this is below three quarters of the table.
    private var occupied = 0

    private static var empty: Int32 { -1 }
    private static var removed: Int32 { -2 }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }
    var values: some Sequence<Value> { entries.lazy.map(\.value) }
    var keys: some Sequence<[UInt8]> { entries.lazy.map(\.key) }

    subscript(_ key: RawSpan) -> Value? {
        guard !entries.isEmpty, let slot = slot(of: key) else { return nil }
        return entries[Int(table[slot])].value
    }

    subscript(_ key: [UInt8]) -> Value? {
        get { self[key.rawBytes] }
        set {
            if let newValue { set(newValue, for: key) } else { removeValue(for: key.rawBytes) }
        }
    }

    subscript(_ key: String) -> Value? {
        get { self[Array(key.utf8)] }
        set { self[Array(key.utf8)] = newValue }
    }

    @discardableResult
    mutating func removeValue(for key: RawSpan) -> Value? {
        guard !entries.isEmpty, let slot = slot(of: key) else { return nil }
        let index = Int(table[slot])
        table[slot] = Self.removed
        let last = entries.count - 1
        if index != last {
            // The last entry moves into the hole, so its slot must follow.
            if let moved = self.slot(of: entries[last].key.rawBytes) { table[moved] = Int32(index) }
            entries.swapAt(index, last)
        }
        return entries.removeLast().value
    }

    private mutating func set(_ value: Value, for key: [UInt8]) {
        if !entries.isEmpty, let slot = slot(of: key.rawBytes) {
            entries[Int(table[slot])].value = value
            return
        }
        if (occupied + 1) * 4 > table.count * 3 { grow() }
        entries.append(Entry(key: key, value: value))
        insertIndex(Int32(entries.count - 1), hash: Self.hash(key.rawBytes))
    }

    private mutating func grow() {
        let size = Swift.max(8, (entries.count + 1).nextPowerOfTwo * 2)
        table = Array(repeating: Self.empty, count: size)
        occupied = 0
        for index in entries.indices {
            insertIndex(Int32(index), hash: Self.hash(entries[index].key.rawBytes))
        }
    }

    private mutating func insertIndex(_ index: Int32, hash: Int) {
        let mask = table.count - 1
        var slot = hash & mask
        while table[slot] >= 0 { slot = (slot &+ 1) & mask }
        if table[slot] == Self.empty { occupied += 1 }
        table[slot] = index
    }

    private func slot(of key: RawSpan) -> Int? {
        let mask = table.count - 1
        var slot = Self.hash(key) & mask
        while true {
            let index = table[slot]
            if index == Self.empty { return nil }
            if index >= 0, isKey(entries[Int(index)].key, key) { return slot }
            slot = (slot &+ 1) & mask
        }
    }

    private func isKey(_ stored: borrowing [UInt8], _ key: RawSpan) -> Bool {
        Bytes.equal(stored.rawBytes, key)
    }

    private static func hash(_ key: RawSpan) -> Int {
        var hasher = Hasher()
        unsafe key.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}

extension BytesMap.Entry: Sendable where Value: Sendable {}
extension BytesMap: Sendable where Value: Sendable {}

extension Int {
    /// The smallest power of two that is not less than `self` (at least 1).
    fileprivate var nextPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
