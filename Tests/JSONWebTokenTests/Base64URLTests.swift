import Testing

@testable import JSONWebToken

@Suite struct Base64URLTests {
    /// RFC 4648 §10 without padding, and the two characters that differ from base64.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("~~?", "fn4_"), (">>>", "Pj4-"),
    ])
    func vectors(_ plain: String, _ encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(Array(encoded.utf8)) == Array(plain.utf8))
        #expect(isText(encoded, of: Array(plain.utf8)))
    }

    @Test func roundTripsOfEveryLength() {
        var random = SeededGenerator(seed: 1)
        for count in 0...200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base64URL.encode(bytes)
            #expect(text.utf8.count == Base64URL.encodedLength(count))
            #expect(Base64URL.decodedLength(text.utf8.count) == count)
            #expect(Base64URL.decode(Array(text.utf8)) == bytes)
            #expect(isText(text, of: bytes))
            #expect(!isText(text + "A", of: bytes))
            #expect(!isText(text, of: bytes + [0]))
            // Any other character, and the last one with other unused bits, is another text.
            for index in text.indices {
                let other = text.replacingCharacters(at: index, with: text[index] == "B" ? "C" : "B")
                #expect(!isText(other, of: bytes))
            }
        }
    }

    @Test(arguments: [
        "Zg==", "Zm8=", "Z", "Zm9vY", "+n4_", "Pj4/", "Zm 9", "Zm9v\n", "Zm9vYm\u{80}y", "Zm9v.Zm9v", "=", "Zm=v",
        "\0\0\0\0",
    ])
    func refusesWhatIsNotStrict(_ text: String) {
        #expect(Base64URL.decode(Array(text.utf8)) == nil)
    }

    /// RFC 4648 §3.5: the unused bits of the last character are zero.
    @Test func refusesUnusedBits() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for (value, character) in alphabet.enumerated() {
            let two = [0x41, character]
            let three = [0x41, 0x41, character]
            #expect((Base64URL.decode(two) != nil) == (value & 15 == 0))
            #expect((Base64URL.decode(three) != nil) == (value & 3 == 0))
        }
    }

    @Test func refusesABadCharacterAnywhere() {
        let good = Array(Base64URL.encode((0..<48).map { UInt8($0) }).utf8)
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for position in good.indices {
            for byte in UInt8.min...UInt8.max where !alphabet.contains(byte) {
                var text = good
                text[position] = byte
                #expect(Base64URL.decode(text) == nil)
            }
        }
    }

    private func isText(_ text: String, of bytes: [UInt8]) -> Bool {
        unsafe Base64URL.isText(Array(text.utf8).span.bytes, of: bytes.span.bytes)
    }
}

extension String {
    fileprivate func replacingCharacters(at index: Index, with character: Character) -> String {
        String(self[..<index]) + String(character) + String(self[self.index(after: index)...])
    }
}
