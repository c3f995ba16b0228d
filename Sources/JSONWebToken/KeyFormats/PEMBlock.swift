/// One `-----BEGIN …-----` block of a PEM text (RFC 7468): where it is and what it says it holds.
struct PEMBlock: Equatable {
    let label: String
    /// From the first dash to the last, in the text's bytes.
    let range: Range<Int>
    /// True when the block is encrypted, by its label or by the header of the traditional format.
    let isEncrypted: Bool

    /// Longer labels are no labels.
    static let maximumLabelLength = 64

    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let encryption = Array("Proc-Type: 4,ENCRYPTED".utf8)
    private static let dashes = Array("-----".utf8)

    /// The labels of private keys that can be read.
    static let privateLabels: Set<String> = [
        "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY",
    ]
    /// The labels of public keys that can be read.
    static let publicLabels: Set<String> = ["PUBLIC KEY", "RSA PUBLIC KEY"]
    /// The labels of certificates.
    static let certificateLabels: Set<String> = ["CERTIFICATE", "X509 CERTIFICATE"]

    /// Whether the text has the beginning of a block in it; such a text is a key or a certificate, never a shared secret.
    static func hasBegin(_ text: [UInt8]) -> Bool { find(begin, in: text, from: 0) != nil }

    /// All complete blocks, in order; what is between them is ignored, as RFC 7468 §5.2 has it.
    static func all(in text: [UInt8]) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var position = 0
        while let start = find(begin, in: text, from: position) {
            position = start + begin.count
            guard let label = label(in: text, at: position) else { continue }
            let ending = end + label.utf8 + dashes
            // Looking on after a block without an end would take quadratic time.
            guard let close = find(ending, in: text, from: position) else { break }
            let isEncrypted =
                label == "ENCRYPTED PRIVATE KEY" || find(encryption, in: text, from: position, to: close) != nil
            position = close + ending.count
            blocks.append(PEMBlock(label: label, range: start..<position, isEncrypted: isEncrypted))
        }
        return blocks
    }

    private static func label(in text: [UInt8], at start: Int) -> String? {
        let limit = min(text.count, start + maximumLabelLength + dashes.count)
        guard let stop = find(dashes, in: text, from: start, to: limit) else { return nil }
        let label = text[start..<stop]
        // Upper-case words and digits only, so that a label may stand in an error text.
        guard label.allSatisfy({ (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x20 }) else {
            return nil
        }
        return String(decoding: label, as: UTF8.self)
    }

    /// Searches in place: a copy of a private key's text would be left behind.
    private static func find(_ wanted: [UInt8], in text: [UInt8], from start: Int, to end: Int? = nil) -> Int? {
        let last = (end ?? text.count) - wanted.count
        guard let first = wanted.first, start <= last else { return nil }
        for index in start...last where text[index] == first {
            if text[index..<index + wanted.count].elementsEqual(wanted) { return index }
        }
        return nil
    }
}
