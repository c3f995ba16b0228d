import JSONWebToken
import Logging
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// No token, key or password is found in anything that is logged at trace level, in a text of an error or close frame, nor in
/// what `print` and `dump` make of the objects around them.
@Suite struct SecrecyTests {
    private static let password = "correct horse battery staple"
    private static let passphrase = "the-passphrase-of-the-private-key"
    private static let key = "a-secret-of-more-than-thirty-two-bytes-for-this-test"

    /// Where secrets must not be, and which.
    private final class Witness {
        private var secrets: [String] = []
        private(set) var texts: [String] = []

        func add(secret: String) {
            secrets.append(secret)
        }

        func add(pem: String) {
            for line in pem.split(separator: "\n") where !line.hasPrefix("-") { add(secret: String(line)) }
        }

        /// Payload and signature; a header is the same in everybody's tokens.
        func add(token: String) {
            for part in token.split(separator: ".").dropFirst() where part.count > 8 { add(secret: String(part)) }
        }

        func see(_ text: String) {
            texts.append(text)
        }

        /// What `print`, `debugPrint` and `dump` make of a value.
        func see(object: some Any) {
            texts += [String(describing: object), String(reflecting: object)]
            var dumped = ""
            dump(object, to: &dumped)
            texts.append(dumped)
        }

        func expectNoSecret() {
            #expect(secrets.count > 3)
            for secret in secrets {
                for text in texts where text.contains(secret) {
                    Issue.record("\(secret.prefix(6))… is in \(text.prefix(300))")
                }
            }
        }
    }

    private static func options(isSymmetric: Bool, _ scheduling: AGAuthScheduling) -> AGServerOptions {
        var options = AGServerOptions()
        options.authScheduling = scheduling
        options.pingTimeoutDisabled = true
        if isSymmetric {
            options.authPrivateKeyPassphrase = passphrase
            options.authKey = key
        } else {
            options.authPrivateKey = AuthKeyPairTests.privateKey
            options.authPublicKey = AuthKeyPairTests.publicKey
            options.authAlgorithm = .ES256
        }
        return options
    }

    /// Waits for one frame and gives its text to the witness, without the token that is meant to be in it.
    private func next(_ client: TestClient, _ witness: Witness) async {
        switch await client.next() {
        case .text(let text) where text.contains("#setAuthToken"):
            if let token = try? AuthSetTokenTests.token(of: text) { witness.add(token: token) }
        case .text(let text): witness.see(text)
        case .close(_, let reason): witness.see(reason)
        default: break
        }
    }

