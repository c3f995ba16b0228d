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
