internal import COpenSSL

/// `Sec-WebSocket-Accept` (RFC 6455 §4.2.2): the base64 form of the SHA-1 of the key and a fixed GUID.
enum AcceptValue {
    /// A fetched digest, immutable and reference-counted by OpenSSL; kept because each fetch takes locks.
    @safe private struct Digest: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private static let sha1 = unsafe Digest(pointer: EVP_MD_fetch(nil, "SHA1", nil))
    private static let guid: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    private static let digestLength = 20

    /// The length of every accept value.
    static let length = 28

    /// The accept value for a key, taken as the characters received.
    static func value(forKey key: String) -> String {
        unsafe String(unsafeUninitializedCapacity: length) { output in
            unsafe write(forKey: key, into: UnsafeMutableRawBufferPointer(output))
            return length
        }
    }

    /// Writes the accept value for a key into room for ``length`` bytes, without an allocation but OpenSSL's own.
    @unsafe
    static func write(forKey key: String, into output: UnsafeMutableRawBufferPointer) {
        var key = key
        key.withUTF8 { key in
            let guidLength = guid.utf8CodeUnitCount
            let inputLength = key.count + guidLength
            unsafe withUnsafeTemporaryAllocation(byteCount: inputLength + digestLength, alignment: 8) { space in
                guard let input = space.baseAddress else { return }
                if let start = key.baseAddress { unsafe input.copyMemory(from: start, byteCount: key.count) }
                unsafe (input + key.count).copyMemory(from: guid.utf8Start, byteCount: guidLength)
                let digest = unsafe UnsafeMutableRawBufferPointer(rebasing: space[inputLength...])
                let status = unsafe EVP_Digest(
                    input,
                    inputLength,
                    digest.assumingMemoryBound(to: UInt8.self).baseAddress,
                    nil,
                    sha1.pointer,
                    nil
                )
                // Only a library built without SHA-1 fails here, and no WebSocket can be accepted with it.
                precondition(status == 1, "OpenSSL has no SHA-1")
                unsafe Base64.write(UnsafeRawBufferPointer(digest), into: output)
            }
        }
    }
}
