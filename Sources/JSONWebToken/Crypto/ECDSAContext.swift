/// ECDSA signatures of one key, in the form of JOSE: R and S in a row, each of the curve's length (RFC 7518 §3.4).
///
/// Not thread-safe.
final class ECDSAContext {
    /// The only length a signature has, in bytes: 64, 96 or 132.
    let length: Int

    private let context: PrehashedContext

    /// Prepares a key for the hash its curve goes with; `nil` when OpenSSL fails.
    init?(_ key: ParsedKey, _ digest: MessageDigest) {
        guard key.type.isEllipticCurve, let context = PrehashedContext(key, digest, .none) else { return nil }
        self.context = context
        length = 2 * key.type.coordinateLength
    }

    /// Whether `signature` was made over `message`; `nil` when OpenSSL fails.
    ///
    /// Whether R and S are below the group's order is OpenSSL's to check; that neither is zero is checked here as well.
    @unsafe
    func isValid(signature: UnsafeRawBufferPointer, over message: UnsafeRawBufferPointer) -> Bool? {
        guard signature.count == length else { return false }
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ECDSASignature.maximumDERLength) { der in
            guard let count = unsafe ECDSASignature.encode(raw: signature, into: der) else { return false }
            return unsafe context.isValid(
                signature: UnsafeRawBufferPointer(start: der.baseAddress, count: count),
                over: message
            )
        }
    }

    /// Signs into a buffer of ``length`` bytes; returns that number, or `nil` on failure.
    @unsafe
    func sign(_ message: UnsafeRawBufferPointer, into signature: UnsafeMutablePointer<UInt8>) -> Int? {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: context.maximumLength) { der in
            guard let base = der.baseAddress, let count = unsafe context.sign(message, into: base) else { return nil }
            let isDecoded = unsafe ECDSASignature.decode(
                der: UnsafeRawBufferPointer(start: base, count: count),
                into: UnsafeMutableBufferPointer(start: signature, count: length)
            )
            return isDecoded ? length : nil
        }
    }
}
