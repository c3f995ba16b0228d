import CEventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension EventLoop {
    /// Makes a connection of a connected stream socket. Loop-confined.
    /// - Parameters:
    ///   - descriptor: The socket; owned by the connection from here on, closed at once if the loop is shut down.
    ///   - options: The connection's settings.
    ///   - handler: The connection's handler.
    public func adopt(_ descriptor: CInt, options: Connection.Options = .init(), handler: ConnectionHandler) {
        assertInLoop()
        if options.noDelay { _ = el_set_no_delay(descriptor) }
        open(descriptor, settings: Connection.Settings(options), handler: handler)
    }

    /// Makes a connection of a descriptor, which is closed on failure.
    @discardableResult
    func open(_ descriptor: CInt, settings: Connection.Settings, handler: ConnectionHandler) -> Connection? {
        guard isUsable, !isShuttingDown else {
            el_close(descriptor)
            return nil
        }
        let connection = Connection(loop: self, settings: settings)
        var raw: OpaquePointer?
        let owner = unsafe Unmanaged.passRetained(connection)
        guard unsafe el_connection_open(self.raw, descriptor, owner.toOpaque(), &raw) == 0 else {
            unsafe owner.release()
            el_close(descriptor)
            return nil
        }
        unsafe connection.raw = raw
        counters.activeConnections += 1
        connection.startReading()
        connection.setHandler(handler)
        return connection
    }

    /// Connects to an address.
    /// - Parameters:
    ///   - address: A numeric address or a path.
    ///   - options: The connection's settings.
    ///   - makeHandler: Makes the connection's handler, on the loop, once the connection is established.
    /// - Throws: ``EventLoopError`` if the connection could not be established.
    public func connect(
        to address: SocketAddress,
        options: Connection.Options = .init(),
        makeHandler: @escaping @Sendable (EventLoop) -> ConnectionHandler
    ) async throws(EventLoopError) {
        let status = await withCheckedContinuation { (continuation: CheckedContinuation<Int32, Never>) in
            execute {
                self.connect(to: address, options: options, makeHandler: makeHandler) {
                    continuation.resume(returning: $0)
                }
            }
        }
        guard status == 0 else { throw EventLoopError(errno: -status, operation: "connect to \(address)") }
    }

    private func connect(
        to address: SocketAddress,
        options: Connection.Options,
        makeHandler: @escaping @Sendable (EventLoop) -> ConnectionHandler,
        done: @escaping @Sendable (Int32) -> Void
    ) {
        guard isUsable, !isShuttingDown else { return done(-ESHUTDOWN) }
        switch address {
        case .unix(let path):
            let descriptor = unsafe path.withCString { unsafe el_connect_unix($0, path.utf8.count) }
            guard descriptor >= 0 else { return done(descriptor) }
            open(descriptor, settings: Connection.Settings(options), handler: makeHandler(self))
            done(0)
        case .ip(let host, let port):
            let storage = UnsafeMutableRawPointer.allocate(byteCount: Int(EL_ADDRESS_SIZE), alignment: 16)
            defer { unsafe storage.deallocate() }
            var status = unsafe el_address_parse(SocketAddress.numeric(host), Int32(clamping: port), storage)
            guard status == 0 else { return done(status) }
            let connection = Connection(loop: self, settings: Connection.Settings(options))
            connection.flags.insert(.connecting)
            connection.flags.remove(.open)
            connection.handler = ConnectHandler(makeHandler: makeHandler, done: done)
            var raw: OpaquePointer?
            let owner = unsafe Unmanaged.passRetained(connection)
            status = unsafe el_connection_connect(self.raw, storage, owner.toOpaque(), &raw)
            guard status == 0 else {
                unsafe owner.release()
                return done(status)
            }
            unsafe connection.raw = raw
            counters.activeConnections += 1
        }
    }
}

extension Connection {
    func connectEnded(_ status: Int32) {
        guard !flags.contains(.dead), let pending = handler as? ConnectHandler else { return }
        flags.remove(.connecting)
        guard status == 0, let raw = unsafe raw else {
            end(.failed, errno: -status)
            return
        }
        flags.insert(.open)
        if settings.options.noDelay { _ = unsafe el_set_no_delay(el_connection_fd(raw)) }
        startReading()
        setHandler(pending.makeHandler(loop))
        pending.done(0)
    }
}
