import JSONWebToken
import StrictJSON
import Testing

@testable import Asyngular

/// When a published key set is fetched, and what becomes of tokens whose key is not in it. Requests are counted, and the
/// time passes when a test says so.
@Suite struct JWKSKeySourceTests {
    private static let old = TestKey.publicJWK(TestKey.old)
    private static let new = TestKey.publicJWK(TestKey.new)

    /// A source that runs, with what it tells and what it asks.
    struct Running {
        let source: JWKSKeySource
        let fetcher: StubFetcher
        let time = ManualClock()
        let updates = KeyUpdates()

        init(own: AGKeyRing? = nil, _ configure: (inout JWKSKeySource.Options) -> Void = { _ in }) throws {
            var options = JWKSKeySource.Options()
            configure(&options)
            fetcher = StubFetcher(JWKSKeySourceTests.old)
            source = try JWKSKeySource(
                "https://issuer.example/jwks",
                fetcher: fetcher,
                own: own,
                options: options,
                clock: time.clock
            )
        }

        func run(_ body: (Running) async throws -> Void) async rethrows {
            try await updates.running(source) { try await body(self) }
        }

        /// The first set has come, and the source waits for the next.
        func settled(_ seconds: Int = 900) async {
            #expect(await updates.next() == .keys(nil, ["old"]))
            await time.waitForSleeper(seconds)
        }
    }

    // MARK: From time to time

    @Test(
        arguments: [
            (nil, 900), (0, 60), (59, 60), (61, 61), (3600, 3600), (86400, 86400), (86401, 86400), (Int.max / 2, 86400),
        ] as [(Int?, Int)]
    )
    func refreshInterval(_ maxAge: Int?, _ seconds: Int) async throws {
        let running = try Running()
        running.fetcher.answer(Self.old, maxAge: maxAge)
        await running.run { running in
            await running.settled(seconds)
            #expect(running.fetcher.requests == 1)
            running.fetcher.answer(Self.old, Self.new, maxAge: maxAge)
            running.time.advance(seconds)
            #expect(await running.updates.next() == .keys(nil, ["old", "new"]))
            #expect(running.fetcher.requests == 2)
        }
    }

    /// An answer that has not changed changes nothing, whether it says so or comes again.
    @Test func notModified() async throws {
        let running = try Running()
        running.fetcher.answer(Self.old, entityTag: #""one""#)
        await running.run { running in
            await running.settled()
            running.fetcher.answer { tag in
                #expect(tag == #""one""#)
                return JWKSResponse(status: 304, cacheControl: "max-age=120")
            }
            running.time.advance(900)
            await running.time.waitForSleeper(120)
            running.fetcher.answer(Self.old)
            running.time.advance(120)
            await running.time.waitForSleeper(900)
            running.fetcher.answer { tag in
                #expect(tag == nil)
                return JWKSResponse(status: 500)
            }
            running.time.advance(900)
            #expect(
                await running.updates.next() == .problem("the key set cannot be fetched: the answer has status 500")
            )
            #expect(running.fetcher.requests == 4)
        }
    }

