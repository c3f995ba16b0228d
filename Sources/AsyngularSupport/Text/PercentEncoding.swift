/// Percent-encoding (RFC 3986 §2.1).
package enum PercentEncoding {
    /// A path segment or another part of a URL, decoded; nil if an escape is malformed or the result is not UTF-8.
    package static func decodeSegment(_ text: Substring) -> String? {
        guard let bytes = decode(Array(text.utf8)[...], isForm: false, isStrict: true) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A name or value of a form, decoded leniently.
    package static func decodeForm(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: decode(bytes, isForm: true, isStrict: false) ?? [], as: UTF8.self)
    }

    private static func decode(_ bytes: ArraySlice<UInt8>, isForm: Bool, isStrict: Bool) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                if index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) {
                    result.append(high << 4 | low)
                    index += 3
                    continue
                }
                if isStrict { return nil }
            }
            result.append(isForm && byte == UInt8(ascii: "+") ? 0x20 : byte)
            index += 1
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte & 0xF
        case 0x41...0x46, 0x61...0x66: (byte & 0xF) + 9
        default: nil
        }
    }
}
