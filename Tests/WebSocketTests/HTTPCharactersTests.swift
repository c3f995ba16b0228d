import Testing

@testable import WebSocket

@Suite struct HTTPCharactersTests {
    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    private static let digits = "0123456789"

    @Test func sets() {
        let tokens = Set((Self.letters + Self.digits + "!#$%&'*+-.^_`|~").utf8)
        // RFC 3986: unreserved, sub-delims, percent-encoding, and what an address and a port are written with.
        let hosts = Set((Self.letters + Self.digits + "-._~!$&'()*+,;=%:[]").utf8)
        let base64 = Set((Self.letters + Self.digits + "+/").utf8)
        for byte in UInt8.min ... .max {
            #expect(HTTPCharacters.isToken(byte) == tokens.contains(byte))
            #expect(HTTPCharacters.isHost(byte) == hosts.contains(byte))
            #expect(HTTPCharacters.isBase64(byte) == base64.contains(byte))
        }
    }

    /// Every byte in every place, among letters.
    @Test func lettersAtStart() {
        let known = Set((Self.letters + "-").utf8)
        for place in 0..<8 {
            for byte in UInt8.min ... .max {
                var bytes = Array("zA-aZhij".utf8)
                bytes[place] = byte
                let word = bytes.reversed().reduce(into: UInt64(0)) { $0 = $0 << 8 | UInt64($1) }
                #expect(HTTPCharacters.lettersAtStart(of: word) == (known.contains(byte) ? 8 : place), "\(byte)")
            }
        }
        #expect(HTTPCharacters.lettersAtStart(of: 0) == 0 && HTTPCharacters.lettersAtStart(of: .max) == 0)
    }
}
