import CEventLoop
import DequeModule

extension EventLoop {
    /// Called at the beginning of every callback; the first of a turn notes the time.
    @inline(__always)
    func enterCallback() {
        if turnBegan == 0 {
            turnBegan = el_monotonic_nanoseconds()
            isHurried = turnBegan < hurriedUntil
            isContended = unsafe isHurried && el_loop_deferrals(raw) > 0
            let share = share
            unsafe el_loop_set_patience(raw, turnBegan + share.nanoseconds, share.leastReads, share.mostReads)
            if measuresProcessorTime { turnProcessorTime = el_thread_processor_nanoseconds() }
        }
    }

    /// Whether what can wait for the next turn should: others' input is looked at in between. Sooner in a turn
    /// ``isHurried``.
    public var isTurnSpent: Bool {
        turnBegan != 0 && el_monotonic_nanoseconds() - turnBegan > share.nanoseconds
    }

    /// What this turn has for patient connections.
    private var share: TurnShare { isHurried ? .brief : .ample }

    private static let hurryNanoseconds: UInt64 = 20_000_000

    /// The turn's callbacks are done: jobs, then output.
    func afterPoll() {
        if !afterPollBodies.isEmpty { runAfterPollBodies() }
        if !lengthyBodies.isEmpty { runLengthyBodies() }
        drainJobs()
        if unsafe !dirty.isEmpty { flushDirty() }
        if !deferred.isEmpty { resumeDeferred() }
    }

    private func runAfterPollBodies() {
        enterCallback()
        let bodies = afterPollBodies
        // Those that are added meanwhile belong to the next turn.
        afterPollBodies = []
        for body in bodies { body() }
    }

    private func runLengthyBodies() {
        enterCallback()
        repeat {
            guard let body = lengthyBodies.popFirst() else { return }
            body()
        } while !isTurnSpent
    }

    /// As many as a turn may have time for, in the order in which they came.
    private func resumeDeferred() {
        for _ in 0..<share.mostReads {
            guard let connection = deferred.popFirst() else { return }
            connection.resumeDeferred()
        }
    }

    /// The loop is about to block.
    func beforePoll() {
        var rounds = 4
        while rounds > 0, unsafe !jobs.isEmpty || !dirty.isEmpty {
            rounds -= 1
            drainJobs()
            flushDirty()
        }
        if isShuttingDown {
            if !afterPollBodies.isEmpty { runAfterPollBodies() }
            continueShutdown()
        }
        let isBusy =
            unsafe !jobs.isEmpty || !dirty.isEmpty || !afterPollBodies.isEmpty || !deferred.isEmpty
            || !lengthyBodies.isEmpty
        if isBusy != self.isBusy {
            self.isBusy = isBusy
            if !isShuttingDown { unsafe el_loop_set_busy(raw, isBusy) }
        }
        armTimer()
        counters.turns &+= 1
        if turnBegan != 0 {
            let duration = el_monotonic_nanoseconds() - turnBegan
            if duration > counters.longestTurnNanoseconds { counters.longestTurnNanoseconds = duration }
            if measuresProcessorTime {
                let used = el_thread_processor_nanoseconds() - turnProcessorTime
                counters.longestTurnProcessorNanoseconds = max(used, counters.longestTurnProcessorNanoseconds)
            }
            if unsafe el_loop_take_impatient(raw) { hurriedUntil = turnBegan + duration + Self.hurryNanoseconds }
            turnBegan = 0
        }
    }

    /// Has a connection flushed at the end of the turn.
    func markDirty(_ connection: Connection) {
        guard connection.flags.isDisjoint(with: [.dirty, .dead]) else { return }
        connection.flags.insert(.dirty)
        unsafe dirty.append(Unmanaged.passUnretained(connection))
    }

    /// Sends a connection's answer before the turn goes on with others: with newcomers, who wait anyway.
    func flushAhead(_ connection: Connection) {
        guard connection.flags.contains(.dirty), let raw = unsafe connection.raw,
            unsafe !el_connection_is_patient(raw),
            unsafe dirty.last?.toOpaque() == Unmanaged.passUnretained(connection).toOpaque()
        else { return }
        unsafe dirty.removeLast()
        connection.flags.remove(.dirty)
        connection.flush()
    }

    /// Flushes the connections that are dirty now. Those that become so meanwhile have their turn in the next round, so
    /// that a handler that always has more to write cannot hold the loop.
    private func flushDirty() {
        let count = unsafe dirty.count
        guard count > 0 else { return }
        for index in 0..<count {
            unsafe dirty[index]._withUnsafeGuaranteedRef { connection in
                connection.flags.remove(.dirty)
                connection.flush()
            }
        }
        unsafe dirty.removeFirst(count)
    }

    /// The connection's handle is closed and the object about to be released.
    func connectionClosed(_ connection: Connection) {
        counters.activeConnections -= 1
        guard connection.flags.contains(.dirty) else { return }
        connection.flags.remove(.dirty)
        unsafe dirty.removeAll { unsafe $0.toOpaque() == Unmanaged.passUnretained(connection).toOpaque() }
    }
}
