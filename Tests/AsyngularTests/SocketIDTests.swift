import Testing

@testable import Asyngular

@Suite("SocketID")
struct SocketIDTests {
    struct Row: Sendable {
        let high: UInt64
        let low: UInt64
        let text: String
    }

    @Test(
        "20 characters of URL-safe base64",
        arguments: [
            Row(high: 0, low: 0, text: "AAAAAAAAAAAAAAAAAAAA"),
            Row(high: .max, low: .max, text: "____________________"),
            // Python: base64.urlsafe_b64encode(bytes(range(15)))
            Row(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E00, text: "AAECAwQFBgcICQoLDA0O"),
            Row(high: 0xFBEF_BEFB_EFBE_FBEF, low: 0xBEFB_EFBE_FBEF_BE00, text: "--------------------"),
        ]
    )
    func text(_ row: Row) {
        let id = SocketID(high: row.high, low: row.low)
        #expect(id.description == row.text)
        var bytes: [UInt8] = []
        id.withJSON { bytes = Bytes.array($0) }
        #expect(bytes == Array("\"\(row.text)\"".utf8))
    }

    @Test("No two are alike, not even of two generators")
    func unique() {
        var first = SocketID.Generator()
        var second = SocketID.Generator()
        var ids: Set<String> = []
        for _ in 0..<2000 {
            ids.insert(first.make().description)
            ids.insert(second.make().description)
        }
        #expect(ids.count == 4000)
    }

    @Test("The random part differs in every place")
    func random() {
        var generator = SocketID.Generator()
        var seen: UInt64 = 0
        var seenLow: UInt64 = 0
        let first = generator.make()
        for _ in 0..<200 {
            let id = generator.make()
            seen |= id.high ^ first.high
            seenLow |= (id.low ^ first.low) >> 32
        }
        #expect(seen == .max)
        #expect(seenLow == 0xFFFF_FFFF)
    }
}
