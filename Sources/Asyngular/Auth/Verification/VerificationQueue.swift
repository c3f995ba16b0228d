/// What waits on one loop for the verification pool: bounded, refused early, and fair between networks and between sockets
/// that are open and sockets that want to be.
///
/// Knows nothing of threads, sockets or clocks.
struct VerificationQueue<Element> {
    /// What a token is for.
    enum Lane {
        /// `#authenticate` on a socket whose handshake is done.
        case established
        /// A token in a handshake.
        case newcomer
    }

    /// Why an element is not let in.
    enum Refusal: Error {
        /// The queue is full.
        case full
        /// The queue is not full, but this network's share of it is.
        case share
        /// It would wait longer than allowed.
        case tooSlow
    }

    /// Elements let in and not ``settled(_:)`` yet.
    private(set) var waiting = 0
    private var established = FairQueue<Element>()
    private var newcomers = FairQueue<Element>()
    private var isNewcomersTurn = false
    private let limit: Int
    private let maximumWait: UInt64

    /// - Parameters:
    ///   - limit: elements that may wait at once. The last quarter is kept for ``Lane/established``.
    ///   - maximumWait: how long a newcomer may have to wait, in nanoseconds.
    init(limit: Int, maximumWait: UInt64) {
        self.limit = limit
        self.maximumWait = maximumWait
    }

    /// Elements that have not been taken.
    var count: Int { established.count + newcomers.count }

    /// Lets an element in.
    ///
    /// One line gets no more than what is left for all the others (dynamic thresholds, Choudhury and Hahne 1998): alone it
    /// may fill half of the queue, beside another heavy one a third, and there is always room for somebody new.
    ///
    /// - Parameters:
    ///   - line: of its network, see ``FairQueue``.
    ///   - nanosecondsEach: how long each element before it takes, all workers together; 0 if not known yet.
    mutating func append(_ element: Element, line: Int, lane: Lane, nanosecondsEach: Double) throws(Refusal) {
        let room = limit - waiting - (lane == .newcomer ? limit / 4 : 0)
        guard room > 0 else { throw .full }
        switch lane {
        case .established:
            guard established.count(ofLine: line) < room else { throw .share }
            established.append(element, toLine: line)
        case .newcomer:
            guard newcomers.count(ofLine: line) < room else { throw .share }
            // Beside the other lane's every second turn, behind what is out already.
            let ahead = newcomers.countAhead(ofLine: line)
            let all = ahead + min(ahead + 1, established.count) + waiting - count
            guard Double(all) * nanosecondsEach <= Double(maximumWait) else { throw .tooSlow }
            newcomers.append(element, toLine: line)
        }
        waiting += 1
    }

    /// Takes the next element; the lanes take turns while both have some.
    ///
    /// It counts as waiting until it is ``settled(_:)``.
    mutating func popFirst() -> Element? {
        isNewcomersTurn.toggle()
        if isNewcomersTurn { return newcomers.popFirst() ?? established.popFirst() }
        return established.popFirst() ?? newcomers.popFirst()
    }

    /// So many of the elements taken are done with.
    mutating func settled(_ count: Int) {
        waiting -= count
    }

    /// Drops elements that wait for nothing any more.
    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        let before = count
        established.removeAll(where: isUnwanted)
        newcomers.removeAll(where: isUnwanted)
        waiting -= before - count
    }
}
