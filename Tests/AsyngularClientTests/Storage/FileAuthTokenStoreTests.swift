import Foundation
import Testing

@testable import AsyngularClient

@Suite("FileAuthTokenStore", .timeLimit(.minutes(1)))
struct FileAuthTokenStoreTests {
    private static let name = "asyngular.authToken"

    /// A folder of its own for a test, which is not made yet.
    private func run(_ body: (FileAuthTokenStore, URL) async throws -> Void) async throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("tokens-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: base) }
        let folder = base.appendingPathComponent("a").appendingPathComponent("b c")
        try await body(FileAuthTokenStore(folder: folder.path), folder)
    }

    private func mode(_ url: URL) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test("Saves, loads, replaces and removes")
    func cycle() async throws {
        try await run { store, folder in
            #expect(try await store.loadToken(name: Self.name) == nil)
            #expect(try await store.removeToken(name: Self.name) == nil)
            try await store.saveToken("first", name: Self.name)
            #expect(try await store.loadToken(name: Self.name) == "first")
            try await store.saveToken("second", name: Self.name)
            #expect(try await FileAuthTokenStore(folder: folder.path).loadToken(name: Self.name) == "second")
            #expect(try await store.loadToken(name: "another") == nil)
            #expect(try await store.removeToken(name: Self.name) == "second")
            #expect(try await store.loadToken(name: Self.name) == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test("File and folder are for their owner, whatever the mask")
    func modes() async throws {
        try await run { store, folder in
            try await store.saveToken("t", name: Self.name)
            let file = folder.appendingPathComponent(Self.name)
            #expect(try mode(file) == 0o600)
            #expect(try mode(folder) == 0o700)
            #expect(try mode(folder.deletingLastPathComponent()) == 0o700)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            #expect(try await store.loadToken(name: Self.name) == "t")
            #expect(try mode(file) == 0o600)
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file.path)
            try await store.saveToken("u", name: Self.name)
            #expect(try mode(file) == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [Self.name])
        }
    }

    @Test("A reader finds the old token or the new one, never half of one")
    func atomic() async throws {
        try await run { store, folder in
            let tokens = ["a", "b"].map { String(repeating: $0, count: 50_000) }
            try await store.saveToken(tokens[0], name: Self.name)
            let reader = FileAuthTokenStore(folder: folder.path)
            try await withThrowingTaskGroup { group in
                group.addTask { for index in 0..<40 { try await store.saveToken(tokens[index & 1], name: Self.name) } }
                group.addTask {
                    for _ in 0..<40 {
                        let found = try await reader.loadToken(name: Self.name)
                        #expect(found == tokens[0] || found == tokens[1])
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("Sizes")
    func sizes() async throws {
        try await run { store, folder in
            let largest = String(repeating: "x", count: FileAuthTokenStore.maximumTokenBytes)
            try await store.saveToken(largest, name: Self.name)
            #expect(try await store.loadToken(name: Self.name) == largest)
            for token in ["", largest + "hunter2"] {
                let error = await #expect(throws: AuthTokenStoreError.self) {
                    try await store.saveToken(token, name: Self.name)
                }
                #expect(error?.code == .invalidToken && error?.description.contains("hunter2") == false)
            }
            #expect(try await store.loadToken(name: Self.name) == largest, "the old one is kept")
            try Data((largest + "x").utf8).write(to: folder.appendingPathComponent(Self.name))
            let error = await #expect(throws: AuthTokenStoreError.self) { try await store.loadToken(name: Self.name) }
            #expect(error?.code == .unusable)
            #expect(try await store.removeToken(name: Self.name) == nil)
            #expect(try await store.loadToken(name: Self.name) == nil)
        }
    }

    @Test("What people and others put there")
    func foreign() async throws {
        try await run { store, folder in
            try await store.saveToken("x", name: Self.name)
            let file = folder.appendingPathComponent(Self.name)
            try Data("token\r\n".utf8).write(to: file)
            #expect(try await store.loadToken(name: Self.name) == "token")
            try Data("\n".utf8).write(to: file)
            #expect(try await store.loadToken(name: Self.name) == nil)
            try Data([0xFF, 0x61]).write(to: file)
            await #expect(throws: AuthTokenStoreError.self) { try await store.loadToken(name: Self.name) }
            try FileManager.default.removeItem(at: file)
            try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/etc/passwd")
            await #expect(throws: AuthTokenStoreError.self) { try await store.loadToken(name: Self.name) }
            try await store.saveToken("y", name: Self.name)
            #expect(try await store.loadToken(name: Self.name) == "y", "the link was replaced, not followed")
            try FileManager.default.removeItem(at: file)
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
            for call in 0..<3 {
                let error = await #expect(throws: AuthTokenStoreError.self) {
                    switch call {
                    case 0: _ = try await store.loadToken(name: Self.name)
                    case 1: try await store.saveToken("z", name: Self.name)
                    default: try await store.removeToken(name: Self.name)
                    }
                }
                #expect(error?.code == (call == 0 ? .unusable : .fileSystem))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [Self.name])
        }
    }

    @Test("A folder that cannot be made")
    func noFolder() async {
        let store = FileAuthTokenStore(folder: "/dev/null/tokens")
        let error = await #expect(throws: AuthTokenStoreError.self) { try await store.saveToken("hunter2", name: "a") }
        #expect(error?.code == .fileSystem && error?.errno != 0)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(
        "Names that mean something to a file system",
        arguments: [
            ("asyngular.authToken", "asyngular.authToken"),
            ("socketcluster.authToken.a:80", "socketcluster.authToken.a%3A80"),
            ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"), (".", "%2E"), ("..", "%2E."),
            ("a b\0\u{E9}", "a%20b%00%C3%A9"),
        ]
    )
    func names(_ name: String, _ file: String) async throws {
        #expect(TokenFile.encode(name) == file)
        try await run { store, folder in
            try await store.saveToken("t", name: name)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [file])
            #expect(try await store.loadToken(name: name) == "t")
        }
    }

    @Test("Names that are none", arguments: ["", String(repeating: "x", count: 201)])
    func badNames(_ name: String) async {
        let store = FileAuthTokenStore(folder: "/nowhere")
        let error = await #expect(throws: AuthTokenStoreError.self) { try await store.loadToken(name: name) }
        #expect(error?.code == .invalidName)
    }
}
