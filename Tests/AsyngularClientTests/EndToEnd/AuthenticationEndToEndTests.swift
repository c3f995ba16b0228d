import Asyngular
import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// Contract §9.3–§9.5 over a real socket.
@Suite(.timeLimit(.minutes(2)))
struct AuthenticationEndToEndTests {
    @Test(arguments: StoredTokenRow.all.dropFirst(), [false, true])
    func `a token is presented on an open connection`(row: StoredTokenRow, wasAuthenticated: Bool) async throws {
        let first = try EndToEnd.token(["username": "first", "exp": 4_102_444_800])
        try await EndToEnd.anywhere { test in
            let client = try await test.connected(token: wasAuthenticated ? first : nil)
            client.events.take()
            let token = try #require(try row.signed())
            if row.isRemoved {
                let error = await #expect(throws: AGError.self) { try await client.socket.authenticate(token) }
                #expect(error?.name == row.error)
                #expect(error?.isBadToken == true)
                await client.events.wait(for: "removeAuthToken")
            } else {
                let status = try await client.socket.authenticate(token)
                #expect(status.isAuthenticated == row.isAuthenticated)
                #expect(status.authError?.name == row.error)
            }
            try await client.socket.invoke("echo")
            let won = (wasAuthenticated ? [] : ["authStateChange"]) + ["authenticate"]
            let lost = wasAuthenticated ? ["authStateChange", "deauthenticate"] : []
            let events = client.events.lines.map { String($0.prefix { $0 != " " }) }
            #expect(events == (row.isAuthenticated ? won : lost) + (row.isRemoved ? ["removeAuthToken"] : []))
            // The store works on its own time, but in order.
            await client.socket.storageIdle()
            #expect(client.store.value == (row.isRemoved ? nil : token))
            // Every row that fails leaves the server's socket unauthenticated too.
            let server = try await client.socket.invoke("whoami")?.value()
            #expect(server?["isAuthenticated"] == .bool(row.isAuthenticated))
        }
    }

