import Testing

@testable import WebSocket

@Suite struct AcceptHasherTests {
    @Test func exampleOfRFC6455() {
        // §1.3
        #expect(WebSocketUpgrade.acceptValue(forKey: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    /// The second value has nothing of the first in it.
    @Test func oneHasherServesManyKeys() throws {
        let hasher = AcceptHasher()
        let keys = ["dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "+/+/+/+/+/+/+/+/+/+/+/=="]
        for text in keys + keys.reversed() {
            let key = try #require(WebSocketKey(text))
            let written = unsafe String(unsafeUninitializedCapacity: AcceptHasher.length) { output in
                unsafe hasher.write(forKey: key, into: UnsafeMutableRawBufferPointer(output))
                return AcceptHasher.length
            }
            #expect(written == WebSocketUpgrade.acceptValue(forKey: text))
            #expect(written == hasher.value(forKey: text))
        }
    }
}
