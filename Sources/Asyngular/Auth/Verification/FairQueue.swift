import DequeModule

/// Elements that wait in line by where they come from, and are taken from the lines in turn (stochastic fairness queueing,
/// McKenney 1990): who sends much waits behind its own, and not in front of everybody else's.
struct FairQueue<Element> {
    /// Lines. Two networks share one by chance only; which do so differs with each process.
    static var lineCount: Int { 256 }

    private var lines: [Deque<Element>]
    /// The lines that are not empty, in the order of their turns.
    private var turns: Deque<Int> = []
    /// Elements in all lines.
    private(set) var count = 0

    init() {
        lines = Array(repeating: [], count: Self.lineCount)
    }

    /// Elements in one line.
    func count(ofLine line: Int) -> Int { lines[line].count }

    /// The most elements that can be taken before one that is put in this line now.
    func countAhead(ofLine line: Int) -> Int {
        let own = lines[line].count
        let others = turns.count - (own > 0 ? 1 : 0)
        return min(count, own + (own + 1) * others)
    }

    mutating func append(_ element: Element, toLine line: Int) {
        if lines[line].isEmpty { turns.append(line) }
        lines[line].append(element)
        count += 1
    }

    /// The next element of the line whose turn it is.
    mutating func popFirst() -> Element? {
        guard let line = turns.popFirst() else { return nil }
        let element = lines[line].removeFirst()
        count -= 1
        if lines[line].isEmpty {
            // What a flood took is given back.
            lines[line] = []
        } else {
            turns.append(line)
        }
        return element
    }

    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        for line in turns {
            let before = lines[line].count
            lines[line].removeAll(where: isUnwanted)
            count -= before - lines[line].count
        }
        turns.removeAll { lines[$0].isEmpty }
    }
}
