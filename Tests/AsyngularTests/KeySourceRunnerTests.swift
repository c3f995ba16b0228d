import JSONWebToken
import StrictJSON
import Synchronization
import Testing

@testable import Asyngular

/// How a source's keys get into a server.
@Suite struct KeySourceRunnerTests {
    /// Does what a test says.
    final class Scripted: AGKeySource {
        struct Failed: Error {
            let secret = "do not log this"
        }

        let initial: AGKeyRing?
        let body: @Sendable (AGKeyUpdates, Int) async throws -> Void
        private let runs = Mutex(0)

        init(initial: AGKeyRing? = nil, _ body: @escaping @Sendable (AGKeyUpdates, Int) async throws -> Void) {
            self.initial = initial
            self.body = body
        }

        func initialKeys() throws(KeyError) -> AGKeyRing? { initial }

        func run(_ updates: AGKeyUpdates) async throws {
            let count = runs.withLock { runs in
                runs += 1
                return runs
            }
            try await body(updates, count)
        }
    }

    private static func runner(_ source: Scripted, _ lines: LogRecorder.Lines) -> (KeySourceRunner, KeyStore) {
        let store = KeyStore(AGKeyRing(signature: nil, verification: .pending), source: source)
        let runner = KeySourceRunner(source, logger: LogRecorder.logger(lines)) { ring in
            guard ring.signature != nil else { return "refused" }
            store.update { $0 = ring }
            return nil
        }
        return (runner, store)
    }

    @Test func firstKeysAreWaitedFor() async {
        let lines = LogRecorder.Lines()
        let (runner, store) = Self.runner(
            Scripted { updates, _ in
                await Task.yield()
                #expect(updates.apply(AGKeyRing(signature: TestKey.old)))
            },
            lines
        )
        runner.start()
        await runner.waitForFirstKeys()
        #expect(store.signature?.keyID == "old")
        #expect(lines.all == ["info The auth keys were replaced"])
        // What has come is not waited for.
        await runner.waitForFirstKeys()
        runner.stop()
    }

    @Test func problemsAreLoggedOnce() async {
        let lines = LogRecorder.Lines()
        let (runner, store) = Self.runner(
            Scripted { updates, _ in
                for problem in ["one", "one", "two", "two", "one"] { updates.report(problem) }
                #expect(!updates.apply(AGKeyRing(signature: nil)))
                #expect(updates.apply(AGKeyRing(signature: TestKey.old)))
                updates.report("one")
                updates.report("one")
                #expect(updates.apply(AGKeyRing(signature: TestKey.new)))
            },
            lines
        )
        runner.start()
        while store.signature?.keyID != "new" { await Task.yield() }
        #expect(
            lines.all.filter { $0.hasPrefix("warning") } == [
                "warning Auth keys: one", "warning Auth keys: two", "warning Auth keys: one",
                "warning Auth keys: new keys are not used: refused", "warning Auth keys: one",
            ]
        )
        runner.stop()
    }

    @Test func failuresRestart() async throws {
        let lines = LogRecorder.Lines()
        let (runner, store) = Self.runner(
            Scripted { updates, run in
                if run == 1 { throw Scripted.Failed() }
                #expect(updates.apply(AGKeyRing(signature: TestKey.old)))
            },
            lines
        )
        runner.start()
        await runner.waitForFirstKeys()
        #expect(store.verification.isPending)
        #expect(lines.all == ["warning Auth keys: the source of the keys failed: Failed"])
        while store.verification.isPending { try await Task.sleep(for: .milliseconds(10)) }
        #expect(store.signature?.keyID == "old")
        runner.stop()
    }

    /// What comes late is not applied, and a source that waits is told to end.
    @Test func stopped() async {
        let lines = LogRecorder.Lines()
        let (ended, end) = AsyncStream<Bool>.makeStream()
        let (runner, store) = Self.runner(
            Scripted { updates, _ in
                updates.report("started")
                try? await Task.sleep(for: .seconds(3600))
                end.yield(updates.apply(AGKeyRing(signature: TestKey.old)))
            },
            lines
        )
        runner.start()
        await runner.waitForFirstKeys()
        runner.stop()
        for await isApplied in ended {
            #expect(!isApplied)
            break
        }
        #expect(store.verification.isPending)
    }

    // MARK: In a server

    /// Until the keys are there, tokens are neither good nor bad.
    @Test(arguments: AGAuthScheduling.tested)
    func withoutKeys(_ scheduling: AGAuthScheduling) async throws {
        let (go, start) = AsyncStream<Void>.makeStream()
        let source = ObservedKeySource(
            Scripted { updates, _ in
                updates.report("the keys are late")
                for await _ in go { updates.apply(AGKeyRing(signature: TestKey.old)) }
            }
        )
        try await TestServer.run(scheduling) {
            $0.authKey = nil
            $0.authKeySource = source
        } _: { server in
            let token = TestKey.token(TestKey.old)
            let client = try server.client()
            let (_, reply) = try await server.handshake(client, token: "\"\(token)\"")
            #expect(reply.contains(#""name":"AuthTokenError","isBadToken":false"#), "\(reply)")
            try await client.expectNothing()
            start.yield()
            #expect(await source.applied())
            try client.send(##"{"event":"#authenticate","data":"\##(token)","cid":2}"##)
            try await client.expect(#"{"rid":2,"data":{"isAuthenticated":true,"authError":null}}"#)
        }
    }

    /// A source is run as long as the server listens, and again when it listens again.
    @Test func runsWhileListening() async throws {
        let (runs, ran) = AsyncStream<Int>.makeStream()
        var options = AGServerOptions()
        options.authKeySource = Scripted(initial: AGKeyRing(signature: TestKey.old)) { _, run in
            ran.yield(run)
            try? await Task.sleep(for: .seconds(3600))
            ran.yield(-run)
        }
        let server = try AGServer(options: options)
        #expect(server.signatureKey?.keyID == "old")
        var seen: [Int] = []
        var iterator = runs.makeAsyncIterator()
        for _ in 0..<2 {
            try await server.listen(port: 0)
            try await server.listen(port: 0)
            seen.append(try #require(await iterator.next()))
            await server.close(within: .seconds(1))
            seen.append(try #require(await iterator.next()))
        }
        #expect(seen == [1, -1, 2, -2])
    }

    // MARK: The store

    @Test func readersSeeWholeRings() {
        let store = KeyStore(AGKeyRing(signature: TestKey.old))
        var reader = KeyStore.Reader(store)
        #expect(reader.current().signature?.keyID == "old")
        #expect(!store.isSymmetric)
        store.update { $0 = AGKeyRing(signature: TestKey.secret) }
        let ring = reader.current()
        #expect(ring.signature?.keyID == "secret")
        #expect(ring.verification.keys.map(\.keyID) == ["secret"])
        #expect(store.isSymmetric)
        store.verification = KeySet([TestKey.old.verificationKey])
        #expect(reader.current().verification.keys.map(\.keyID) == ["old"])
    }

    /// A token whose key has come meanwhile needs no question.
    @Test func refresh() async {
        let source = Scripted { _, _ in }
        let store = KeyStore(AGKeyRing(signature: TestKey.old), source: source)
        #expect(!store.isRefreshable)
        #expect(await store.refresh(forUnknownKeyID: "old") == .refreshed)
        #expect(await store.refresh(forUnknownKeyID: "other") == .unchanged)
        #expect(await store.refresh(forUnknownKeyOf: Array(TestKey.token(TestKey.old).utf8)) == .refreshed)
        #expect(await store.refresh(forUnknownKeyOf: Array("a.b.c".utf8)) == .unchanged)
    }
}
