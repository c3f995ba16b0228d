import StrictJSON

/// Prints JSON from a token so that it cannot act on the terminal.
enum TokenOutput {
    /// `json` in one line, or `nil` when it is not JSON.
    ///
    /// Blanks become spaces. Delete, the C1 controls, the line separators and the controls of bidirectional text are
    /// escaped: JSON allows them in strings as they are, terminals obey them.
    static func line(_ json: [UInt8]) -> String? {
        guard (try? JSONText(validating: json)) != nil else { return nil }
        var line = ""
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x00..<0x20: line.append(" ")
            case 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF:
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
