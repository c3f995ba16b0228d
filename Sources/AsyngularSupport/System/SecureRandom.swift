import COpenSSL

/// Random bytes from OpenSSL's generator, many at a time.
package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe bytes.withUnsafeMutableBytes { unsafe fill($0) }
        return bytes
    }

    /// Fills memory with random bytes.
    package static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let status = unsafe RAND_bytes(start, Int32(buffer.count))
        precondition(status == 1, "the machine has no randomness")
    }
}
