import Testing

@testable import JSONWebToken

@Suite struct KeyParametersTests {
    @Test func makesKeysOfNumbersOnly() throws {
        let parameters = try #require(KeyParameters())
        parameters.add("pub", octets: [UInt8](repeating: 3, count: 32))
        #expect(try parameters.makeKey("ED25519", isPrivate: false)?.type == .ed25519)
        let short = try #require(KeyParameters())
        short.add("pub", octets: [UInt8](repeating: 3, count: 31))
        #expect(try short.makeKey("ED25519", isPrivate: false) == nil)
        let curve = try #require(KeyParameters())
        curve.add("group", text: "prime256v1")
        curve.add("pub", octets: [4] + [UInt8](repeating: 1, count: 64))
        #expect(try curve.makeKey("EC", isPrivate: false) == nil)
        let empty = try #require(KeyParameters())
        #expect(try empty.makeKey("RSA", isPrivate: false) == nil)
        #expect(try empty.makeKey("no such algorithm", isPrivate: false) == nil)
    }
}
