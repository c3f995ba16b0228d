import CEventLoop
import Testing

@testable import EventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1)))
struct EventLoopConnectingTests {
    @Test("a connection made by this side works like an accepted one", arguments: [true, false])
    func connects(overIP: Bool) async throws {
        let path = "/tmp/el-\(getpid())-connects.sock"
        let server = try await Server(overIP ? .ip(host: "127.0.0.1", port: 0) : .unix(path: path)) { handler in
            handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        }
        let client = try EventLoop()
        let handler = RecordingHandler()
        try await client.connect(to: server.listener.localAddress) { loop in
            #expect(loop === client && loop.isInEventLoop)
            return handler
        }
        #expect(await handler.events.next() == .connected)
        await client.run { handler.connection?.write(SharedBytes([1, 2, 3])) }
        #expect(await handler.events.next() == .bytes([1, 2, 3]))
        await client.run { handler.connection?.close() }
        #expect(await handler.events.next() == .closed(.local))
        await server.listener.close()
        await client.shutdown()
        await server.shutdown()
    }

    @Test("a refused connection is a typed error and makes no handler")
    func refused() async throws {
        // Bound, so that no other test listens there.
        let bound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(bound) }
        #expect(bindToLoopback(bound) == 0)
        let address = try #require(SocketAddress(descriptor: bound, peer: false))
        let loop = try EventLoop()
        let made = Locked(false)
        do throws(EventLoopError) {
            try await loop.connect(to: address) { _ in
                made.change { $0 = true }
                return RecordingHandler()
            }
            Issue.record("connected to nobody")
        } catch {
            #expect(error.code == .connectionRefused)
        }
        #expect(!made.value)
        #expect(await loop.run { loop.statistics.activeConnections } == 0)
        await loop.shutdown()
    }

    @Test(
        "an invalid address is a typed error",
        arguments: [.ip(host: "nonsense", port: 1), .unix(path: "")] as [SocketAddress]
    )
    func invalid(address: SocketAddress) async throws {
        let loop = try EventLoop()
        do throws(EventLoopError) {
            try await loop.connect(to: address) { _ in RecordingHandler() }
            Issue.record("connected to nobody")
        } catch {
            #expect(error.code == .invalidAddress)
        }
        await loop.shutdown()
    }

    @Test("shutting down ends a connect under way")
    func shutdownWhileConnecting() async throws {
        let loop = try EventLoop()
        // A listener whose backlog is full answers nothing.
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let first = bindToLoopback(listening) == 0 ? listen(listening, 0) : -1
        defer { close(listening) }
        guard let address = SocketAddress(descriptor: listening, peer: false), first == 0 else {
            Issue.record("no listener")
            return
        }
        let peers = try [Peer(address)]
        async let outcome: EventLoopError? = {
            do throws(EventLoopError) {
                try await loop.connect(to: address) { _ in RecordingHandler() }
                return nil
            } catch {
                return error
            }
        }()
        while await loop.run({ loop.statistics.activeConnections }) == 0 { await Task.yield() }
        await loop.shutdown()
        #expect(await outcome?.code == .shutDown)
        _ = peers
    }

    @Test("a connect can be begun on the loop, and given up", arguments: [true, false])
    func startsConnecting(isAborted: Bool) async throws {
        let server = try await Server()
        let loop = try EventLoop()
        let handler = RecordingHandler()
        let failures = EventQueue<EventLoopError>()
        let address = server.listener.localAddress
        await loop.run {
            let connection = try? loop.startConnecting(
                to: address,
                makeHandler: { _ in handler },
                failed: { failures.append($0) }
            )
            #expect(connection?.isOpen == false)
            if isAborted { connection?.abort() }
            #expect(handler.events.remaining.isEmpty && failures.remaining.isEmpty)
        }
        if isAborted {
            #expect(await failures.next().code == .shutDown)
            #expect(handler.events.remaining.isEmpty)
        } else {
            #expect(await handler.events.next() == .connected)
            await loop.run { handler.connection?.abort() }
            #expect(await handler.events.next() == .closed(.aborted))
            #expect(failures.remaining.isEmpty)
        }
        await loop.shutdown()
        await server.shutdown()
    }

    @Test("what cannot even begin is thrown", arguments: ["nonsense", "fe80::1%nowhere", "1.2.3.4%lo", "::1%"])
    func cannotBegin(host: String) async throws {
        let loop = try EventLoop()
        await loop.run {
            do throws(EventLoopError) {
                _ = try loop.startConnecting(
                    to: .ip(host: host, port: 1),
                    makeHandler: { _ in RecordingHandler() },
                    failed: { _ in Issue.record("told as well") }
                )
                Issue.record("begun")
            } catch {
                #expect(error.code == .invalidAddress)
            }
        }
        await loop.shutdown()
    }

    @Test("the kernel watches a silent connection when asked to")
    func keepAlive() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        let values = await server.loop.run {
            handler.connection?.setKeepAlive(idleSeconds: 61, intervalSeconds: 11, probes: 3)
            guard let connection = handler.connection, let raw = unsafe connection.raw else { return [] as [Int32] }
            let descriptor = unsafe el_connection_fd(raw)
            let names = [
                (SOL_SOCKET, SO_KEEPALIVE), (Int32(IPPROTO_TCP), TCP_KEEPIDLE), (Int32(IPPROTO_TCP), TCP_KEEPINTVL),
                (Int32(IPPROTO_TCP), TCP_KEEPCNT),
            ]
            return names.map { level, name in
                var value: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                unsafe getsockopt(descriptor, level, name, &value, &size)
                return value
            }
        }
        #expect(values == [1, 61, 11, 3])
        peer.close()
        await server.shutdown()
    }

    @Test("an adopted socket is a connection")
    func adopts() async throws {
        var pair: [CInt] = [0, 0]
        #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        let peer = Peer(descriptor: pair[0])
        let loop = try EventLoop()
        let handler = RecordingHandler()
        await loop.run { [descriptor = pair[1]] in loop.adopt(descriptor, handler: handler) }
        try peer.send("x")
        #expect(await handler.events.next() == .connected)
        #expect(await handler.events.next() == .bytes([120]))
        peer.close()
        #expect(await handler.events.next() == .end)
        #expect(await handler.events.next() == .closed(.peerEnded))
        await loop.shutdown()
    }
}

private func bindToLoopback(_ descriptor: CInt) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return unsafe withUnsafePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
    }
}
