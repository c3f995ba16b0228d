import Testing

@testable import WebSocket

@Suite struct UTF8ValidatorTests {
    /// Autobahn 6.2, 6.5–6.7, 6.9, 6.10, 6.22, 6.23: boundaries of every length, non-characters, U+FFFD, U+FFFE.
    static let valid = [
        "", "00", "7f", "48 65 6c 6c 6f", "ce ba", "ce ba e1 bd b9 cf 83 ce bc ce b5", "c2 80", "df bf", "e0 a0 80",
        "ed 9f bf", "ee 80 80", "ef bf bd", "ef bf be", "ef bf bf", "f0 90 80 80", "f0 9f bf be", "f4 8f bf bf",
        "e2 82 ac", "48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21",
        "ef b7 90", "ef b7 af", "f0 9f 98 80",
    ]

    /// Autobahn 6.3, 6.4, 6.8, 6.11–6.21: each with the index of the first byte at which failure is certain.
    static let invalid: [(String, Int)] = [
        ("80", 0), ("bf", 0), ("80 bf 80", 0), ("fe", 0), ("ff", 0), ("fe fe ff ff", 0), ("c0 80", 0), ("c0 af", 0),
        ("c1 bf", 0), ("e0 80 af", 1), ("e0 9f bf", 1), ("f0 80 80 af", 1), ("f0 8f bf bf", 1), ("f8 80 80 80 af", 0),
        ("fc 80 80 80 80 af", 0), ("f4 90 80 80", 1), ("f5 80 80 80", 0), ("f7 bf bf bf", 0), ("fb bf bf bf bf", 0),
        ("fd bf bf bf bf bf", 0), ("ed a0 80", 1), ("ed ad bf", 1), ("ed ae 80", 1), ("ed bf bf", 1),
        ("ed a0 80 ed b0 80", 1), ("ed af bf ed bf bf", 1), ("c2 41", 1), ("c2 c2", 1), ("df 7f", 1), ("e0 a0 41", 2),
        ("e1 41 80", 1), ("e1 80 c0", 2), ("ee 80 7f", 2), ("f0 90 80 41", 3), ("f1 80 41 80", 2), ("f3 41", 1),
        ("f4 8f bf c0", 3), ("61 62 63 ff", 3),
        ("ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64", 12),
        ("ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90 80 80 65 64 69 74 65 64", 12),
    ]

    @Test(arguments: valid)
    func acceptsWhateverTheSplit(_ text: String) {
        let bytes = hex(text)
        #expect(isValid(bytes))
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var validator = UTF8Validator()
                #expect(feed(&validator, Array(bytes[..<first])))
                #expect(feed(&validator, Array(bytes[first..<second])))
                #expect(feed(&validator, Array(bytes[second...])))
                #expect(validator.isComplete)
            }
        }
    }

    /// The bulk path looks at 4 to 32 bytes at once: put each vector at every place relative to those blocks.
    @Test(arguments: valid)
    func acceptsAtEveryPlace(_ text: String) {
        for before in 0...40 {
            for after in [0, 1, 3, 4, 33] {
                let bytes = [UInt8](repeating: 0x61, count: before) + hex(text) + [UInt8](repeating: 0x62, count: after)
                #expect(isValid(bytes))
            }
        }
    }

    @Test(arguments: invalid)
    func refusesAtTheFirstCertainByte(_ text: String, _ certain: Int) {
        let bytes = hex(text)
        #expect(!isValid(bytes))
        var validator = UTF8Validator()
        #expect(feed(&validator, Array(bytes[..<certain])))
        #expect(!feed(&validator, Array(bytes[certain...certain])))
    }

    @Test(arguments: invalid)
    func refusesAtEveryPlace(_ text: String, _ certain: Int) {
        for before in 0...40 {
            for after in [0, 1, 3, 4, 33] {
                let bytes = [UInt8](repeating: 0x61, count: before) + hex(text) + [UInt8](repeating: 0x62, count: after)
                #expect(!isValid(bytes))
            }
        }
    }

    @Test(arguments: ["c2", "df", "e0", "e0 a0", "ed 9f", "f0", "f0 90", "f0 90 80", "f4 8f bf"])
    func truncatedSequencesAreIncomplete(_ text: String) {
        let bytes = hex(text)
        #expect(!isValid(bytes))
        var validator = UTF8Validator()
        #expect(feed(&validator, bytes))
        #expect(!validator.isComplete)
        // Neither more text nor the end of it makes up for the missing bytes.
        #expect(!feed(&validator, hex("61")))
    }

    /// Every scalar there is, one after the other.
    @Test func acceptsEveryScalar() {
        var bytes: [UInt8] = []
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            bytes.append(contentsOf: UTF8.encode(scalar)!)
        }
        #expect(isValid(bytes))
    }

    /// Every sequence of a leading byte and every second byte, against the standard library.
    @Test func agreesWithTheStandardLibrary() {
        for lead in UInt8(0x80)...0xFF {
            for second in UInt8.min...UInt8.max {
                for bytes in [[lead, second], [lead, second, 0x80], [lead, second, 0x80, 0xBF]] {
                    let expected = String(validating: bytes, as: UTF8.self) != nil
                    #expect(isValid(bytes) == expected)
                    #expect(isValid(bytes + [0x20, 0x20, 0x20]) == expected)
                }
            }
        }
    }

    @Test(arguments: 0..<20)
    func randomBytesAgreeWithTheStandardLibrary(_ seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        let pieces = (Self.valid + Self.invalid.map { $0.0 }).map { hex($0) }
        for _ in 0..<500 {
            // Mostly valid pieces, or hardly any text of several would be valid.
            let chosen = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                Int.random(in: 0..<40, using: &generator) == 0
                    ? pieces.randomElement(using: &generator)! : hex(Self.valid.randomElement(using: &generator)!)
            }
            let bytes = chosen.flatMap { $0 }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect(isValid(bytes) == expected)
            var validator = UTF8Validator()
            var start = 0
            var isValid = true
            for cut in generator.cuts(in: bytes.count) + [bytes.count] where isValid {
                isValid = feed(&validator, Array(bytes[start..<cut]))
                start = cut
            }
            #expect((isValid && validator.isComplete) == expected)
        }
    }
}

private func isValid(_ bytes: [UInt8]) -> Bool {
    unsafe UTF8Validator.isValid(bytes.span.bytes)
}

private func feed(_ validator: inout UTF8Validator, _ bytes: [UInt8]) -> Bool {
    unsafe validator.consume(bytes.span.bytes)
}
