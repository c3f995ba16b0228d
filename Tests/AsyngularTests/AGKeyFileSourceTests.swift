import JSONWebToken
import StrictJSON
import Testing

@testable import Asyngular

/// Keys from files: what is read, what is refused, and that changes are noticed.
@Suite struct AGKeyFileSourceTests {
    private static let quick = Duration.milliseconds(2)

    // MARK: Reading

    @Test func jwkSet() throws {
        let folder = KeyFolder()
        folder.write("keys", TestKey.set(TestKey.publicJWK(TestKey.old), TestKey.privateJWK(TestKey.new)))
        let ring = try #require(try AGKeyFileSource(folder.file("keys")).initialKeys())
        #expect(ring.signature?.keyID == "new")
        #expect(ring.verification.keys.map(\.keyID) == ["old", "new"])
        #expect(ring.signatureAlgorithm(nil) == .EdDSA)
        let named = AGKeyFileSource(folder.file("keys"), signingKeyID: "old")
        #expect(throws: KeyError.self) { try named.initialKeys() }
    }

    @Test func onlyToVerify() throws {
        let folder = KeyFolder()
        folder.write("keys", TestKey.set(TestKey.publicJWK(TestKey.old)))
        let ring = try #require(try AGKeyFileSource(folder.file("keys")).initialKeys())
        #expect(ring.signature == nil)
        #expect(ring.verification.keys.map(\.keyID) == ["old"])
    }

    @Test func oneJWK() throws {
        let folder = KeyFolder()
        folder.write("key", String(decoding: TestKey.privateJWK(TestKey.secret).serialized(), as: UTF8.self))
        let ring = try #require(try AGKeyFileSource(folder.file("key")).initialKeys())
        #expect(ring.signature?.keyID == "secret")
        folder.write("key", String(decoding: TestKey.publicJWK(TestKey.rsa).serialized(), as: UTF8.self))
        #expect(try AGKeyFileSource(folder.file("key")).initialKeys()?.signature == nil)
    }

    @Test func pem() throws {
        let folder = KeyFolder()
        folder.write("2026.pem", TestKey.pem)
        let alone = try #require(try AGKeyFileSource(folder.file("2026.pem")).initialKeys())
        #expect(alone.signature?.type == .p256)
        #expect(alone.signature?.keyID == nil)
        #expect(alone.verification.keys.map(\.keyID) == [nil])
        folder.write("2025.crt", TestKey.publicPEM)
        let both = AGKeyFileSource(folder.file("2025.crt"), folder.file("2026.pem"))
        let ring = try #require(try both.initialKeys())
        #expect(ring.signature?.keyID == "2026")
        #expect(ring.verification.keys.map(\.keyID) == ["2025", "2026"])
    }

    /// Files of other kinds and hidden ones are left alone, and the name is the `kid` also of the only key.
    @Test func wholeFolder() throws {
        let folder = KeyFolder()
        folder.write("b.pem", TestKey.pem)
        folder.write("notes.txt", "not a key")
        folder.write(".c.pem", "half a k")
        let source = AGKeyFileSource(folder.path)
        #expect(try source.initialKeys()?.signature?.keyID == "b")
        folder.write("a.json", TestKey.set(TestKey.publicJWK(TestKey.old), TestKey.privateJWK(TestKey.new)))
        let ring = try #require(try source.initialKeys())
        #expect(ring.signature?.keyID == "new")
        #expect(ring.verification.keys.map(\.keyID) == ["old", "new", "b"])
        #expect(try AGKeyFileSource(folder.path, signingKeyID: "b").initialKeys()?.signature?.keyID == "b")
    }

    @Test(arguments: [
        ("", "it is empty"), ("   \n", "it is empty"), ("secret", "the text has no PEM block"),
        (#"{"keys":[{"kty":"oct""#, "the JWK Set is not JSON"), (#"{"keys":[]}"#, "the key files have no usable key"),
        ("-----BEGIN PRIVATE KEY-----\nMIGH", "the PEM text is cut off"),
    ])
    func refused(_ text: String, _ message: String) {
        let folder = KeyFolder()
        folder.write("keys", text)
        let error = #expect(throws: KeyError.self) { try AGKeyFileSource(folder.file("keys")).initialKeys() }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("MIGH") == false)
    }

    @Test func whatIsNoFile() {
        let folder = KeyFolder()
        for path in [folder.file("missing"), "/dev/null"] {
            let error = #expect(throws: KeyError.self) { try AGKeyFileSource(path).initialKeys() }
            #expect(error?.message.contains(path) == true)
        }
        #expect(throws: KeyError.self) { try AGKeyFileSource(folder.path).initialKeys() }
    }

    @Test func tooLarge() {
        let folder = KeyFolder()
        folder.write("keys", String(repeating: " ", count: 512 * 1024 + 1))
        let error = #expect(throws: KeyError.self) { try AGKeyFileSource(folder.file("keys")).initialKeys() }
        #expect(error?.code == .tooLarge)
        let many = KeyFolder()
        for index in 0...128 { many.write("\(index).json", "{}") }
        #expect(throws: KeyError(.tooLarge, "there are more than 128 key files")) {
            try AGKeyFileSource(many.path).initialKeys()
        }
    }

    // MARK: Changes

