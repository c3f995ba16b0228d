import CEventLoop

/// An actor whose one job is the loop's whole run.
actor LoopRunner {
    private let loop: EventLoop

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    func run() {
        loop.runToEnd()
    }
}
