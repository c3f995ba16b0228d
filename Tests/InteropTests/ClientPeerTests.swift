import AsyngularClient
import Foundation
import SocketProtocol
import StrictJSON
import TLS
import Testing

extension Interop {
    /// The client against a server written by others, which breaks the rules on purpose (`Peers/client_peer.py`).
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct Client {
        /// A peer of one scenario and what it tells.
        private final class ScenarioPeer {
            let process: PeerProcess
            let port: UInt16
            let token: String

            init(_ scenario: String, _ arguments: [String] = []) async throws {
                let script = Locations.peers.appendingPathComponent("client_peer.py").path
                process = try PeerProcess([Locations.python().path, script, scenario] + arguments)
                let port = try #require(await process.line(containing: "PORT "))
                self.port = try #require(UInt16(port.dropFirst(5)))
                token = String(try #require(await process.line(containing: "TOKEN ")).dropFirst(6))
            }

            /// A client that comes back soon.
            func client(_ change: (inout AGClientOptions) -> Void = { _ in }) throws -> AGClientSocket {
                var options = AGClientOptions(hostname: "127.0.0.1", port: port)
                options.autoReconnectOptions = AGReconnectOptions(initialDelay: 10, maxDelay: 20)
                options.connectTimeout = 20_000
                options.authTokenStore = InMemoryAuthTokenStore()
                change(&options)
                return try AsyngularClient.create(options)
            }

            /// Waits for the scenario's end, and says how many connections it took.
            func passed(sourceLocation: SourceLocation = #_sourceLocation) async -> Int? {
                let line = await process.lines.next()
                #expect(line?.hasPrefix("PASS ") == true, "\(line ?? "the peer ended")", sourceLocation: sourceLocation)
                return line.flatMap { Int($0.dropFirst(5)) }
            }
        }

        private func echo(_ client: AGClientSocket, _ value: JSONValue) async throws -> JSONValue? {
            try await client.invoke("echo", value)?.value()
        }

        @Test("an answer that comes too late is dropped, and nobody else gets it")
        func late() async throws {
            let peer = try await ScenarioPeer("late")
            let client = try peer.client()
            await #expect { try await client.invoke("first", 1, ackTimeout: .milliseconds(100)) } throws: {
                ($0 as? AGError)?.name == "TimeoutError"
            }
            #expect(try await echo(client, "second") == "in time")
            #expect(try await echo(client, "third") == "third")
            #expect(await peer.passed() == 1)
            await client.disconnect()
        }

        @Test("answers to calls that were never made, and what is no packet, change nothing")
        func wrong() async throws {
            let peer = try await ScenarioPeer("wrong")
            let client = try peer.client()
            #expect(try await echo(client, "first") == "right")
            #expect(try await echo(client, "second") == "second")
            #expect(await peer.passed() == 1)
            await client.disconnect()
        }

        @Test("frames in single bytes and fragments, with control frames between them")
        func dribble() async throws {
            let peer = try await ScenarioPeer("dribble")
            let client = try peer.client()
            #expect(try await echo(client, "first") == .string(String(repeating: "ü", count: 100)))
            #expect(try await echo(client, "second") == "second")
            #expect(await peer.passed() == 1)
            await client.disconnect()
        }

        @Test("cut off at every ninth byte of the handshake's answer, the client comes back and the call is made")
        func reset() async throws {
            let peer = try await ScenarioPeer("reset")
            let client = try peer.client()
            // What was to be said on a connection that is lost fails, and may be tried again.
            var echoed: JSONValue?
            while echoed == nil {
                do {
                    echoed = try await echo(client, "again")
                } catch let error as AGError where error.name == "BadConnectionError" {
                    continue
                }
            }
            #expect(echoed == "again")
            #expect(await peer.passed() ?? 0 > 5)
            await client.disconnect()
        }

        private static let codes: [UInt16] = [
            1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 4000, 4001, 4002, 4003, 4005,
            4008, 4009, 4100, 4499, 4500, 4999,
        ]

        @Test("the server closes with each code of the contract's table")
        func closes() async throws {
            let peer = try await ScenarioPeer("close")
            for code in Self.codes { try await close(code, peer) }
        }

        private func close(_ code: UInt16, _ peer: ScenarioPeer) async throws {
            let client = try peer.client {
                $0.path = "/close/\(code)"
                $0.autoConnect = false
            }
            let disconnects = client.listener(.disconnect)
            let errors = client.listener(.error)
            await client.connect()
            let closure = try await disconnects.once(timeout: .seconds(20))
            #expect(closure.code.rawValue == code, "\(closure)")
            if code != 1005, code != 1006 { #expect(closure.reason == "because") }
            if code != 1000, code != 1001 {
                let error = try await errors.once(timeout: .seconds(20))
                #expect(error.name == "SocketProtocolError")
            }
            // Contract §15: 1000 and 4500 upwards are final.
            if code == 1000 || code >= 4500 {
                #expect(await peer.passed() != nil)
                #expect(await client.state == .closed)
                #expect(await !client.pendingReconnect)
            } else {
                #expect(try await echo(client, "back") == "back")
                #expect(await peer.passed() != nil)
            }
            await client.disconnect()
        }

        @Test("a token is kept over connections until the server takes it away")
        func token() async throws {
            let peer = try await ScenarioPeer("token")
            let store = InMemoryAuthTokenStore()
            let client = try peer.client {
                $0.authTokenStore = store
                $0.autoConnect = false
            }
            var iterator = client.listener(.authStateChange).makeAsyncIterator()
            var connects = client.listener(.connect).makeAsyncIterator()
            await client.connect()
            let gained = await iterator.next()
            #expect(gained?.newAuthState == .authenticated)
            #expect(gained?.signedAuthToken == peer.token)
            #expect(await iterator.next()?.newAuthState == .unauthenticated)
            for isAuthenticated in [false, true, false] {
                #expect(await connects.next()?.isAuthenticated == isAuthenticated)
            }
            #expect(try await echo(client, "without") == "without")
            #expect(await peer.passed() == 3)
            #expect(try await store.loadToken(name: "asyngular.authToken") == nil)
            await client.disconnect()
        }

        @Test("a bad token is kept until the server takes it away")
        func refusedToken() async throws {
            let peer = try await ScenarioPeer("refuseToken")
            let store = InMemoryAuthTokenStore()
            try await store.saveToken(peer.token, name: "asyngular.authToken")
            let client = try peer.client {
                $0.authTokenStore = store
                $0.autoConnect = false
            }
            var connects = client.listener(.connect).makeAsyncIterator()
            await client.connect()
            for _ in 0..<2 {
                let status = await connects.next()
                #expect(status?.isAuthenticated == false)
                #expect(status?.authError?.name == "AuthTokenInvalidError")
            }
            #expect(await connects.next()?.authError == nil)
            #expect(try await echo(client, "without") == "without")
            #expect(await peer.passed() == 3)
            #expect(try await store.loadToken(name: "asyngular.authToken") == nil)
            await client.disconnect()
        }

        @Test("pings of both versions are answered", arguments: [ProtocolVersion.v1, .v2])
        func pings(version: ProtocolVersion) async throws {
            let peer = try await ScenarioPeer(version == .v1 ? "pings1" : "pings2")
            let client = try peer.client { $0.protocolVersion = version }
            #expect(try await echo(client, "alive") == "alive")
            #expect(await peer.passed() == 1)
            await client.disconnect()
        }

        @Test("a server that sends no pings is left with 4000 and tried again")
        func silent() async throws {
            let peer = try await ScenarioPeer("silent")
            let client = try peer.client { $0.autoConnect = false }
            let disconnects = client.listener(.disconnect)
            await client.connect()
            #expect(try await disconnects.once(timeout: .seconds(20)).code.rawValue == 4000)
            #expect(try await echo(client, "back") == "back")
            #expect(await peer.passed() == 2)
            await client.disconnect()
        }

        @Test("the server calls the client")
        func asking() async throws {
            let peer = try await ScenarioPeer("asking")
            let client = try peer.client { $0.autoConnect = false }
            let requests = client.procedure("double")
            let serving = Task {
                for await request in requests {
                    if case .integer(let number) = request.value {
                        request.end(.integer(number * 2))
                    } else {
                        request.error(AGError(name: "NumberError", message: "not a number"))
                    }
                }
            }
            await client.connect()
            #expect(try await echo(client, "done") == "done")
            #expect(await peer.passed() == 1)
            serving.cancel()
            await client.disconnect()
        }

        @Test("over TLS, with a certificate of one's own where the server wants one")
        func secure() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("interop-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let script = Locations.root.appendingPathComponent("Tests/TLSTests/Peers/make-certificates").path
            let made = try await Command.run(URL(fileURLWithPath: "/usr/bin/env"), ["bash", script, folder.path])
            #expect(made.status == 0, "\(made.errors)")
            func file(_ name: String) -> PEMSource { .file(folder.appendingPathComponent(name).path) }
            var tls = TLSOptions()
            tls.trust = .only(file("ca.pem"))
            let anonymous = try TLSContext(tls)
            tls.identity = TLSIdentity(certificates: file("client.pem"), privateKey: file("client.key"))
            let known = try TLSContext(tls)
            for scenario in ["secure", "demanding"] {
                let peer = try await ScenarioPeer(scenario, [folder.path])
                let client = try peer.client {
                    $0.secure = true
                    $0.transport.tls = scenario == "demanding" ? known : anonymous
                }
                for text in ["one", "two"] { #expect(try await echo(client, .string(text)) == .string(text)) }
                let large = String(repeating: "x", count: 300_000)
                #expect(try await echo(client, .string(large)) == .string(large))
                #expect(await peer.passed() == 1)
                await client.disconnect()
                // By default the system's authorities are asked, and this one is none of them.
                let stranger = try peer.client {
                    $0.secure = true
                    $0.transport.tls = scenario == "demanding" ? anonymous : nil
                    $0.autoConnect = false
                    $0.autoReconnect = false
                }
                let closes = stranger.listener(.close)
                await stranger.connect()
                #expect(try await closes.once(timeout: .seconds(20)).code.rawValue == 1006)
            }
        }
    }
}
