import CBenchSupport
import EventLoop

/// One connection's calls. They are answered in order, so that the n-th answer belongs to the n-th call; its number is
/// compared as eight bytes.
final class EchoConnection: LoadConnection {
    @safe private unowned(unsafe) let driver: EchoDriver
    private let echoes: EchoFrames
    private let mask: Int
    /// When each call in flight was due, by slot.
    @safe @exclusivity(unchecked) private var due: [UInt64]
    @safe @exclusivity(unchecked) private var sent = 0
    @safe @exclusivity(unchecked) private var answered = 0
    /// Calls of an open loop that are due while the ring is full.
    @safe @exclusivity(unchecked) private var waiting: [UInt64] = []
    @safe @exclusivity(unchecked) private var now: UInt64 = 0
    @safe @exclusivity(unchecked) private var newlyAnswered = 0
    /// Answers not recorded yet, all to calls that were due at ``unrecordedDue``: one record for a batch.
    @safe @exclusivity(unchecked) private var unrecorded = 0
    @safe @exclusivity(unchecked) private var unrecordedDue: UInt64 = 0

    init(driver: EchoDriver, index: Int) {
        self.driver = driver
        echoes = driver.echoes
        mask = driver.echoes.slots - 1
        due = Array(repeating: 0, count: driver.echoes.slots)
        super.init(driver.plan, index)
    }

    override func opened() {
        driver.became(open: self)
    }

    override func failed(_ reason: String) {
        driver.lost(self, reason)
    }

    /// Sends calls.
    func send(_ count: Int, due moment: UInt64) {
        let slot = sent & mask
        for offset in 0..<count { due[(slot &+ offset) & mask] = moment }
        sent &+= count
        guard let connection else { return }
        if echoes.shared.isEmpty {
            let first = min(count, echoes.slots &- slot)
            unsafe write(slot, first, to: connection)
            if count > first { unsafe write(0, count &- first, to: connection) }
        } else {
            for offset in 0..<count { connection.write(echoes.shared[(slot &+ offset) & mask]) }
        }
    }

    /// Frames of neighbouring slots lie one behind the other: one copy for all of them.
    @unsafe
    private func write(_ slot: Int, _ count: Int, to connection: Connection) {
        let length = echoes.frameLength
        unsafe echoes.contiguous.withUnsafeBytes { frames in
            unsafe connection.withReservedOutput(count &* length) { output in
                unsafe output.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: frames[slot &* length..<(slot &+ count) &* length])
                )
                return count &* length
            }
        }
    }

    /// A call of an open loop is due.
    func enqueue(due moment: UInt64) {
        if waiting.isEmpty, sent &- answered < echoes.slots {
            send(1, due: moment)
        } else {
            waiting.append(moment)
        }
    }

    /// When each call without an answer was due.
    func eachOverdue(_ body: (UInt64) -> Void) {
        for number in answered..<sent { body(due[number & mask]) }
        for moment in waiting { body(moment) }
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        now = bench_now()
        consume(&bytes)
        guard newlyAnswered > 0 else { return }
        let count = newlyAnswered
        newlyAnswered = 0
        record()
        if driver.shape.rate == nil {
            if driver.isSending { send(count, due: now) }
        } else {
            var taken = 0
            while taken < waiting.count, sent &- answered < echoes.slots {
                send(1, due: waiting[taken])
                taken += 1
            }
            if taken > 0 { waiting.removeFirst(taken) }
        }
    }

    /// Most of the input, once the first answer has shown what they look like.
    @unsafe
    override func takeKnownFrames(_ input: UnsafeRawBufferPointer) -> Int {
        let shape = driver.answers
        guard shape.frame > 0, let base = input.baseAddress else { return 0 }
        let last = input.count &- shape.frame
        let first = answered
        var number = first
        var position = 0
        while position <= last, number < sent,
            unsafe shape.isFrame(base + position, expecting: echoes.digits[number & mask])
        {
            note(due[number & mask])
            position &+= shape.frame
            number &+= 1
        }
        answered = number
        newlyAnswered &+= number &- first
        return position
    }

    @unsafe
    override func message(_ bytes: UnsafeRawBufferPointer, length: Int) {
        guard answered < sent else { return }
        let slot = answered & mask
        guard
            unsafe driver.answers.matches(
                bytes,
                length: length,
                expecting: echoes.digits[slot],
                plain: echoes.isPlain
            )
        else {
            unsafe stray(bytes)
            return
        }
        answered &+= 1
        newlyAnswered &+= 1
        note(due[slot])
    }

    /// A call that was due then is answered.
    @inline(__always)
    private func note(_ moment: UInt64) {
        if moment != unrecordedDue {
            record()
            unrecordedDue = moment
        }
        unrecorded &+= 1
    }

    private func record() {
        guard unrecorded > 0 else { return }
        driver.answered(unrecorded, due: unrecordedDue, now: now)
        unrecorded = 0
    }

    /// Something else than the answer that is due. A server may say more than it was asked; a wrong answer ends the run.
    @unsafe
    private func stray(_ bytes: UnsafeRawBufferPointer) {
        guard unsafe echoes.isPlain || Search.contains("\"rid\"", in: bytes) else { return }
        fail("the server did not answer a call with its own data")
    }
}
