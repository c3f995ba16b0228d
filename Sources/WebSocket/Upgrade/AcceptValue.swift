internal import COpenSSL

/// `Sec-WebSocket-Accept` (RFC 6455 §4.2.2): the base64 form of the SHA-1 of the key and a fixed GUID.
enum AcceptValue {
    /// A fetched digest, immutable and reference-counted by OpenSSL; kept because each fetch takes locks.
    @safe private struct Digest: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private static let sha1 = unsafe Digest(pointer: EVP_MD_fetch(nil, "SHA1", nil))
    private static let guid: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// The accept value for a key, taken as the characters received.
    static func value(forKey key: String) -> String {
        var input = Array(key.utf8)
        guid.withUTF8Buffer { unsafe input.append(contentsOf: $0) }
        var digest = [UInt8](repeating: 0, count: 20)
        let status = unsafe digest.withUnsafeMutableBufferPointer { output in
            unsafe input.withUnsafeBytes { bytes in
                unsafe EVP_Digest(bytes.baseAddress, bytes.count, output.baseAddress, nil, sha1.pointer, nil)
            }
        }
        // Only a library built without SHA-1 fails here, and no WebSocket can be accepted with it.
        precondition(status == 1, "OpenSSL has no SHA-1")
        return base64(digest)
    }

    /// Base64 with padding (RFC 4648 §4).
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        alphabet.withUTF8Buffer { alphabet in
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                var group: UInt32 = 0
                for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
                for digit in 0..<4 {
                    let index = Int(group >> UInt32(18 - 6 * digit) & 0x3F)
                    text.append(unsafe digit <= count ? alphabet[index] : UInt8(ascii: "="))
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
