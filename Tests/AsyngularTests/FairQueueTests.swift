import Testing

@testable import Asyngular

/// Lines that are served in turn.
@Suite struct FairQueueTests {
    private func drain(_ queue: inout FairQueue<String>) -> [String] {
        var order: [String] = []
        while let element = queue.popFirst() { order.append(element) }
        return order
    }

    @Test func linesTakeTurns() {
        var queue = FairQueue<String>()
        for index in 1...4 { queue.append("a\(index)", toLine: 7) }
        queue.append("b1", toLine: 200)
        for index in 1...2 { queue.append("c\(index)", toLine: 0) }
        #expect(queue.count == 7)
        #expect(queue.count(ofLine: 7) == 4)
        #expect(drain(&queue) == ["a1", "b1", "c1", "a2", "c2", "a3", "a4"])
        #expect(queue.count == 0)
    }

    /// Who comes back into line waits for the others' turn.
    @Test func emptyLineLosesItsTurn() {
        var queue = FairQueue<String>()
        queue.append("a1", toLine: 1)
        queue.append("b1", toLine: 2)
        queue.append("b2", toLine: 2)
        #expect(queue.popFirst() == "a1")
        queue.append("a2", toLine: 1)
        #expect(drain(&queue) == ["b1", "a2", "b2"])
    }

    /// The bound is never less than what really goes first.
    @Test func countAhead() {
        var queue = FairQueue<String>()
        #expect(queue.countAhead(ofLine: 3) == 0)
        for index in 0..<100 { queue.append("flood\(index)", toLine: 1) }
        // A newcomer's turn is the next but one, whatever the flood's length.
        #expect(queue.countAhead(ofLine: 3) == 1)
        #expect(queue.countAhead(ofLine: 1) == 100)
        queue.append("x", toLine: 3)
        #expect(queue.countAhead(ofLine: 3) == 3)
        queue.append("y", toLine: 3)
        let order = drain(&queue)
        #expect(order.firstIndex(of: "x") == 1)
        #expect(order.firstIndex(of: "y") == 3)
    }

    @Test func removeAll() {
        var queue = FairQueue<String>()
        for index in 1...4 { queue.append("a\(index)", toLine: 1) }
        queue.append("b1", toLine: 2)
        queue.append("c1", toLine: 3)
        queue.removeAll { $0 == "a2" || $0.hasPrefix("b") }
        #expect(queue.count == 4)
        #expect(drain(&queue) == ["a1", "c1", "a3", "a4"])
        queue.removeAll { _ in true }
        #expect(queue.count == 0)
    }
}
