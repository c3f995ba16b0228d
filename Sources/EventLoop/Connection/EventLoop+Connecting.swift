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

    /// Begins to connect to an address. Loop-confined.
    ///
    /// Exactly one of the closures is called, once, on the loop: not from within this call, except that a Unix-domain socket is
    /// connected at once.
    /// - Parameters:
    ///   - address: A numeric address or a path.
    ///   - options: The connection's settings.
    ///   - makeHandler: Makes the connection's handler once the connection is established.
    ///   - failed: Told why it could not be established; with the code `shutDown` also after ``Connection/abort()``.
    /// - Returns: The connection to be, which can be given up by ``Connection/abort()``.
    /// - Throws: ``EventLoopError`` if not even a beginning could be made; neither closure is called then.
    public func startConnecting(
        to address: SocketAddress,
        options: Connection.Options = .init(),
        makeHandler: @escaping (EventLoop) -> ConnectionHandler,
        failed: @escaping (EventLoopError) -> Void
    ) throws(EventLoopError) -> Connection {
        assertInLoop()
        let operation = "connect to \(address)"
        let result = begin(address, options: options, makeHandler: makeHandler) { status in
            if status != 0 { failed(EventLoopError(errno: -status, operation: operation)) }
        }
        switch result {
        case .begun(let connection): return connection
        case .failed(let status): throw EventLoopError(errno: -status, operation: operation)
        }
    }

    private func connect(
        to address: SocketAddress,
        options: Connection.Options,
        makeHandler: @escaping (EventLoop) -> ConnectionHandler,
        done: @escaping (Int32) -> Void
    ) {
        guard case .failed(let status) = begin(address, options: options, makeHandler: makeHandler, done: done) else {
            return
        }
        done(status)
    }

    private enum Beginning {
        case begun(Connection)
        case failed(Int32)
    }

    /// Begins to connect; `done` is told 0 or a negated error number, unless this fails.
    private func begin(
        _ address: SocketAddress,
        options: Connection.Options,
        makeHandler: @escaping (EventLoop) -> ConnectionHandler,
        done: @escaping (Int32) -> Void
    ) -> Beginning {
        guard isUsable, !isShuttingDown else { return .failed(-ESHUTDOWN) }
        switch address {
        case .unix(let path):
            let descriptor = unsafe path.withCString { unsafe el_connect_unix($0, path.utf8.count) }
            guard descriptor >= 0 else { return .failed(descriptor) }
            let settings = Connection.Settings(options)
            guard let connection = open(descriptor, settings: settings, handler: makeHandler(self)) else {
                return .failed(-ENOMEM)
            }
            done(0)
            return .begun(connection)
        case .ip(let host, let port):
            let storage = UnsafeMutableRawPointer.allocate(byteCount: Int(EL_ADDRESS_SIZE), alignment: 16)
            defer { unsafe storage.deallocate() }
            var status = unsafe el_address_parse(SocketAddress.numeric(host), Int32(clamping: port), storage)
            guard status == 0 else { return .failed(status) }
            let connection = Connection(loop: self, settings: Connection.Settings(options))
            connection.flags.insert(.connecting)
            connection.flags.remove(.open)
            connection.handler = ConnectHandler(makeHandler: makeHandler, done: done)
            var raw: OpaquePointer?
            let owner = unsafe Unmanaged.passRetained(connection)
            status = unsafe el_connection_connect(self.raw, storage, owner.toOpaque(), &raw)
            guard status == 0 else {
                unsafe owner.release()
                return .failed(status)
            }
            unsafe connection.raw = raw
            counters.activeConnections += 1
            return .begun(connection)
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
