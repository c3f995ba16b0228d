import Testing

@testable import Asyngular

/// Who gets into the queue of the verification pool, and in which order.
@Suite struct VerificationQueueTests {
    private typealias Queue = VerificationQueue<String>

    /// Appends until one is refused.
    ///
    /// - Returns: how many were let in, and why the next was not.
    private func fill(
        _ queue: inout Queue,
        line: Int,
        lane: Queue.Lane,
        nanosecondsEach: Double = 0
    ) -> (Int, Queue.Refusal) {
        var count = 0
        while true {
            do throws(Queue.Refusal) {
                try queue.append("\(line)", line: line, lane: lane, nanosecondsEach: nanosecondsEach)
                count += 1
            } catch {
                return (count, error)
            }
        }
    }

    /// Three quarters are for newcomers; one line gets half of what it leaves to others.
    @Test func sharesOfTheRoom() throws {
        var queue = Queue(limit: 400, maximumWait: 0)
        #expect(fill(&queue, line: 1, lane: .newcomer) == (150, .share))
        #expect(fill(&queue, line: 2, lane: .newcomer) == (75, .share))
        #expect(fill(&queue, line: 3, lane: .newcomer) == (38, .share))
        // However many are heavy, somebody new gets in.
        for line in 4..<8 { #expect(fill(&queue, line: line, lane: .newcomer).0 > 0) }
        // Open sockets have room of their own.
        let (established, refusal) = fill(&queue, line: 1, lane: .established)
        #expect(established >= 50)
        #expect(refusal == .share)
        #expect(queue.count == queue.waiting)
        #expect(queue.waiting < 400)
    }

    @Test func full() throws {
        var queue = Queue(limit: 4, maximumWait: 0)
        for line in 0..<3 { try queue.append("", line: line, lane: .newcomer, nanosecondsEach: 0) }
        #expect(throws: Queue.Refusal.full) {
            try queue.append("", line: 9, lane: .newcomer, nanosecondsEach: 0)
        }
        try queue.append("", line: 9, lane: .established, nanosecondsEach: 0)
        #expect(throws: Queue.Refusal.full) {
            try queue.append("", line: 8, lane: .established, nanosecondsEach: 0)
        }
    }

    /// What was taken counts until it is settled.
    @Test func takenIsNotSettled() throws {
        var queue = Queue(limit: 2, maximumWait: 0)
        try queue.append("a", line: 0, lane: .established, nanosecondsEach: 0)
        try queue.append("b", line: 1, lane: .established, nanosecondsEach: 0)
        #expect(queue.popFirst() == "a")
        #expect(queue.waiting == 2)
        #expect(queue.count == 1)
        #expect(throws: Queue.Refusal.full) {
            try queue.append("c", line: 0, lane: .established, nanosecondsEach: 0)
        }
        queue.settled(1)
        try queue.append("c", line: 0, lane: .established, nanosecondsEach: 0)
        #expect(queue.waiting == 2)
    }

    /// Refused as soon as the wait would be too long; a network that sends little is not made to pay for one that sends much.
    @Test func tooSlow() throws {
        var queue = Queue(limit: 100_000, maximumWait: 2_000_000_000)
        // At 100 µs each, 20,000 fill 2 s.
        let (count, refusal) = fill(&queue, line: 1, lane: .newcomer, nanosecondsEach: 100_000)
        #expect(count == 20_001)
        #expect(refusal == .tooSlow)
        try queue.append("", line: 2, lane: .newcomer, nanosecondsEach: 100_000)
        // Open sockets are not refused for that.
        try queue.append("", line: 1, lane: .established, nanosecondsEach: 100_000)
        // One that nothing is ahead of is let in however slow it is.
        var empty = Queue(limit: 10, maximumWait: 1)
        try empty.append("", line: 1, lane: .newcomer, nanosecondsEach: 1e12)
        #expect(throws: Queue.Refusal.tooSlow) {
            try empty.append("", line: 2, lane: .newcomer, nanosecondsEach: 1e12)
        }
        // Also when it was handed over already.
        #expect(empty.popFirst() != nil)
        #expect(throws: Queue.Refusal.tooSlow) {
            try empty.append("", line: 2, lane: .newcomer, nanosecondsEach: 1e12)
        }
    }

    /// A flood in one lane leaves the other every second turn.
    @Test func lanesTakeTurns() throws {
        var queue = Queue(limit: 1000, maximumWait: 0)
        for _ in 0..<100 { try queue.append("new", line: 1, lane: .newcomer, nanosecondsEach: 0) }
        for _ in 0..<3 { try queue.append("open", line: 1, lane: .established, nanosecondsEach: 0) }
        let first = (0..<8).compactMap { _ in queue.popFirst() }
        #expect(first.filter { $0 == "open" }.count == 3)
        #expect(first.prefix(6).filter { $0 == "new" }.count == 3)
        #expect(first.suffix(2) == ["new", "new"])
        #expect(queue.count == 95)
    }

    @Test func removeAll() throws {
        var queue = Queue(limit: 10, maximumWait: 0)
        for name in ["a", "b", "c"] { try queue.append(name, line: 1, lane: .newcomer, nanosecondsEach: 0) }
        try queue.append("b", line: 1, lane: .established, nanosecondsEach: 0)
        #expect(queue.popFirst() != nil)
        queue.removeAll { $0 == "b" }
        #expect(queue.count == 1)
        #expect(queue.waiting == 2)
        #expect(queue.popFirst() == "c")
        #expect(queue.popFirst() == nil)
    }
}
