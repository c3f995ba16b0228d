import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(1)))
struct EventLoopCompanionTests {
    private final class First: Sendable {}
    private final class Second: Sendable {}

    @Test("a loop keeps one companion of each type, and lets go of it with itself")
    func companions() async throws {
        weak var kept: First?
        do {
            let loop = try EventLoop()
            let first = await loop.run {
                let first = loop.companion { First() }
                _ = loop.companion { Second() }
                let again = loop.companion {
                    Issue.record("made twice")
                    return First()
                }
                #expect(first === again)
                return first
            }
            kept = first
            await loop.shutdown()
        }
        while kept != nil { await Task.yield() }
    }
}
