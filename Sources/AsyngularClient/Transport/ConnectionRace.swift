/// Several addresses of one host, tried one beside the other until one answers (RFC 8305, "Happy Eyeballs"): inputs in,
/// actions out.
struct ConnectionRace {
    enum Action: Equatable {
        /// Begin to connect to the address with this index.
        case attempt(Int)
        /// Call ``ConnectionRace/delayPassed()`` after the attempt delay, and not any more for an earlier request.
        case setTimer
        /// Give up the attempts with these indices.
        case abandon([Int])
        /// None can be connected to.
        case giveUp
    }

    private let count: Int
    private var next = 0
    private var running: [Int] = []
    private(set) var isOver = false

    init(count: Int) {
        self.count = count
    }

    mutating func start() -> [Action] {
        guard count > 0 else {
            isOver = true
            return [.giveUp]
        }
        return attemptNext()
    }

    /// The attempt delay has passed.
    mutating func delayPassed() -> [Action] {
        guard !isOver, next < count else { return [] }
        return attemptNext()
    }

    /// An attempt failed: the next one begins at once (§5).
    mutating func failed(_ index: Int) -> [Action] {
        guard !isOver, let place = running.firstIndex(of: index) else { return [] }
        running.remove(at: place)
        if next < count { return attemptNext() }
        guard running.isEmpty else { return [] }
        isOver = true
        return [.giveUp]
    }

    /// An attempt is connected: the others are given up.
    mutating func connected(_ index: Int) -> [Action] {
        guard !isOver else { return [] }
        isOver = true
        let others = running.filter { $0 != index }
        running = []
        return others.isEmpty ? [] : [.abandon(others)]
    }

    private mutating func attemptNext() -> [Action] {
        running.append(next)
        next += 1
        return next < count ? [.attempt(next - 1), .setTimer] : [.attempt(next - 1)]
    }

    /// Puts addresses of two families in turn, beginning with the first one's family and keeping each family's order (§4).
    static func interleave<Address>(_ addresses: [Address], isFirstFamily: (Address) -> Bool) -> [Address] {
        guard let first = addresses.first else { return [] }
        let leads = isFirstFamily(first)
        let own = addresses.filter { isFirstFamily($0) == leads }
        let other = addresses.filter { isFirstFamily($0) != leads }
        var result: [Address] = []
        for index in 0..<max(own.count, other.count) {
            if index < own.count { result.append(own[index]) }
            if index < other.count { result.append(other[index]) }
        }
        return result
    }
}