    @Test(arguments: [true, false], AGAuthScheduling.tested)
    func everyFlow(_ isSymmetric: Bool, _ scheduling: AGAuthScheduling) async throws {
        let witness = Witness()
        witness.add(secret: Self.password)
        witness.add(secret: Self.passphrase)
        witness.add(secret: Self.key)
        witness.add(pem: AuthKeyPairTests.privateKey)
        let log = RecordingLogHandler.Log()
        let options = Self.options(isSymmetric: isSymmetric, scheduling)
        let server = try AGServer(options: options, logger: Logger(label: "secrecy") { _ in RecordingLogHandler(log) })
        server.procedure("login") { socket, request in
            request.end()
            try socket.setAuthToken(["username": "bob"])
        }
        server.procedure("loginBadly") { socket, request in
            try socket.setAuthToken(["username": "bob", "exp": "soon"])
        }
        let events = Collected<AGServerSocketEvent<AGBadAuthToken>>()
        let listener = Task { for await event in server.listener(.badSocketAuthToken) { events.append(event) } }
        let sockets = Collected<AGServerSocket>()
        server.onConnection { sockets.append($0) }
        guard case .ip(_, let port) = try await server.listen(host: "127.0.0.1", port: 0) else { return }

        let algorithm: Algorithm = isSymmetric ? .HS256 : .ES256
        func sign(_ payload: JSONObject, _ key: SigningKey? = nil) throws -> String {
            var options = SigningOptions()
            options.algorithm = key == nil ? algorithm : nil
            let token = try server.auth.signToken(payload, key ?? server.signatureKey, options: options)
            witness.add(token: token)
            return token
        }
        let good = try sign(["username": "bob"])
        let tokens = [
            "\"\(good)\"",
            "\"\(try sign(["username": "bob", "exp": .integer(Int64(ForgedToken.past))]))\"",
            "\"\(try sign(["username": "bob", "nbf": .integer(Int64(ForgedToken.future))]))\"",
            "\"\(try sign(["username": "bob"], .hmac(secret: Array("another-secret-of-another-server!!".utf8))))\"",
            "\"\(good.dropLast(6))AAAAAA\"",
            "\"\(good.prefix(good.utf8.count - 30))\"",
            "{\"password\":\"\(Self.password)\"}",
            "\"\(Self.password)\"",
        ]
        var clients: [TestClient] = []
        for token in tokens {
            let client = try TestClient(port: port)
            clients.append(client)
            try client.send(##"{"event":"#handshake","data":{"authToken":\##(token)},"cid":1}"##)
            await next(client, witness)
            // Each also on an open socket, followed by a question, so that all answers are seen.
            for (index, token) in tokens.enumerated() {
                try client.send(##"{"event":"#authenticate","data":\##(token),"cid":\##(index + 2)}"##)
                await next(client, witness)
            }
            try client.send(#"{"event":"login","data":{"password":"\#(Self.password)"},"cid":50}"#)
            await next(client, witness)
            try client.send(##"{"event":"#removeAuthToken"}"##)
        }
        let revoked = AGRevocation.allTokens(ofSubject: Self.password)
        try await server.auth.revoke(revoked)
        server.verificationKey = KeySet([.hmac(secret: Array(Self.key.utf8))])
        for token in tokens {
            let client = try TestClient(port: port)
            clients.append(client)
            try client.send(##"{"event":"#handshake","data":{"authToken":\##(token)},"cid":1}"##)
            await next(client, witness)
            try client.send(#"{"event":"loginBadly","data":{"password":"\#(Self.password)"},"cid":2}"#)
            _ = await client.close()
        }
        for socket in sockets.values { witness.see(object: socket) }
        await server.close(within: .seconds(2))
        listener.cancel()

        for event in events.values { witness.see(object: event) }
        witness.see(object: server)
        witness.see(object: options)
        witness.see(object: server.options)
        witness.see(object: server.signatureKey)
        witness.see(object: server.verificationKey)
        witness.see(object: server.auth)
        for line in log.lines { witness.see(line) }
        #expect(log.lines.contains { $0.contains("The handshake was accepted") && $0.contains("socket") })
        #expect(log.lines.contains { $0.contains("A token was not accepted") })
        #expect(log.lines.contains { $0.contains("The authentication state changed") })
        #expect(log.lines.contains { $0.contains("The verification keys were replaced") })
        #expect(log.lines.contains { $0.contains("The socket closed") && $0.contains("4002") })
        #expect(events.values.count > 10)
        witness.expectNoSecret()
    }

    /// Tokens and passwords in HTTP requests: a login route, and upgrades with a token.
    @Test(arguments: AGAuthScheduling.tested)
    func httpFlow(_ scheduling: AGAuthScheduling) async throws {
        let witness = Witness()
        witness.add(secret: Self.password)
        witness.add(secret: Self.key)
        let log = RecordingLogHandler.Log()
        var options = Self.options(isSymmetric: true, scheduling)
        options.authUpgradeTokens = [.authorizationHeader]
        let server = try AGServer(options: options, logger: Logger(label: "secrecy") { _ in RecordingLogHandler(log) })
        server.route(.post, "/login") { request in
            if try request.json()["fail"] != nil { throw AGError(message: "refused \(Self.password)") }
            let token = try server.auth.signToken(["username": "bob"], server.signatureKey)
            return .json(["token": .string(token)])
        }
        let sockets = Collected<AGServerSocket>()
        server.onConnection { sockets.append($0) }
        guard case .ip(_, let port) = try await server.listen(host: "127.0.0.1", port: 0) else { return }

        func post(_ body: String) throws -> HTTPAnswer {
            let fields = ["Content-Type: application/json", "Content-Length: \(body.utf8.count)", "Connection: close"]
            return HTTPAnswer(
                try TestClient.http(port: port, HTTPAnswer.plain("POST", "/login?p=\(Self.key)", more: fields) + body)
            )
        }
        let login = try post(#"{"password":"\#(Self.password)"}"#)
        #expect(login.status == 200)
        let failure = try post(#"{"password":"\#(Self.password)","fail":true}"#)
        #expect(failure.status == 500)
        witness.see(failure.body)
        let token = try #require(try JSONValue(parsing: Array(login.body.utf8))["token"]?.stringValue)
        witness.add(token: token)
        for presented in [token, String(token.dropLast(6)) + "AAAAAA", Self.password.replacing(" ", with: "-")] {
            witness.add(secret: presented)
            let client = try TestClient(port: port, headers: ["Authorization: Bearer \(presented)"])
            witness.see(client.responseHead)
            guard client.responseHead.hasPrefix("HTTP/1.1 101") else { continue }
            try client.send(TestServer.handshake())
            await next(client, witness)
        }
        for socket in sockets.values {
            witness.see(object: socket)
            witness.see(object: socket.request)
        }
        #expect(sockets.values.count == 1)
        await server.close(within: .seconds(2))
        for line in log.lines { witness.see(line) }
        #expect(log.lines.contains { $0.contains("A route's handler failed") })
        witness.expectNoSecret()
    }

    /// What is wrong with options is said without repeating them.
    @Test func optionErrors() {
        let witness = Witness()
        witness.add(secret: Self.password)
        witness.add(secret: Self.passphrase)
        witness.add(pem: AuthKeyPairTests.privateKey)
        let changes: [(inout AGServerOptions) -> Void] = [
            { $0.authKey = AuthKeyPairTests.privateKey },
            { $0.authPrivateKey = AuthKeyPairTests.privateKey },
            {
                $0.authPrivateKey = AuthKeyPairTests.privateKey
                $0.authPublicKey = AuthKeyPairTests.otherPublicKey
                $0.authPrivateKeyPassphrase = Self.passphrase
            },
            {
                $0.authPrivateKey = Self.password
                $0.authPublicKey = AuthKeyPairTests.publicKey
            },
            {
                $0.authPrivateKey = AuthKeyPairTests.privateKey
                $0.authPublicKey = AuthKeyPairTests.privateKey
                $0.authAlgorithm = .RS256
            },
        ]
        for change in changes {
            var options = AGServerOptions()
            change(&options)
            witness.see(object: options)
            do {
                _ = try AGServer(options: options)
                Issue.record("accepted")
            } catch {
                witness.see(object: error)
            }
        }
        witness.expectNoSecret()
    }

    /// The other fields are still there.
    @Test func optionsArePrinted() {
        var options = AGServerOptions(authKey: Self.key)
        options.path = "/somewhere/"
        var dumped = ""
        dump(options, to: &dumped)
        #expect(dumped.contains("/somewhere/"))
        #expect("\(options)".contains("<redacted>"))
        #expect(options.authKey == Self.key)
    }
}
