import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// The answer to a login comes before its token, whatever the program's order (contract §9.4, "Login ordering").
@Suite struct AuthLoginOrderTests {
    private static let login = #"{"event":"login","cid":2}"#
    private static let token = ##"{"event":"#setAuthToken","data":{"token":""##

    enum Order: CaseIterable {
        case answerFirst
        case tokenFirst
    }

    /// A task that is not the socket's, as a program has one for each connection.
    @Test(arguments: Order.allCases, [false, true])
    func fromATask(_ order: Order, _ onAnEngine: Bool) async throws {
        try await TestServer.run {
            if onAnEngine { $0.authEngine = AuthEngineTests.Engine() }
        } _: { server in
            let (client, socket) = try await server.pair()
            let requests = socket.procedure("login")
            for _ in 0..<20 {
                try client.send(Self.login)
                let request = try await requests.once(timeout: .seconds(10))
                switch order {
                case .answerFirst:
                    request.end()
                    try await socket.setAuthToken(["username": "bob"], rejectOnFailedDelivery: false)
                case .tokenFirst:
                    try await socket.setAuthToken(["username": "bob"], rejectOnFailedDelivery: false)
                    request.end()
                }
                #expect(try await client.text() == #"{"rid":2}"#)
                #expect(try await client.text().hasPrefix(Self.token))
            }
            #expect(await socket.run { $0.openRequests } == 0)
        }
    }

    /// On the loop, in one turn.
    @Test(arguments: Order.allCases)
    func fromAHandler(_ order: Order) async throws {
        try await TestServer.run { server in
            server.server.procedure("login") { socket, request in
                if order == .answerFirst { request.end() }
                try socket.setAuthToken(["username": "bob"])
                if order == .tokenFirst { request.end() }
            }
            let client = try await server.connected()
            try client.send(Self.login)
            #expect(try await client.text() == #"{"rid":2}"#)
            #expect(try await client.text().hasPrefix(Self.token))
        }
    }

    /// A task that does something else first does not keep the token from the client.
    @Test func theTokenDoesNotWaitForEver() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let requests = socket.procedure("login")
            try client.send(Self.login)
            let request = try await requests.once(timeout: .seconds(10))
            try await socket.setAuthToken(["username": "bob"])
            #expect(try await client.text().hasPrefix(Self.token))
            request.end()
            #expect(try await client.text() == #"{"rid":2}"#)
        }
    }

    /// What is sent after a token does not overtake it, and neither does a close.
    @Test(arguments: [true, false])
    func nothingOvertakesTheToken(_ isClosing: Bool) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let requests = socket.procedure("login")
            try client.send(Self.login)
            let request = try await requests.once(timeout: .seconds(10))
            try await socket.run { socket in
                try socket.setAuthToken(["username": "bob"])
                if isClosing { socket.disconnect(.normal) } else { socket.deauthenticate() }
            }
            #expect(try await client.text().hasPrefix(Self.token))
            if isClosing {
                try await client.expectClose(1000)
            } else {
                #expect(try await client.text() == ##"{"event":"#removeAuthToken"}"##)
            }
            withExtendedLifetime(request) {}
        }
    }

    /// A request that nobody answers is not counted when it is gone.
    @Test func droppedRequests() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let requests = socket.procedure("login")
            try client.send(Self.login)
            do {
                let request = try await requests.once(timeout: .seconds(10))
                #expect(request.event == "login")
                #expect(await socket.run { $0.openRequests } == 1)
            }
            while await socket.run({ $0.openRequests }) > 0 { await Task.yield() }
            try await socket.setAuthToken(["username": "bob"])
            #expect(try await client.text().hasPrefix(Self.token))
        }
    }
}
