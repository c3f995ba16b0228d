/// An optional byte range in eight bytes. Messages of 4 GiB and more are not scanned, so 32 bits are enough, and a
/// batch of ten thousand packets stays small.
@frozen
@usableFromInline
struct PacketSlot: Sendable, Hashable {
    @usableFromInline
    let lower: UInt32
    @usableFromInline
    let upper: UInt32

    @inlinable
    init(lower: UInt32, upper: UInt32) {
        self.lower = lower
        self.upper = upper
    }

    /// The range `lower..<upper`, which must be in order and below `UInt32.max`.
    @inlinable
    init(_ lower: Int, _ upper: Int) {
        self.init(lower: UInt32(truncatingIfNeeded: lower), upper: UInt32(truncatingIfNeeded: upper))
    }

    @inlinable
    static var absent: PacketSlot { PacketSlot(lower: .max, upper: 0) }

    @inlinable
    var isPresent: Bool { lower != .max }

    @inlinable
    var range: Range<Int>? {
        isPresent ? unsafe Range(uncheckedBounds: (Int(lower), Int(upper))) : nil
    }
}
