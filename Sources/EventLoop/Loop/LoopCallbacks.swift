import CEventLoop

/// The functions libuv's callbacks arrive at. Each is the bottom of the loop's stack: jobs run when it is done.
enum LoopCallbacks {
    /// Set once; the shim keeps the pointer.
    nonisolated(unsafe) static let table: UnsafePointer<el_callbacks> = {
        let table = UnsafeMutablePointer<el_callbacks>.allocate(capacity: 1)
        unsafe table.initialize(
            to: el_callbacks(
                before_poll: { owner in unsafe loop(owner).beforePoll() },
                after_poll: { owner in unsafe loop(owner).afterPoll() },
                woken: { owner in unsafe woken(loop(owner)) },
                timer: { owner in
                    let loop = unsafe loop(owner)
                    loop.enterCallback()
                    loop.fireTimers()
                    loop.drainJobs()
                },
                readable: { owner, bytes, count in
                    guard let owner = unsafe owner else { return }
                    // The handle's reference holds it: one of its own here would be counted up and down for every message.
                    unsafe Unmanaged<Connection>.fromOpaque(owner)._withUnsafeGuaranteedRef { connection in
                        connection.loop.enterCallback()
                        unsafe connection.wireReadable(bytes, count)
                        connection.loop.drainJobs()
                        if connection.loop.isContended { connection.loop.flushAhead(connection) }
                    }
                },
                deferred: { owner in
                    let connection = unsafe connection(owner)
                    connection.loop.enterCallback()
                    connection.deferReading()
                },
                written: { owner, status, count in
                    let connection = unsafe connection(owner)
                    let loop = connection.loop
                    loop.enterCallback()
                    connection.writeEnded(status, count)
                    loop.drainJobs()
                },
                connected: { owner, status in
                    let connection = unsafe connection(owner)
                    let loop = connection.loop
                    loop.enterCallback()
                    connection.connectEnded(status)
                    loop.drainJobs()
                },
                connection_closed: { owner in unsafe closed(owner) },
                acceptable: { owner in
                    let acceptor = unsafe acceptor(owner)
                    let loop = acceptor.loop
                    loop.enterCallback()
                    acceptor.acceptWaiting()
                    loop.drainJobs()
                },
                acceptor_closed: { owner in
                    guard let owner = unsafe owner else { return }
                    let acceptor = unsafe Unmanaged<Acceptor>.fromOpaque(owner).takeRetainedValue()
                    acceptor.handleClosed()
                }
            )
        )
        return unsafe UnsafePointer(table)
    }()

    private static func woken(_ loop: EventLoop) {
        loop.enterCallback()
        loop.counters.wakeUps &+= 1
        loop.takeShared()
        loop.drainJobs()
    }

    private static func closed(_ owner: UnsafeMutableRawPointer?) {
        guard let owner = unsafe owner else { return }
        // The reference the handle held.
        let connection = unsafe Unmanaged<Connection>.fromOpaque(owner).takeRetainedValue()
        let loop = connection.loop
        loop.enterCallback()
        connection.handleClosed()
        loop.drainJobs()
    }

    @inline(__always)
    private static func loop(_ owner: UnsafeMutableRawPointer?) -> EventLoop {
        guard let owner = unsafe owner else { preconditionFailure("a loop has an owner") }
        return unsafe Unmanaged<EventLoop>.fromOpaque(owner).takeUnretainedValue()
    }

    @inline(__always)
    private static func connection(_ owner: UnsafeMutableRawPointer?) -> Connection {
        guard let owner = unsafe owner else { preconditionFailure("a connection has an owner") }
        return unsafe Unmanaged<Connection>.fromOpaque(owner).takeUnretainedValue()
    }

    @inline(__always)
    private static func acceptor(_ owner: UnsafeMutableRawPointer?) -> Acceptor {
        guard let owner = unsafe owner else { preconditionFailure("an acceptor has an owner") }
        return unsafe Unmanaged<Acceptor>.fromOpaque(owner).takeUnretainedValue()
    }
}
