import Testing

@testable import WebSocket

@Suite struct WebSocketKeyTests {
    @Test(arguments: [
        "dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "+/+/+/+/+/+/+/+/+/+/+/==", "zz09azAZ0123456789+/az==",
    ])
    func isKept(_ text: String) throws {
        let key = try #require(WebSocketKey(text))
        #expect(key.description == text)
        #expect(key == WebSocketKey(text))
    }

    @Test(arguments: [
        "", "==", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZQ=a",
        "dGhlIHNhbXBsZSBub25jZQa=", "dGhlIHNhbXBsZSBub25jZ===", " GhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j-_==",
        "dGhlIHNhbXBsZSBub25jZQ==\u{0}", "é123456789012345678901==",
    ])
    func isNone(_ text: String) {
        #expect(WebSocketKey(text) == nil)
    }

    /// Every byte in every place.
    @Test func onlyBase64DigitsAreTaken() {
        let digits = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for place in 0..<22 {
            for byte in UInt8.min ... .max {
                var text = Array("dGhlIHNhbXBsZSBub25jZQ==".utf8)
                text[place] = byte
                let key = unsafe text.withUnsafeBytes { unsafe WebSocketKey($0) }
                #expect((key != nil) == digits.contains(byte), "\(byte) at \(place)")
            }
        }
    }
}
