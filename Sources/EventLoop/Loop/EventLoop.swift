import CEventLoop
import DequeModule
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A thread that runs a libuv loop, and the serial executor of the actors that live on it.
///
/// Members marked loop-confined must be used on the loop's thread. A loop runs until ``shutdown()``.
@safe
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    /// Settings of a loop.
    public struct Options: Sendable {
        /// The thread's name, of which the system keeps 15 bytes. `loop` by default.
        public var name = "loop"
        /// Bytes of the receive buffer that all connections of the loop share. 512 KiB by default.
        public var receiveBufferSize = 512 * 1024
        /// Bytes of a regular output block. 20 KiB by default: a message of 16 KiB with what frames it fits into one.
        public var outputBlockSize = 20 * 1024
        /// Free output blocks kept for reuse. 256 by default.
        public var maximumPooledBlocks = 256
        /// The processor to pin the thread to; nil (the default) leaves it to the system.
        public var cpu: Int?
        /// The most connections accepted per listener in one turn; fewer, down to one, when the turn is spent
        /// (``EventLoop/isTurnSpent``). 16 by default. Who is not accepted waits in the backlog.
        public var acceptsPerTurn = 16
        /// Jobs run before the loop looks at its sockets again. 1024 by default.
        public var jobsPerDrain = 1024

        /// The default settings.
        public init() {}
    }

    /// A unit of work.
    enum Work {
        case serial(UnownedJob)
        case task(UnownedJob)
        case body(@Sendable () -> Void)
    }

    enum Phase {
        /// The loop runs or will; other threads wake it.
        case running
        /// The wake-up handle is gone; the loop's thread looks at the queue by itself.
        case draining
        /// The thread is done. Late jobs are run elsewhere, one after the other.
        case finished
    }

    @safe
    struct ThreadHandle: @unchecked Sendable {
        let raw: OpaquePointer
    }

    /// What other threads touch.
    struct Shared {
        var queue = Deque<Work>()
        var isWakePending = false
        var phase = Phase.running
        var isDrainingLate = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
        var thread: ThreadHandle?
    }

    let options: Options
    let raw: OpaquePointer
    let shared = Mutex(Shared())
    /// Threads that are waking the loop; its descriptor is closed when there are none.
    let wakers = Atomic<Int>(0)

    // Confined to the loop from here on. Exclusivity is not checked at run time where the hot path goes: no access
    // to one of these lasts while code of a handler, a job or a deinit runs.
    @safe @exclusivity(unchecked) var jobs = Deque<Work>()
    /// Bodies that run when the sockets have been looked at.
    @safe @exclusivity(unchecked) var afterPollBodies: [@Sendable () -> Void] = []
    /// Bodies that run one after the other while a turn has time left.
    @safe @exclusivity(unchecked) var lengthyBodies: Deque<@Sendable () -> Void> = []
    @safe @exclusivity(unchecked) var wheel: TimerWheel
    @safe @exclusivity(unchecked) var armedWake = UInt64.max
    @safe @exclusivity(unchecked) var dirty: [Unmanaged<Connection>]
    @safe @exclusivity(unchecked) var pool: OutputPool
    /// Patient connections whose input waits for a turn with time left.
    @safe @exclusivity(unchecked) var deferred: Deque<Connection> = []
    /// Room for what filters make of input, allocated when the first filter needs it.
    @exclusivity(unchecked) var filterBuffer: UnsafeMutableRawBufferPointer?
    /// Room to describe one write to the kernel.
    let vectors: UnsafeMutableBufferPointer<iovec>
    var acceptors: [ObjectIdentifier: Acceptor] = [:]
    /// What other modules keep once per loop, by its type.
    private var companions: [ObjectIdentifier: AnyObject] = [:]
    var spareDescriptor: CInt = -1
    /// The runner has entered the loop.
    @safe @exclusivity(unchecked) var isRunning = false
    /// Handles may be opened and timers set: until the loop has ended.
    var isUsable = true
    @safe @exclusivity(unchecked) var isBusy = false
    @safe @exclusivity(unchecked) var isShuttingDown = false
    @safe @exclusivity(unchecked) var turnBegan: UInt64 = 0
    /// Whether connections that are not patient (``Connection/setPatient(_:)``) have had input in the last 20 milliseconds: what
    /// can wait gets a smaller share of the turns then, so that those need not. Loop-confined.
    @safe @exclusivity(unchecked) public internal(set) var isHurried = false
    /// Until when it is so.
    @safe @exclusivity(unchecked) var hurriedUntil: UInt64 = 0
    /// Whether the loop is hurried, and patient connections had to be put off in the turn before this one.
    @safe @exclusivity(unchecked) var isContended = false
    /// Whether turns are measured in processor time too, and the thread\'s at the beginning of this one.
    @safe @exclusivity(unchecked) var measuresProcessorTime = false
    @safe @exclusivity(unchecked) var turnProcessorTime: UInt64 = 0
    @safe @exclusivity(unchecked) var counters = EventLoopStatistics()
    private var ownTaskExecutor: EventLoopTaskExecutor?

    /// Creates a loop and starts its thread.
    /// - Parameter options: Settings.
    /// - Throws: ``EventLoopError`` if the system has no descriptors, memory or threads left.
    public init(options: Options = .init()) throws(EventLoopError) {
        el_ignore_sigpipe()
        var created: OpaquePointer?
        let status = unsafe el_loop_create(&created, LoopCallbacks.table, max(options.receiveBufferSize, 4096))
        guard status == 0, let created = unsafe created else {
            throw EventLoopError(errno: -status, operation: "create an event loop")
        }
        self.options = options
        unsafe raw = created
        wheel = TimerWheel(nowMilliseconds: unsafe el_loop_now(created))
        pool = OutputPool(blockSize: options.outputBlockSize, maximumPooledBlocks: options.maximumPooledBlocks)
        unsafe filterBuffer = nil
        unsafe vectors = .allocate(capacity: 64)
        unsafe dirty = []
        unsafe dirty.reserveCapacity(64)
        jobs.reserveCapacity(64)
        ownTaskExecutor = EventLoopTaskExecutor(self)
        unsafe el_loop_set_owner(raw, Unmanaged.passUnretained(self).toOpaque())
        try startThread()
        // The loop runs inside a job of its own executor: a nested job, and a callback that enters an actor, then find
        // the executor already current, which halves the cost of assumeIsolated.
        let runner = LoopRunner(self)
        Task.detached { await runner.run() }
    }

    deinit {
        unsafe vectors.deallocate()
        unsafe filterBuffer?.deallocate()
        unsafe el_loop_free(raw)
    }

    /// Runs tasks that prefer it on this loop's thread.
    public var taskExecutor: EventLoopTaskExecutor {
        guard let ownTaskExecutor else { preconditionFailure("set by init") }
        return ownTaskExecutor
    }

    /// Whether the calling thread is the loop's.
    public var isInEventLoop: Bool {
        unsafe el_current_loop() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// Counters since the loop started. Loop-confined.
    public var statistics: EventLoopStatistics {
        assertInLoop()
        var statistics = counters
        statistics.blocksInUse = pool.inUse
        return statistics
    }

    /// Begins anew with ``EventLoopStatistics/longestTurnNanoseconds``, and measures the processor time of turns from now on,
    /// which costs two system calls a turn. Loop-confined.
    public func restartLongestTurn() {
        assertInLoop()
        counters.longestTurnNanoseconds = 0
        counters.longestTurnProcessorNanoseconds = 0
        // The turn that is on was not measured from its beginning.
        if !measuresProcessorTime { turnProcessorTime = el_thread_processor_nanoseconds() }
        measuresProcessorTime = true
    }

    /// The present time of a clock that only goes forward, for measuring how long something takes. On any thread.
    public static func monotonicNanoseconds() -> UInt64 { el_monotonic_nanoseconds() }

    /// The loop's monotonic time in milliseconds, as of the beginning of the turn. Loop-confined.
    public var nowMilliseconds: UInt64 {
        assertInLoop()
        return unsafe el_loop_now(raw)
    }

    /// What a module keeps once per loop: one object of a type, made when it is first asked for. Loop-confined.
    package func companion<Companion: AnyObject>(_ make: () -> Companion) -> Companion {
        assertInLoop()
        let type = ObjectIdentifier(Companion.self)
        if let known = companions[type] as? Companion { return known }
        let made = make()
        companions[type] = made
        return made
    }

    @inline(__always)
    func assertInLoop() {
        assert(isInEventLoop, "used outside of its event loop")
    }
}
