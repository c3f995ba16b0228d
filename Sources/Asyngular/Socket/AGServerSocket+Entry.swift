extension AGServerSocket {
    /// A way into the actor for the frame path, made once.
    ///
    /// `assumeIsolated` does the same, but it allocates a closure context and asks the runtime for the current executor
    /// each time (100 ns); this compares the thread.
    @safe
    struct EntryPoint: Sendable {
        fileprivate let body: @Sendable (AGServerSocket) -> Void

        init(_ body: @escaping @Sendable (isolated AGServerSocket) -> Void) {
            // What `assumeIsolated` does: the isolation of a parameter is not part of how a function is called.
            self.body = unsafe unsafeBitCast(body, to: (@Sendable (AGServerSocket) -> Void).self)
        }
    }

    /// A way into the actor for the end of its connection.
    @safe
    struct EndPoint: Sendable {
        fileprivate let body: @Sendable (AGServerSocket, UInt16, String) -> Void

        init(_ body: @escaping @Sendable (isolated AGServerSocket, _ code: UInt16, _ reason: String) -> Void) {
            self.body = unsafe unsafeBitCast(body, to: (@Sendable (AGServerSocket, UInt16, String) -> Void).self)
        }
    }

    /// Runs the end. Must be called on the socket's event loop, which is checked.
    nonisolated func enter(_ end: EndPoint, code: UInt16, reason: String) {
        precondition(context.loop.isInEventLoop, "a socket was entered off its event loop")
        end.body(self, code, reason)
    }

    /// Runs an entry point. Must be called on the socket's event loop, which is checked.
    @inline(__always)
    nonisolated func enter(_ entry: EntryPoint) {
        precondition(context.loop.isInEventLoop, "a socket was entered off its event loop")
        entry.body(self)
    }
}
