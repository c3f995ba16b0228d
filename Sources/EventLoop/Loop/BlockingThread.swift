import CEventLoop

/// Threads for calls that block, such as the system's name look-up, away from loops and from Swift's own pool.
package enum BlockingThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Runs a closure on a thread of its own, which nobody waits for.
    /// - Parameters:
    ///   - name: The thread's name, of which the system keeps 15 bytes.
    ///   - body: What to run.
    /// - Returns: Whether there is such a thread; if not, the closure does not run.
    package static func run(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let owner = unsafe Unmanaged.passRetained(Body(body))
        let status = unsafe el_thread_run(
            { argument in
                guard let argument = unsafe argument else { return }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            },
            owner.toOpaque(),
            name
        )
        if status != 0 { unsafe owner.release() }
        return status == 0
    }
}
