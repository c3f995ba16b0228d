/// A hierarchical timer wheel: six levels of 64 slots over ticks of 8 ms, so that setting and cancelling a timer cost a
/// few loads and stores whatever the number of timers.
///
/// A value without a clock: the caller says what time it is. A timer never fires before its deadline and at most one
/// tick after it (plus whatever the caller is late). Timers of different ticks fire in order of their ticks.
struct TimerWheel {
    /// One timer, or a free place in the slab.
    private struct Node {
        var target: TimerTarget?
        var tag: UInt32
        var generation: UInt32
        var next: Int32 = -1
        var previous: Int32 = -1
        // 32 bytes in all: an idle connection has one of these.
        private var tickLow: UInt32 = 0
        private var tickHigh: UInt16 = 0
        private var listIndex: Int16 = -1

        init(target: TimerTarget, tag: UInt32, generation: UInt32) {
            self.target = target
            self.tag = tag
            self.generation = generation
        }

        var tick: UInt64 {
            get { UInt64(tickHigh) << 32 | UInt64(tickLow) }
            set {
                tickLow = UInt32(truncatingIfNeeded: newValue)
                tickHigh = UInt16(truncatingIfNeeded: newValue >> 32)
            }
        }

        /// Index of the list the node is in.
        var list: Int32 {
            get { Int32(listIndex) }
            set { listIndex = Int16(truncatingIfNeeded: newValue) }
        }
    }

    private struct List {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    static let tickMilliseconds: UInt64 = 8
    private static let tickShift: UInt64 = 3
    private static let levels = 6
    private static let lastTick: UInt64 = (1 << 36) - 1
    private static let dueList = Int32(levels * 64)

    private var nodes: ContiguousArray<Node> = []
    private var lists = ContiguousArray(repeating: List(), count: levels * 64 + 1)
    private var occupied = ContiguousArray<UInt64>(repeating: 0, count: levels)
    private var firstFree: Int32 = -1
    /// The last tick whose timers were moved to the due list.
    private var elapsed: UInt64 = 0
    private let origin: UInt64

    /// Timers that are set.
    private(set) var count = 0

    /// Creates an empty wheel.
    /// - Parameter now: The present time in milliseconds of a monotonic clock.
    init(nowMilliseconds now: UInt64) {
        origin = now
    }

    /// Sets a timer.
    mutating func schedule(
        _ target: TimerTarget,
        tag: UInt32,
        afterMilliseconds delay: UInt64,
        nowMilliseconds now: UInt64
    ) -> TimerID {
        let (deadline, overflow) = (now &- origin).addingReportingOverflow(delay)
        // The tick after the deadline's own: the clock is cut to whole milliseconds, so the deadline's tick may be early.
        let tick = max(overflow ? Self.lastTick : min(deadline >> Self.tickShift + 1, Self.lastTick), elapsed + 1)
        let index: Int32
        if firstFree >= 0 {
            index = firstFree
            firstFree = nodes[Int(index)].next
            nodes[Int(index)].target = target
            nodes[Int(index)].tag = tag
            nodes[Int(index)].generation &+= 1
        } else {
            index = Int32(nodes.count)
            nodes.append(Node(target: target, tag: tag, generation: 1))
        }
        nodes[Int(index)].tick = tick
        place(index, tick: tick)
        count += 1
        return TimerID(index: UInt32(index), generation: nodes[Int(index)].generation)
    }

    /// Cancels a timer; nil if the identifier is stale.
    ///
    /// The target is returned so that it is released, and perhaps deinitialised, when the wheel is no longer accessed.
    mutating func cancel(_ id: TimerID) -> TimerTarget? {
        guard id.generation & 1 == 1, Int(id.index) < nodes.count,
            nodes[Int(id.index)].generation == id.generation
        else { return nil }
        let index = Int32(id.index)
        unlink(index)
        return free(index)
    }