    @Test(arguments: [false, true])
    func `no token is a bad token`(wasAuthenticated: Bool) async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected(token: wasAuthenticated ? try EndToEnd.token() : nil)
            client.events.take()
            let error = await #expect(throws: AGError.self) { try await client.socket.invoke("#authenticate") }
            #expect(error?.isBadToken == true)
            await client.events.wait(for: "removeAuthToken")
            let lost = wasAuthenticated ? ["authStateChange", "deauthenticate"] : []
            #expect(client.events.lines.map { String($0.prefix { $0 != " " }) } == lost + ["removeAuthToken"])
            let server = try await client.socket.invoke("whoami")?.value()
            #expect(server?["isAuthenticated"] == false)
        }
    }

    @Test
    func `login by RPC`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected()
            let error = await #expect(throws: AGError.self) {
                try await client.socket.invoke("login", ["username": "alice", "password": "wrong"])
            }
            #expect(error?.name == "LoginError")
            client.events.take()
            let authenticated = client.socket.listener(.authenticate)
            try await client.socket.invoke("login", ["username": "alice", "password": "right"])
            // The answer overtakes the token.
            let event = try await authenticated.once(timeout: .seconds(30))
            #expect(event.authToken?["username"] == "alice")
            #expect(client.events.lines.map { String($0.prefix { $0 != " " }) } == ["authStateChange", "authenticate"])
            await client.socket.storageIdle()
            #expect(client.store.value == event.signedAuthToken)
            // The next connection is authenticated by the handshake.
            client.events.take()
            await client.socket.reconnect()
            await client.events.wait(for: "connect ")
            #expect(client.events.lines.contains { $0.hasPrefix("connect ") && $0.contains(" true with ") })
        }
    }

    @Test
    func `a token whose delivery is confirmed`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected()
            try await client.socket.invoke("token", ["claims": ["username": "carol"], "confirmed": true])
            // The token came first.
            #expect(await client.socket.authToken?["username"] == "carol")
        }
    }

    @Test
    func `a further token changes no state`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected(token: try EndToEnd.token())
            client.events.take()
            try await client.socket.invoke("token", ["claims": ["username": "dave"]])
            await client.events.wait(for: "authenticate")
            #expect(client.events.lines.count == 1)
            #expect(await client.socket.authToken?["username"] == "dave")
            #expect(try await client.socket.invoke("whoami")?.value()["authToken"]?["username"] == "dave")
        }
    }

    @Test(arguments: [false, true])
    func `the server takes the identity away`(isConfirmed: Bool) async throws {
        try await EndToEnd.anywhere { test in
            let token = try EndToEnd.token()
            let client = try await test.connected(token: token)
            await client.socket.subscribe("room", waitForAuth: true)
            await client.events.wait(for: "subscribe room")
            client.events.take()
            try await client.socket.invoke("logout", .bool(isConfirmed))
            await client.events.wait(for: "removeAuthToken")
            #expect(
                client.events.lines == [
                    "authStateChange authenticated>unauthenticated", "deauthenticate \(token)",
                    "removeAuthToken \(token)",
                ]
            )
            #expect(client.store.value == nil)
            // The subscription survives (contract §9.5).
            let channel = client.socket.channel("room")
            async let data = channel.once(timeout: .seconds(30))
            while !client.socket.core.channelStreams.isListening(to: "room") { await Task.yield() }
            try await client.socket.invokePublish("room", 1)
            #expect(try await data.value() == 1)
        }
    }

    @Test
    func `the client gives its identity up`() async throws {
        try await EndToEnd.anywhere { test in
            let token = try EndToEnd.token()
            let client = try await test.connected(token: token)
            client.events.take()
            await client.socket.deauthenticate()
            await client.events.wait(for: "removeAuthToken")
            #expect(
                client.events.lines == [
                    "authStateChange authenticated>unauthenticated", "deauthenticate \(token)",
                    "removeAuthToken \(token)",
                ]
            )
            #expect(client.store.value == nil)
            #expect(try await client.socket.invoke("whoami")?.value() == ["isAuthenticated": false, "authToken": nil])
            #expect(client.events.lines.count == 3)
        }
    }

    /// Found by the clock or with a pong; or with the next event (contract §9.5).
    @Test(arguments: [false, true])
    func `a token that expires is taken away`(isCalling: Bool) async throws {
        try await EndToEnd.anywhere { test in
            let client = try await test.connected()
            let claims: JSONValue = ["username": "x", "exp": .integer(WallClock.seconds() + 1)]
            try await client.socket.invoke("token", ["claims": claims])
            if isCalling {
                while !client.events.lines.contains(where: { $0.hasPrefix("removeAuthToken") }) {
                    try await client.socket.invoke("echo")
                }
            }
            await client.events.wait(for: "removeAuthToken")
            let events = client.events.lines.map { String($0.prefix { $0 != " " }) }
            #expect(
                events.dropFirst(2) == [
                    "authStateChange", "authenticate", "authStateChange", "deauthenticate", "removeAuthToken",
                ]
            )
        }
    }

    @Test
    func `a token is renewed before it expires`() async throws {
        try await EndToEnd.anywhere { test in
            let renewed = try EndToEnd.token(["username": "new", "exp": 4_102_444_800])
            let short = try EndToEnd.token(["username": "old", "exp": .integer(WallClock.seconds() + 30)])
            let asked = Locked<[String]>([])
            let client = try test.client(token: short) {
                $0.authTokenRefresh = AGAuthTokenRefresh { token in
                    asked.change { $0.append(token.signed) }
                    return renewed
                }
            }
            await client.events.wait(for: "authenticate \(renewed)")
            #expect(asked.value == [short])
            await client.socket.storageIdle()
            #expect(client.store.value == renewed)
            #expect(client.events.lines.filter { $0.hasPrefix("authStateChange") }.count == 1)
        }
    }

    @Test
    func `a store that cannot be read ends the attempt with 4003`() async throws {
        try await EndToEnd.anywhere { test in
            let client = try test.client {
                ($0.authTokenStore as? TestTokenStore)?.isReadable.value = false
            }
            client.store.isWritable.value = false
            await client.events.wait(for: "close!")
            client.store.isReadable.value = true
            await client.events.wait(for: "connect ")
            #expect(
                client.events.lines.prefix(5) == [
                    "connecting", "error StorageError: unreadable", "connectAbort 4003 StorageError: unreadable",
                    "close! 4003 StorageError: unreadable",
                    "error SocketProtocolError: Failed to complete handshake code=4003",
                ]
            )
            client.events.take()
            try await client.socket.authenticate(try EndToEnd.token())
            await client.events.wait(for: "error")
            await client.socket.deauthenticate()
            await client.events.wait(for: "error", count: 2)
            #expect(
                client.events.lines.map { String($0.prefix { $0 != " " }) } == [
                    "authStateChange", "authenticate", "error", "authStateChange", "deauthenticate", "error",
                ]
            )
        }
    }
}

extension AGClientSocket {
    /// Waits until the store has done what it was asked to.
    func storageIdle() async {
        await core.storageTail?.value
    }
}
