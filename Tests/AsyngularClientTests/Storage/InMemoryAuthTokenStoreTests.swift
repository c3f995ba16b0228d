import Testing

@testable import AsyngularClient

@Suite("InMemoryAuthTokenStore")
struct InMemoryAuthTokenStoreTests {
    @Test("Saves, loads, replaces and removes")
    func cycle() async throws {
        let store = InMemoryAuthTokenStore()
        #expect(try await store.loadToken(name: "a") == nil)
        try await store.saveToken("1", name: "a")
        try await store.saveToken("2", name: "b")
        try await store.saveToken("3", name: "a")
        #expect(try await store.loadToken(name: "a") == "3")
        #expect(try await store.removeToken(name: "a") == "3")
        #expect(try await store.removeToken(name: "a") == nil)
        #expect(try await store.loadToken(name: "b") == "2")
    }

    @Test("Has a limit, which replacing does not meet")
    func limit() async throws {
        let store = InMemoryAuthTokenStore(maximumTokens: 1)
        try await store.saveToken("1", name: "a")
        try await store.saveToken("2", name: "a")
        let error = await #expect(throws: AuthTokenStoreError.self) { try await store.saveToken("3", name: "b") }
        #expect(error?.code == .full)
    }

    @Test("Is not printed")
    func secrecy() async throws {
        let store = InMemoryAuthTokenStore()
        try await store.saveToken("hunter2", name: "a")
        var dumped = ""
        dump(store, to: &dumped)
        #expect(!"\(store)\(String(reflecting: store))\(dumped)".contains("hunter2"))
    }

    @Test("Names (contract §10)")
    func names() {
        #expect(AuthTokenNaming.asyngular.name(hostname: "a", port: 1) == "asyngular.authToken")
        #expect(AuthTokenNaming.socketCluster.name(hostname: "a", port: 1) == "socketcluster.authToken")
        #expect(AuthTokenNaming.socketCluster14.name(hostname: "a", port: 1) == "socketCluster.authToken")
        #expect(AuthTokenNaming.perHost.name(hostname: "a", port: 443) == "socketcluster.authToken.a:443")
    }
}
