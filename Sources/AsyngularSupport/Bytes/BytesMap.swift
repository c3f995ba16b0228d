/// A hash map keyed by byte strings that can be asked with bytes still lying in a receive buffer.
///
/// `Dictionary<String, _>` would have to build a `String` for each look-up, which allocates from the 16th byte on;
/// the frame path must not. Hashing is the standard library's seeded one, so a peer that chooses the names cannot
/// choose the collisions.
@usableFromInline
package struct BytesMap<Value> {
    @usableFromInline
    struct Entry {
        @usableFromInline var key: [UInt8]
        @usableFromInline var value: Value

        @inlinable
        init(key: [UInt8], value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// Indices into `entries`, or `empty`/`removed`; its count is a power of two and at least twice `entries.count`.
    @usableFromInline var table: [Int32]
    @usableFromInline var entries: ContiguousArray<Entry>
    /// Slots that are not `empty`; probing stays short while this is below three quarters of the table.
    @usableFromInline var occupied: Int

    @inlinable static var empty: Int32 { -1 }
    @inlinable static var removed: Int32 { -2 }

    /// Makes an empty map, which allocates nothing.
    @inlinable
    package init() {
        table = []
        entries = []
        occupied = 0
    }

    @inlinable package var count: Int { entries.count }
    @inlinable package var isEmpty: Bool { entries.isEmpty }
    @inlinable package var values: some Sequence<Value> { entries.lazy.map(\.value) }
    @inlinable package var keys: some Sequence<[UInt8]> { entries.lazy.map(\.key) }

    @inlinable
    package subscript(_ key: RawSpan) -> Value? {
        if entries.count <= Self.fewEntries {
            for index in entries.indices where isKey(entries[index].key, key) { return entries[index].value }
            return nil
        }
        guard let slot = slot(of: key) else { return nil }
        return entries[Int(table[slot])].value
    }

    /// So many are compared one by one, which costs less than to hash a key.
    @inlinable static var fewEntries: Int { 8 }

    @inlinable
    package subscript(_ key: [UInt8]) -> Value? {
        get { self[key.rawBytes] }
        set {
            if let newValue { set(newValue, for: key) } else { removeValue(for: key.rawBytes) }
        }
    }

    @inlinable
    package subscript(_ key: String) -> Value? {
        get { self[Array(key.utf8)] }
        set { self[Array(key.utf8)] = newValue }
    }

    @discardableResult
    @inlinable
    package mutating func removeValue(for key: RawSpan) -> Value? {
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

    @inlinable
    mutating func set(_ value: Value, for key: [UInt8]) {
        if !entries.isEmpty, let slot = slot(of: key.rawBytes) {
            entries[Int(table[slot])].value = value
            return
        }
        if (occupied + 1) * 4 > table.count * 3 { grow() }
        entries.append(Entry(key: key, value: value))
        insertIndex(Int32(entries.count - 1), hash: Self.hash(key.rawBytes))
    }

    @inlinable
    mutating func grow() {
        let size = Swift.max(8, (entries.count + 1).nextPowerOfTwo * 2)
        table = Array(repeating: Self.empty, count: size)
        occupied = 0
        for index in entries.indices {
            insertIndex(Int32(index), hash: Self.hash(entries[index].key.rawBytes))
        }
    }

    @inlinable
    mutating func insertIndex(_ index: Int32, hash: Int) {
        let mask = table.count - 1
        var slot = hash & mask
        while table[slot] >= 0 { slot = (slot &+ 1) & mask }
        if table[slot] == Self.empty { occupied += 1 }
        table[slot] = index
    }

    @inlinable
    func slot(of key: RawSpan) -> Int? {
        let mask = table.count - 1
        var slot = Self.hash(key) & mask
        while true {
            let index = table[slot]
            if index == Self.empty { return nil }
            if index >= 0, isKey(entries[Int(index)].key, key) { return slot }
            slot = (slot &+ 1) & mask
        }
    }

    @inlinable
    func isKey(_ stored: borrowing [UInt8], _ key: RawSpan) -> Bool {
        Bytes.equal(stored.rawBytes, key)
    }

    @inlinable
    static func hash(_ key: RawSpan) -> Int {
        var hasher = Hasher()
        unsafe key.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}

extension BytesMap.Entry: Sendable where Value: Sendable {}
extension BytesMap: Sendable where Value: Sendable {}

extension Int {
    /// The smallest power of two that is not less than `self` (at least 1).
    @inlinable
    var nextPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
