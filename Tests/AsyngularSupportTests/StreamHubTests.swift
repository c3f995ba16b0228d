import Testing

@testable import AsyngularSupport

@Suite("StreamHub", .timeLimit(.minutes(1)))
struct StreamHubTests {
    @Test("Events go to the streams of their id")
    func events() async throws {
        let hub = StreamHub<Int, String>()
        #expect(!hub.isListening(to: 3))
        hub.emit(3, 1)
        let three = hub.events(3, as: Int.self, bufferLimit: 10)
        let four = hub.events(4, as: String.self, bufferLimit: 10)
        #expect(hub.isListening(to: 3))
        #expect(!hub.isListening(to: 5))
        hub.emit(3, 2)
        hub.emit(4, "x")
        hub.emit(5, 9)
        #expect(try await three.once() == 2)
        #expect(try await four.once() == "x")
        hub.finish()
        for await _ in three { Issue.record("an event of another id") }
        for await _ in hub.events(3, as: Int.self, bufferLimit: 1) { Issue.record("an event after the end") }
    }

    @Test("A payload nobody wants is not made")
    func lazyPayload() {
        let hub = StreamHub<Int, String>()
        func payload() -> Int {
            Issue.record("made")
            return 0
        }
        hub.emit(1, payload())
        let other = hub.events(2, as: Int.self, bufferLimit: 1)
        hub.emit(1, payload())
        withExtendedLifetime(other) {}
    }

    @Test("Names of procedures and receivers are apart; only those with readers are found")
    func names() {
        let hub = StreamHub<Int, String>()
        let name = Array("x".utf8)
        #expect(hub.procedure(named: name.rawBytes) == nil)
        var stream: AGStream<Int>? = hub.procedure("x", bufferLimit: 1)
        withExtendedLifetime(stream) {}
        #expect(hub.procedure(named: name.rawBytes) != nil)
        #expect(hub.receiver(named: name.rawBytes) == nil)
        #expect(hub.procedure(named: Array("y".utf8).rawBytes) == nil)
        stream = nil
        #expect(hub.procedure(named: name.rawBytes) == nil)
    }
}