    /// When ``popDue(nowMilliseconds:)`` may next have something to do; nil if no timer is set. Never later than the
    /// next timer, and possibly earlier.
    var nextWakeMilliseconds: UInt64? {
        if lists[Int(Self.dueList)].first >= 0 { return origin &+ elapsed << Self.tickShift }
        guard let next = nextOccupiedSlot() else { return nil }
        return origin &+ next.tick << Self.tickShift
    }

    /// Takes one timer that has come due. Call until nil. Timers may be set and cancelled between calls.
    mutating func popDue(nowMilliseconds now: UInt64) -> (target: TimerTarget, tag: UInt32)? {
        while true {
            let index = lists[Int(Self.dueList)].first
            if index >= 0 {
                unlink(index)
                let tag = nodes[Int(index)].tag
                return (free(index), tag)
            }
            let tick = (now &- origin) >> Self.tickShift
            guard let next = nextOccupiedSlot(), next.tick <= tick else {
                // Time that passed without timers must not leave later ones on coarse levels.
                if tick > elapsed { elapsed = min(tick, Self.lastTick) }
                return nil
            }
            elapsed = next.tick
            openSlot(level: next.level, slot: next.slot)
        }
    }

    /// Cancels everything; returns the targets for the same reason.
    mutating func removeAll() -> [TimerTarget] {
        var targets: [TimerTarget] = []
        for index in nodes.indices where nodes[index].generation & 1 == 1 {
            unlink(Int32(index))
            targets.append(free(Int32(index)))
        }
        return targets
    }

    // MARK: Slots

    /// Moves a slot's timers to the due list or to lower levels.
    private mutating func openSlot(level: Int, slot: Int) {
        let list = level * 64 + slot
        var index = lists[list].first
        lists[list] = List()
        occupied[level] &= ~(1 << UInt64(slot))
        while index >= 0 {
            let next = nodes[Int(index)].next
            let tick = nodes[Int(index)].tick
            if tick <= elapsed {
                append(index, to: Self.dueList)
            } else {
                place(index, tick: tick)
            }
            index = next
        }
    }

    /// The earliest slot with timers and the tick it begins at. A lower level's slots are all before those of the next.
    private func nextOccupiedSlot() -> (level: Int, slot: Int, tick: UInt64)? {
        for level in 0..<Self.levels where occupied[level] != 0 {
            let shift = UInt64(level * 6)
            // Lists of a level lie after the present slot within the present turn of that level.
            let slot = UInt64(occupied[level].trailingZeroBitCount)
            let base = elapsed & ~((1 << (shift + 6)) - 1)
            return (level, Int(slot), base | slot << shift)
        }
        return nil
    }

    private mutating func place(_ index: Int32, tick: UInt64) {
        let distance = (elapsed ^ tick) | 63
        let level = (63 - distance.leadingZeroBitCount) / 6
        let slot = Int(tick >> UInt64(level * 6)) & 63
        occupied[level] |= 1 << UInt64(slot)
        append(index, to: Int32(level * 64 + slot))
    }

    private mutating func append(_ index: Int32, to list: Int32) {
        let last = lists[Int(list)].last
        nodes[Int(index)].list = list
        nodes[Int(index)].previous = last
        nodes[Int(index)].next = -1
        if last >= 0 {
            nodes[Int(last)].next = index
        } else {
            lists[Int(list)].first = index
        }
        lists[Int(list)].last = index
    }

    private mutating func unlink(_ index: Int32) {
        let previous = nodes[Int(index)].previous
        let next = nodes[Int(index)].next
        let list = Int(nodes[Int(index)].list)
        if previous >= 0 {
            nodes[Int(previous)].next = next
        } else {
            lists[list].first = next
        }
        if next >= 0 {
            nodes[Int(next)].previous = previous
        } else {
            lists[list].last = previous
        }
        if lists[list].first < 0, list < Int(Self.dueList) {
            occupied[list >> 6] &= ~(1 << UInt64(list & 63))
        }
    }

    private mutating func free(_ index: Int32) -> TimerTarget {
        // Emptied in place: the node gives its reference away.
        let target = nodes[Int(index)].target.take()
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = firstFree
        firstFree = index
        count -= 1
        guard let target else { preconditionFailure("a set timer has a target") }
        return target
    }
}
