import BenchmarkKit
import EventLoop
import Testing

@testable import LoadGenerator

/// The drivers against a server of the tests' own, on the engine's loop.
struct DriverTests {
    private func withPeer<Result>(
        _ behaviour: ScriptedPeer.Behaviour,
        dialect: LoadTarget.Dialect = .socketcluster,
        _ body: (EventLoop, LoadPlan) async throws -> Result
    ) async throws -> Result {
        let servers = try EventLoopGroup(count: 1)
        let client = try EventLoop()
        let listener = try await Listener.bind(.ip(host: "127.0.0.1", port: 0), group: servers) { _ in
            ScriptedPeer(behaviour)
        }
        guard case .ip(_, let port) = listener.localAddress else { throw LoadDriver.Failure(description: "no port") }
        let target = try LoadTarget(url: "ws://127.0.0.1:\(port)/", dialect: dialect)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(client, LoadPlan(target: target)))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await servers.shutdown()
        return try result.get()
    }

    @Test func aStormCountsWhatGoesThrough() async throws {
        let outcome = try await withPeer(.init()) { loop, plan in
            let driver = StormDriver(loop: loop, plan: plan, shape: .init())
            try await driver.run(count: 10)
            await driver.beginMeasuring()
            try await driver.run(count: 50)
            return await driver.outcome()
        }
        #expect(outcome.operations == 50)
        #expect(outcome.failures == 0)
        #expect(outcome.histogram.count == 50)
    }

    @Test(arguments: [1, 16, 64], [1, 64, 5000])
    func echoesAreCounted(_ depth: Int, _ size: Int) async throws {
        let outcome = try await withPeer(.init()) { loop, plan in
            var shape = EchoDriver.Shape()
            shape.connections = 3
            shape.depth = depth
            shape.size = size
            let driver = EchoDriver(loop: loop, plan: plan, shape: shape)
            try await driver.prepare()
            await driver.beginMeasuring()
            await driver.start()
            while await driver.outcome().operations < 500 {}
            await driver.stop()
            let outcome = await driver.outcome()
            await driver.close()
            return outcome
        }
        #expect(outcome.failures == 0)
        #expect(outcome.histogram.count == outcome.operations)
    }

    @Test func pingsAreAnswered() async throws {
        let answered = try await withPeer(.init(pings: true)) { loop, plan in
            var shape = EchoDriver.Shape()
            shape.connections = 1
            let driver = EchoDriver(loop: loop, plan: plan, shape: shape)
            try await driver.prepare()
            await driver.beginMeasuring()
            await driver.start()
            // The peer echoes only what follows a pong.
            while await driver.outcome().operations < 20 {}
            await driver.close()
            return await driver.outcome()
        }
        #expect(answered.failures == 0)
    }

    @Test(arguments: [1, 16]) func aWrongAnswerIsAnError(_ depth: Int) async throws {
        let outcome = try await withPeer(.init(wrongNumberAfter: 5)) { loop, plan in
            var shape = EchoDriver.Shape()
            shape.connections = 1
            shape.depth = depth
            let driver = EchoDriver(loop: loop, plan: plan, shape: shape)
            try await driver.prepare()
            await driver.beginMeasuring()
            await driver.start()
            while await driver.outcome().failures == 0 {}
            return await driver.outcome()
        }
        #expect(outcome.failures == 1)
        #expect(outcome.operations == 5)
    }

    @Test func aRefusedHandshakeIsAnError() async throws {
        await #expect(throws: LoadDriver.Failure.self) {
            try await withPeer(.init(refuses: true)) { loop, plan in
                try await EchoDriver(loop: loop, plan: plan, shape: .init()).prepare()
            }
        }
    }
}
