import Testing

@testable import WebSocket

@Suite struct HTTPKnownFieldTests {
    private static func find(_ name: [UInt8]) -> HTTPKnownField? {
        unsafe name.withUnsafeBytes { unsafe HTTPKnownField($0) }
    }

    private static func text(_ name: StaticString) -> [UInt8] {
        name.withUTF8Buffer { unsafe Array($0) }
    }

    @Test(arguments: HTTPKnownField.allCases)
    func isFoundInAnyCase(_ field: HTTPKnownField) {
        let small = Self.text(field.name)
        #expect(Self.find(small) == field)
        #expect(Self.find(small.map { $0 &- 0x61 < 26 ? $0 ^ 0x20 : $0 }) == field)
        for place in small.indices where small[place] != UInt8(ascii: "-") {
            var name = small
            name[place] ^= 0x20
            #expect(Self.find(name) == field)
        }
    }

    /// With any other byte that a name can have, in any place, it is another field.
    @Test(arguments: HTTPKnownField.allCases)
    func isNoOther(_ field: HTTPKnownField) {
        let small = Self.text(field.name)
        for place in small.indices {
            for byte in UInt8.min ... .max where HTTPCharacters.isToken(byte) {
                guard HTTPCharacters.lowercased(byte) != small[place] else { continue }
                var name = small
                name[place] = byte
                #expect(Self.find(name) == nil, "\(byte) at \(place)")
            }
        }
        #expect(Self.find(Array(small.dropLast())) == nil && Self.find(small + [UInt8(ascii: "s")]) == nil)
    }

    @Test func nothingElseIsKnown() {
        for name in ["", "a", "Cookie", "Sec-WebSocket-Extensions", "Authorization", "X-Upgrade", "Accept", "Expect"] {
            #expect(Self.find(Array(name.utf8)) == nil)
        }
    }
}
