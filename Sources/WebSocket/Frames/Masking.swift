/// The masking of RFC 6455 §5.3, in place.
///
/// A mask is held as the little-endian value of its four bytes in wire order, on every host.
public enum Masking {
    /// Exclusive-ors `bytes` with a mask; the same call masks and unmasks.
    ///
    /// - Parameters:
    ///   - mask: the four mask bytes, first byte lowest.
    ///   - offset: how many payload bytes of the frame precede `bytes`.
    ///   - bytes: changed in place.
    @inlinable
    public static func apply(mask: UInt32, offset: Int = 0, to bytes: UnsafeMutableRawBufferPointer) {
        unsafe _ = applyDetectingNonASCII(mask: rotate(mask, by: offset), to: bytes)
    }

    /// The mask for the byte `count` bytes further on, so that the next byte again uses the lowest byte.
    @inlinable
    @inline(__always)
    public static func rotate(_ mask: UInt32, by count: Int) -> UInt32 {
        let bits = UInt32(truncatingIfNeeded: count & 3) &* 8
        return (mask &>> bits) | (mask &<< (32 &- bits))
    }

    /// Exclusive-ors `bytes` with `mask` and reports whether any byte of the result is 0x80 or above.
    ///
    /// The answer costs one instruction per stride and saves text messages, nearly all of them ASCII, a second pass.
    /// The whole range is checked once by the buffer's own count; the strides below stay inside it.
    @usableFromInline
    static func applyDetectingNonASCII(mask: UInt32, to bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard var pointer = bytes.baseAddress else { return false }
        var left = bytes.count
        let mask = mask.littleEndian
        let pair = UInt64(mask) | UInt64(mask) &<< 32
        var high: UInt64 = 0
        if left >= 16 {
            let quad = SIMD2<UInt64>(repeating: pair)
            var seen = SIMD2<UInt64>()
            // Four separate vectors: the compiler shuffles the parts of one wide vector about.
            while left >= 64 {
                let first = unsafe pointer.loadUnaligned(as: SIMD2<UInt64>.self) ^ quad
                let second = unsafe pointer.loadUnaligned(fromByteOffset: 16, as: SIMD2<UInt64>.self) ^ quad
                let third = unsafe pointer.loadUnaligned(fromByteOffset: 32, as: SIMD2<UInt64>.self) ^ quad
                let fourth = unsafe pointer.loadUnaligned(fromByteOffset: 48, as: SIMD2<UInt64>.self) ^ quad
                unsafe pointer.storeBytes(of: first, as: SIMD2<UInt64>.self)
                unsafe pointer.storeBytes(of: second, toByteOffset: 16, as: SIMD2<UInt64>.self)
                unsafe pointer.storeBytes(of: third, toByteOffset: 32, as: SIMD2<UInt64>.self)
                unsafe pointer.storeBytes(of: fourth, toByteOffset: 48, as: SIMD2<UInt64>.self)
                seen |= (first | second) | (third | fourth)
                unsafe pointer += 64
                left &-= 64
            }
            while left >= 16 {
                let value = unsafe pointer.loadUnaligned(as: SIMD2<UInt64>.self) ^ quad
                seen |= value
                unsafe pointer.storeBytes(of: value, as: SIMD2<UInt64>.self)
                unsafe pointer += 16
                left &-= 16
            }
            high = seen[0] | seen[1]
        }
        if left >= 8 {
            let value = unsafe pointer.loadUnaligned(as: UInt64.self) ^ pair
            high |= value
            unsafe pointer.storeBytes(of: value, as: UInt64.self)
            unsafe pointer += 8
            left &-= 8
        }
        if left >= 4 {
            let value = unsafe pointer.loadUnaligned(as: UInt32.self) ^ mask
            high |= UInt64(value)
            unsafe pointer.storeBytes(of: value, as: UInt32.self)
            unsafe pointer += 4
            left &-= 4
        }
        // Strides are multiples of four, so the last three bytes start again at the mask's lowest byte.
        var rest = UInt32(littleEndian: mask)
        while left > 0 {
            let value = unsafe pointer.load(as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
            high |= UInt64(value)
            unsafe pointer.storeBytes(of: value, as: UInt8.self)
            unsafe pointer += 1
            left &-= 1
            rest &>>= 8
        }
        return high & 0x8080_8080_8080_8080 != 0
    }
}
