/// Percent-encoding (RFC 3986 §2.1).
enum PercentEncoding {
    /// The text behind an encoded one; nil if a percent sign has not two hexadecimal digits behind it, or if it is not UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte & 0xF
        case 0x41...0x46, 0x61...0x66: (byte & 0xF) + 9
        default: nil
        }
    }
}