    static let failures: [(JWKSResponse?, String)] = [
        (JWKSResponse(status: 500), "the answer has status 500"),
        (JWKSResponse(status: 302), "the answer has status 302"),
        (JWKSResponse(status: 204), "the answer has status 204"),
        (JWKSResponse(status: 200, body: Array("<html>".utf8)), "the JWK Set is not JSON, or names a member twice"),
        (JWKSResponse(status: 200, body: Array("{}".utf8)), #"the JWK Set has no array "keys""#),
        (JWKSResponse(status: 200, body: Array(#"{"keys":[]}"#.utf8)), "the JWK Set has no usable key"),
        (
            JWKSResponse(status: 200, body: [UInt8](repeating: 0x20, count: 512 * 1024 + 1)),
            "the JWK Set is longer than 524288 bytes"
        ),
        (
            JWKSResponse(status: 200, body: Array(TestKey.set(TestKey.privateJWK(TestKey.secret)).utf8)),
            "the JWK Set has no usable key"
        ),
        (nil, "unreachable"),
    ]

    /// The last good set stays in force; the next attempts come later and later.
    @Test(arguments: failures)
    func failing(_ response: JWKSResponse?, _ message: String) async throws {
        let running = try Running()
        await running.run { running in
            await running.settled()
            running.fetcher.answer { _ in
                guard let response else { throw JWKSFetchError("unreachable") }
                return response
            }
            running.time.advance(900)
            for delay in [5, 10, 20, 40, 80, 160, 300, 300] {
                #expect(await running.updates.next() == .problem("the key set cannot be fetched: \(message)"))
                await running.time.waitForSleeper(delay)
                running.time.advance(delay)
            }
            // What is good again is not applied again, but counts as fetched.
            running.fetcher.answer(Self.old, Self.new)
            var update = await running.updates.next()
            while case .problem = update {
                await running.time.waitForSleeper(300)
                running.time.advance(300)
                update = await running.updates.next()
            }
            #expect(update == .keys(nil, ["old", "new"]))
            await running.time.waitForSleeper(900)
        }
    }

    @Test func neverFetched() async throws {
        let running = try Running()
        running.fetcher.answer { _ in JWKSResponse(status: 304) }
        await running.run { running in
            #expect(
                await running.updates.next() == .problem("the key set cannot be fetched: the answer has status 304")
            )
            #expect(await running.source.refresh(forUnknownKeyID: "old") == .unavailable)
            #expect(running.fetcher.requests == 1)
        }
    }

    @Test func timeout() async throws {
        let running = try Running()
        running.fetcher.answer { _ in
            try await Task.sleep(for: .seconds(3600))
            throw JWKSFetchError("not reached")
        }
        await running.run { running in
            await running.time.waitForSleeper(10)
            running.time.advance(10)
            let update = await running.updates.next()
            #expect(update == .problem("the key set cannot be fetched: no answer within 10.0 seconds"))
        }
    }

    /// The errors of a client may hold anything.
    @Test func foreignErrors() async throws {
        struct Foreign: Error, CustomStringConvertible {
            let description = "with a secret"
        }
        let running = try Running()
        running.fetcher.answer { _ in throw Foreign() }
        await running.run { running in
            #expect(await running.updates.next() == .problem("the key set cannot be fetched: Foreign"))
        }
    }

    @Test(arguments: [false, true])
    func stale(_ hasOwn: Bool) async throws {
        let own = hasOwn ? AGKeyRing(signature: TestKey.secret) : nil
        let running = try Running(own: own) { $0.maximumStaleAge = .seconds(1000) }
        await running.run { running in
            #expect(
                await running.updates.next() == (hasOwn ? .keys("secret", ["secret", "old"]) : .keys(nil, ["old"]))
            )
            await running.time.waitForSleeper(900)
            running.fetcher.answer { _ in JWKSResponse(status: 503) }
            running.time.advance(900)
            guard case .problem? = await running.updates.next() else { return #expect(Bool(false)) }
            await running.time.waitForSleeper(5)
            running.time.advance(100)
            #expect(await running.updates.next() == (hasOwn ? .keys("secret", ["secret"]) : .keys(nil, [])))
            #expect(await running.updates.next() == .problem("the key set is too old to be believed"))
            #expect(await running.source.refresh(forUnknownKeyID: "old") == .unavailable)
        }
    }

    // MARK: Unknown keys

    @Test func foundByAToken() async throws {
        let running = try Running()
        await running.run { running in
            await running.settled()
            running.fetcher.answer(Self.old, Self.new)
            running.time.advance(30)
            #expect(await running.source.refresh(forUnknownKeyID: "new") == .refreshed)
            // The keys are in force before the answer.
            #expect(await running.updates.next() == .keys(nil, ["old", "new"]))
            #expect(await running.source.refresh(forUnknownKeyID: "new") == .refreshed)
            #expect(running.fetcher.requests == 2)
        }
    }

    /// However many tokens name however many keys: one fetch in 30 seconds.
    @Test func cooldown() async throws {
        let running = try Running()
        await running.run { running in
            await running.settled()
            // The first fetch is not long ago: nobody knows.
            running.time.advance(29)
            for index in 0..<100 {
                #expect(await running.source.refresh(forUnknownKeyID: "\(index)") == .unavailable)
            }
            #expect(running.fetcher.requests == 1)
            running.time.advance(1)
            #expect(await running.source.refresh(forUnknownKeyID: "unknown") == .unchanged)
            #expect(running.fetcher.requests == 2)
            // What was looked for is known to be missing; others are not.
            for _ in 0..<100 {
                #expect(await running.source.refresh(forUnknownKeyID: "unknown") == .unchanged)
                #expect(await running.source.refresh(forUnknownKeyID: "another") == .unavailable)
            }
            #expect(running.fetcher.requests == 2)
            running.time.advance(30)
            #expect(await running.source.refresh(forUnknownKeyID: "another") == .unchanged)
            #expect(running.fetcher.requests == 3)
        }
    }

    /// One fetch at a time, and a bounded number of tokens that wait for it.
    @Test func waiting() async throws {
        let running = try Running { $0.maximumWaiting = 10 }
        await running.run { running in
            await running.settled()
            running.time.advance(30)
            let (gate, open) = AsyncStream<Void>.makeStream()
            let text = Array(TestKey.set(Self.old, Self.new).utf8)
            running.fetcher.answer { _ in
                for await _ in gate {}
                return JWKSResponse(status: 200, body: text)
            }
            let outcomes = await withTaskGroup(of: AGKeyRefreshOutcome.self) { group in
                for _ in 0..<100 {
                    group.addTask { await running.source.refresh(forUnknownKeyID: "new") }
                }
                var outcomes: [AGKeyRefreshOutcome] = []
                for await outcome in group {
                    outcomes.append(outcome)
                    if outcomes.count == 90 { open.finish() }
                }
                return outcomes
            }
            #expect(outcomes[..<90].allSatisfy { $0 == .unavailable })
            #expect(outcomes[90...].allSatisfy { $0 == .refreshed })
            #expect(running.fetcher.requests == 2)
        }
    }

    /// While the URL fails nothing is known of unknown keys, and the known ones go on.
    @Test func unknownWhileFailing() async throws {
        let running = try Running()
        await running.run { running in
            await running.settled()
            running.fetcher.answer { _ in JWKSResponse(status: 503) }
            running.time.advance(30)
            #expect(await running.source.refresh(forUnknownKeyID: "new") == .unavailable)
            #expect(await running.source.refresh(forUnknownKeyID: "new") == .unavailable)
            #expect(running.fetcher.requests == 2)
            #expect(await running.source.refresh(forUnknownKeyID: "old") == .refreshed)
        }
    }

    /// Tokens of a key that the issuer has retired are bad, without a question.
    @Test func retired() async throws {
        let running = try Running()
        await running.run { running in
            await running.settled()
            running.fetcher.answer(Self.new)
            running.time.advance(900)
            #expect(await running.updates.next() == .keys(nil, ["new"]))
            await running.time.waitForSleeper(900)
            running.time.advance(60)
            for _ in 0..<10 { #expect(await running.source.refresh(forUnknownKeyID: "old") == .unchanged) }
            #expect(running.fetcher.requests == 2)
            // It may come back.
            running.fetcher.answer(Self.old, Self.new)
            running.time.advance(840)
            #expect(await running.updates.next() == .keys(nil, ["old", "new"]))
            #expect(await running.source.refresh(forUnknownKeyID: "old") == .refreshed)
        }
    }

    /// A source that does not run cannot put keys into force.
    @Test func notRunning() async throws {
        let running = try Running()
        #expect(await running.source.refresh(forUnknownKeyID: "old") == .unavailable)
        #expect(running.fetcher.requests == 0)
        #expect(try running.source.initialKeys() == nil)
        #expect(running.source.isRefreshable)
    }

    /// Keys that the server does not take are not in force, and so are not found.
    @Test func refusedByTheServer() async throws {
        let running = try Running()
        await running.run { running in
            await running.settled()
            running.updates.accept(false)
            running.fetcher.answer(Self.new)
            running.time.advance(900)
            #expect(await running.updates.next() == .keys(nil, ["new"]))
            let message = "the key set cannot be fetched: the keys do not fit the server's options"
            #expect(await running.updates.next() == .problem(message))
            #expect(await running.source.refresh(forUnknownKeyID: "old") == .refreshed)
        }
    }

    @Test func ownKeys() async throws {
        let running = try Running(own: AGKeyRing(signature: TestKey.secret))
        #expect(try running.source.initialKeys()?.signature?.keyID == "secret")
        await running.run { running in
            #expect(await running.updates.next() == .keys("secret", ["secret", "old"]))
        }
    }
}
