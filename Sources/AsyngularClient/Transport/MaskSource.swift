import AsyngularSupport

/// Masks for frames, from OpenSSL's generator, a thousand at a time: a mask has to be unpredictable (RFC 6455 §10.3), and one call
/// for each frame would cost more than the frame.
struct MaskSource {
    private static let count = 1024

    private var pool: [UInt32] = []
    private var left = 0

    mutating func next() -> UInt32 {
        if left == 0 { refill() }
        left &-= 1
        return pool[left]
    }

    @inline(never)
    private mutating func refill() {
        if pool.isEmpty { pool = Array(repeating: 0, count: Self.count) }
        unsafe pool.withUnsafeMutableBytes { unsafe SecureRandom.fill($0) }
        left = Self.count
    }
}
