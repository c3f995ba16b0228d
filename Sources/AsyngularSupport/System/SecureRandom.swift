import COpenSSL

/// Random bytes from OpenSSL's generator, many at a time.
package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let status = unsafe bytes.withUnsafeMutableBufferPointer { unsafe RAND_bytes($0.baseAddress, Int32($0.count)) }
        precondition(status == 1, "the machine has no randomness")
        return bytes
    }
}
