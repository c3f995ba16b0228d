internal import COpenSSL

/// Computes `Sec-WebSocket-Accept` (RFC 6455 §4.2.2), the base64 form of the SHA-1 of the key and a fixed GUID, for one
/// connection after another.
///
/// Keeps a context of OpenSSL's, which would else be made and wiped for each. To be used by one thread at a time.
@safe
public final class AcceptHasher {
    private static let guid: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    private static let digestLength = 20

    /// The length of every accept value.
    static let length = 28

    private let digest: OpaquePointer?
    private let context: OpaquePointer?

    /// Creates a hasher.
    public init() {
        unsafe digest = EVP_MD_fetch(nil, "SHA1", nil)
        unsafe context = EVP_MD_CTX_new()
        // Only a library built without SHA-1 fails here, and no WebSocket can be accepted with it.
        precondition(unsafe digest != nil && context != nil, "OpenSSL has no SHA-1")
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
        unsafe EVP_MD_free(digest)
    }

    /// The accept value for a key, taken as the characters received.
    func value(forKey key: String) -> String {
        var key = key
        return unsafe String(unsafeUninitializedCapacity: Self.length) { output in
            key.withUTF8 { key in
                unsafe write(forKey: UnsafeRawBufferPointer(key), into: UnsafeMutableRawBufferPointer(output))
            }
            return Self.length
        }
    }

    /// Writes the accept value for a key.
    ///
    /// - Parameter output: room for ``length`` bytes.
    @unsafe
    func write(forKey key: WebSocketKey, into output: UnsafeMutableRawBufferPointer) {
        unsafe withUnsafeTemporaryAllocation(byteCount: WebSocketKey.length, alignment: 8) { text in
            guard let start = text.baseAddress else { return }
            unsafe key.write(into: start)
            unsafe write(forKey: UnsafeRawBufferPointer(text), into: output)
        }
    }

    @unsafe
    private func write(forKey key: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.digestLength, alignment: 8) { sum in
            let status = unsafe EVP_DigestInit_ex2(context, digest, nil)
            precondition(status == 1, "OpenSSL does not begin a SHA-1")
            unsafe EVP_DigestUpdate(context, key.baseAddress, key.count)
            unsafe EVP_DigestUpdate(context, Self.guid.utf8Start, Self.guid.utf8CodeUnitCount)
            unsafe EVP_DigestFinal_ex(context, sum.assumingMemoryBound(to: UInt8.self).baseAddress, nil)
            unsafe Base64.write(UnsafeRawBufferPointer(sum), into: output)
        }
    }
}