    @Test func renamed() async throws {
        let folder = KeyFolder()
        folder.write("keys", TestKey.set(TestKey.privateJWK(TestKey.old)))
        let source = AGKeyFileSource(folder.file("keys"), interval: Self.quick)
        _ = try source.initialKeys()
        let updates = KeyUpdates()
        await updates.running(source) {
            folder.replace("keys", TestKey.set(TestKey.privateJWK(TestKey.new), TestKey.publicJWK(TestKey.old)))
            #expect(await updates.next() == .keys("new", ["new", "old"]))
            folder.replace("keys", TestKey.set(TestKey.privateJWK(TestKey.new)))
            #expect(await updates.next() == .keys("new", ["new"]))
        }
    }

    /// Also when neither the inode nor the size changes, within the same tick of the file system's clock.
    @Test func writtenInPlace() async throws {
        let folder = KeyFolder()
        let texts = ["a", "b"].map { kid in TestKey.set(TestKey.privateJWK(try! .generate(.HS256, kid: kid))) }
        folder.write("keys", texts[0])
        let source = AGKeyFileSource(folder.file("keys"), interval: Self.quick)
        _ = try source.initialKeys()
        let updates = KeyUpdates()
        await updates.running(source) {
            for _ in 0..<10 {
                for (kid, text) in zip(["b", "a"], texts.reversed()) {
                    folder.write("keys", text)
                    // The moment between truncating and writing may be seen too.
                    var update = await updates.next()
                    while case .problem = update { update = await updates.next() }
                    #expect(update == .keys(kid, [kid]))
                }
            }
        }
    }

    @Test func halfWritten() async throws {
        let folder = KeyFolder()
        let good = TestKey.set(TestKey.privateJWK(TestKey.new))
        folder.write("keys", TestKey.set(TestKey.privateJWK(TestKey.old)))
        let source = AGKeyFileSource(folder.file("keys"), interval: Self.quick)
        _ = try source.initialKeys()
        let updates = KeyUpdates()
        try await updates.running(source) {
            folder.replace("keys", String(good.dropLast(20)))
            let problem = try #require(await updates.next())
            guard case .problem(let text) = problem else { return #expect(problem == .problem("…")) }
            #expect(text.hasPrefix("the key file \(folder.file("keys")): the JWK Set is not JSON"))
            // Nothing else is said or applied until the file changes again.
            folder.replace("keys", good)
            #expect(await updates.next() == .keys("new", ["new"]))
        }
    }

    @Test func removedAndBack() async throws {
        let folder = KeyFolder()
        let good = TestKey.set(TestKey.privateJWK(TestKey.old))
        folder.write("keys", good)
        let source = AGKeyFileSource(folder.file("keys"), interval: Self.quick)
        _ = try source.initialKeys()
        let updates = KeyUpdates()
        await updates.running(source) {
            folder.remove("keys")
            #expect(await updates.next() == .problem("the key file \(folder.file("keys")) cannot be read"))
            folder.replace("keys", good)
            var update = await updates.next()
            while case .problem = update { update = await updates.next() }
            #expect(update == .keys("old", ["old"]))
        }
    }

    @Test func addedToTheFolder() async throws {
        let folder = KeyFolder()
        folder.write("a.json", TestKey.set(TestKey.privateJWK(TestKey.old)))
        let source = AGKeyFileSource(folder.path, interval: Self.quick)
        _ = try source.initialKeys()
        let updates = KeyUpdates()
        await updates.running(source) {
            folder.replace("b.json", TestKey.set(TestKey.publicJWK(TestKey.new)))
            #expect(await updates.next() == .keys("old", ["old", "new"]))
            folder.remove("b.json")
            #expect(await updates.next() == .keys("old", ["old"]))
        }
    }

    @Test func reload() async throws {
        let folder = KeyFolder()
        folder.write("keys", TestKey.set(TestKey.privateJWK(TestKey.old)))
        let source = AGKeyFileSource(folder.file("keys"), interval: .seconds(3600))
        #expect(!source.reload())
        let updates = KeyUpdates()
        await updates.running(source) {
            #expect(await updates.next() == .keys("old", ["old"]))
            #expect(source.reload())
            #expect(await updates.next() == .keys("old", ["old"]))
            updates.accept(false)
            #expect(!source.reload())
            folder.write("keys", "{")
            #expect(!source.reload())
        }
    }

    @Test(arguments: [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1)] as [(UInt32, Int)])
    func exposed(_ mode: UInt32, _ warnings: Int) async throws {
        let folder = KeyFolder()
        folder.write("keys", TestKey.set(TestKey.privateJWK(TestKey.old)), mode: mode)
        let source = AGKeyFileSource(folder.file("keys"), interval: .seconds(3600))
        _ = try source.initialKeys()
        let updates = KeyUpdates()
        await updates.running(source) {
            if warnings > 0 {
                let text = "\(folder.file("keys")) can be read by others than its owner; it should have mode 0600"
                #expect(await updates.next() == .problem(text))
            } else {
                while !source.reload() { await Task.yield() }
                #expect(await updates.next() == .keys("old", ["old"]))
            }
        }
    }

    /// Keys that cannot be used are named by their place, and the others count.
    @Test func skippedKeys() async throws {
        let folder = KeyFolder()
        folder.write(
            "keys",
            TestKey.set(["kty": "oct"], TestKey.privateJWK(TestKey.old), ["kty": "EC", "crv": "P-999"])
        )
        let source = AGKeyFileSource(folder.file("keys"), signingKeyID: "old", interval: .seconds(3600))
        #expect(try source.initialKeys()?.verification.keys.map(\.keyID) == ["old"])
        let updates = KeyUpdates()
        await updates.running(source) {
            for index in [0, 2] {
                guard case .problem(let text)? = await updates.next() else { return #expect(Bool(false)) }
                #expect(text.hasPrefix("key \(index) of \(folder.file("keys")) is not used: "))
            }
        }
    }
}
