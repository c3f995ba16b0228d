import LoadGenerator
import Testing

struct LoadTargetTests {
    @Test(
        arguments: [
            ("ws://127.0.0.1:8000/socketcluster/", 0x7F00_0001, 8000, "/socketcluster/"),
            ("ws://localhost/", 0x7F00_0001, 80, "/"), ("ws://127.1.2.3:1?", 0x7F01_0203, 0, ""),
            ("ws://127.0.0.9:9", 0x7F00_0009, 9, "/"),
        ] as [(String, UInt32, UInt16, String)]
    )
    func addresses(_ url: String, _ address: UInt32, _ port: UInt16, _ path: String) throws {
        guard port > 0 else {
            #expect(throws: LoadTarget.Refusal.self) { try LoadTarget(url: url, dialect: .plain) }
            return
        }
        let target = try LoadTarget(url: url, dialect: .socketcluster)
        #expect(target.address == address)
        #expect(target.port == port)
        #expect(target.path == path)
    }

    @Test(arguments: [
        "http://127.0.0.1/", "ws://10.0.0.1/", "ws://192.168.0.1:80/", "ws://example.com/", "ws://127.0.0/",
        "ws://126.0.0.1/",
        "ws://127.0.0.1:0/", "ws://127.0.0.1:65536/", "ws://127.0.0.1:x/", "ws://", "ws://[::1]/",
        "ws://127.0.0.1.evil.example/",
    ])
    func onlyThisMachineIsLoaded(_ url: String) {
        #expect(throws: LoadTarget.Refusal.self) { try LoadTarget(url: url, dialect: .socketcluster) }
    }
}
