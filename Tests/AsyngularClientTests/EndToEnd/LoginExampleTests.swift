import Asyngular
import AsyngularClient
import Foundation
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The two ways to log in that the documentation shows (`Login.md`), as code that runs.
enum LoginExamples {
    /// HTTP first: a route answers with a token, which is stored before the client connects and is presented in its handshake.
    static func connect(port: UInt16, name: String, password: String) async throws -> AGClientSocket {
        var request = URLRequest(url: URL(string: "http://127.0.0.1:\(port)/login")!)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONEncoder().encode(["username": name, "password": password])
        let (body, response) = try await URLSession.shared.data(for: request)
        guard (response as? HTTPURLResponse)?.statusCode == 200 else {
            throw AGError(name: "LoginError", message: "Invalid user credentials")
        }
        let token = try JSONDecoder().decode([String: String].self, from: body)["token"] ?? ""

        var options = AGClientOptions(hostname: "127.0.0.1", port: port)
        options.autoConnect = false
        options.authTokenStore = InMemoryAuthTokenStore()
        try await options.authTokenStore?.saveToken(token, name: options.authTokenName)

        let client = try AsyngularClient.create(options)
        let connected = client.listener(.connect)
        await client.connect()
        let status = try await connected.once(timeout: .seconds(30))
        if let error = status.authError { throw error }
        return client
    }

    /// Over the WebSocket: a procedure sets the token. Its answer overtakes the token, so that the client waits for both.
    static func logIn(_ client: AGClientSocket, name: String, password: String) async throws -> AGClientAuthToken? {
        let authenticated = client.listener(.authenticate)
        return try await withThrowingTaskGroup(of: AGClientAuthentication?.self) { group in
            group.addTask { try await authenticated.once(timeout: .seconds(30)) }
            group.addTask {
                try await client.invoke("login", ["username": .string(name), "password": .string(password)])
                return nil
            }
            // A refusal leaves the group by its error, which cancels the wait for a token that will not come.
            for try await case let authentication? in group { return authentication.authToken }
            return nil
        }
    }
}

@Suite(.timeLimit(.minutes(2)))
struct LoginExampleTests {
    private func run(_ body: (EndToEnd) async throws -> Void) async throws {
        try await EndToEnd.run { _ in
        } setUp: { server in
            server.route(.post, "/login") { request in
                let credentials = try request.json()
                guard credentials["password"]?.stringValue == "right" else { throw AGHTTPError(.unauthorized) }
                let claims: JSONObject = ["username": credentials["username"] ?? ""]
                return .json(["token": .string(try server.auth.signToken(claims, server.signatureKey))])
            }
        } _: { test in
            try await body(test)
        }
    }

    @Test
    func `login by HTTP, then connect`() async throws {
        try await run { test in
            let client = try await LoginExamples.connect(port: UInt16(test.port), name: "alice", password: "right")
            #expect(await client.authToken?["username"] == "alice")
            #expect(await client.authState == .authenticated)
            let error = await #expect(throws: AGError.self) {
                try await LoginExamples.connect(port: UInt16(test.port), name: "alice", password: "wrong")
            }
            #expect(error?.name == "LoginError")
        }
    }

    @Test
    func `login over the WebSocket`() async throws {
        try await run { test in
            let client = try await test.connected()
            let error = await #expect(throws: AGError.self) {
                try await LoginExamples.logIn(client.socket, name: "bob", password: "wrong")
            }
            #expect(error?.name == "LoginError")
            let token = try await LoginExamples.logIn(client.socket, name: "bob", password: "right")
            #expect(token?["username"] == "bob")
            #expect(await client.socket.authToken == token)
        }
    }
}
