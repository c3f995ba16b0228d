import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventLoopGroupTests {
    @Test("as many loops as asked for, at least one", arguments: [(-1, 1), (0, 1), (1, 1), (3, 3)])
    func count(asked: Int, made: Int) async throws {
        let group = try EventLoopGroup(count: asked)
        #expect(group.loops.count == made)
        await group.shutdown()
    }

    @Test("next() takes the loops in turn")
    func next() async throws {
        let group = try EventLoopGroup(count: 3)
        let taken = (0..<7).map { _ in group.next() }
        #expect(taken.map(ObjectIdentifier.init) == [0, 1, 2, 0, 1, 2, 0].map { ObjectIdentifier(group.loops[$0]) })
        await group.shutdown()
    }

    @Test("one loop per processor by default")
    func processors() async throws {
        let group = try EventLoopGroup()
        #expect(group.loops.count == EventLoopGroup.processorCount)
        #expect(EventLoopGroup.processorCount >= 1)
        await group.shutdown()
    }
}
