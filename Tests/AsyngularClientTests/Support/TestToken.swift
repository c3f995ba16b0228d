/// Tokens as a client sees them: three parts, of which it reads the second.
enum TestToken {
    static func make(_ claims: String) -> String {
        "e30." + base64URL(claims) + ".c2ln"
    }

    static func base64URL(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var output = ""
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for byte in text.utf8 {
            word = word << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                output.append(alphabet[Int(word >> bits & 63)])
            }
        }
        if bits > 0 { output.append(alphabet[Int(word << (6 - bits) & 63)]) }
        return output
    }
}
