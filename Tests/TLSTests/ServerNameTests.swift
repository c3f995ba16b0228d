import Testing

@testable import TLS

@Suite
struct ServerNameTests {
    @Test(
        "host names lose the dot at the end and their capitals",
        arguments: [
            ("example.org", "example.org"), ("Example.ORG.", "example.org"), ("localhost", "localhost"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("a_b.example", "a_b.example"), ("1.2.3", "1.2.3"),
        ]
    )
    func hosts(text: String, name: String) throws {
        #expect(try ServerName(text) == .host(name))
    }

    @Test(
        "addresses are told from names",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("[::1]", "::1"), ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]", "fe80::1"),
        ]
    )
    func addresses(text: String, address: String) throws {
        #expect(try ServerName(text) == .address(address))
    }

    @Test(
        "what cannot be a name is refused",
        arguments: [
            "", ".", "..", ".example", "a b", "bücher.example", "example.org\0.evil", "127.0.0.1\0", "a/b", "*.example",
            String(repeating: "a", count: 254), "[::1", "example.org\r\n",
        ]
    )
    func refused(text: String) {
        #expect(throws: TLSError.self) { try ServerName(text) }
    }
}
