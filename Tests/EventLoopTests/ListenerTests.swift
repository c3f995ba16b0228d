import CEventLoop
import Testing

@testable import EventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1)))
struct ListenerTests {
    private func error(_ body: () async throws(EventLoopError) -> Void) async -> EventLoopError? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("port 0 becomes the port that was chosen", arguments: ["127.0.0.1", "localhost", "0.0.0.0", "::1"])
    func ephemeral(host: String) async throws {
        let server = try await Server(.ip(host: host, port: 0))
        guard case .ip(let localHost, let port) = server.listener.localAddress else {
            Issue.record("not an IP address")
            return
        }
        #expect(port > 0)
        #expect(localHost == (host == "localhost" ? "127.0.0.1" : host))
        await server.shutdown()
    }

    @Test("an address in use is a typed error, also between listeners of several loops", arguments: [1, 2], [1, 2])
    func inUse(first: Int, second: Int) async throws {
        let server = try await Server(loops: first)
        let group = try EventLoopGroup(count: second)
        let failure = await error { () throws(EventLoopError) in
            _ = try await Listener.bind(server.listener.localAddress, group: group) { _ in RecordingHandler() }
        }
        #expect(failure?.code == .addressInUse)
        #expect(failure?.errno == EADDRINUSE)
        await group.shutdown()
        await server.shutdown()
    }

    @Test(
        "an address that cannot be used is a typed error",
        arguments: [
            (.ip(host: "example.org", port: 80), .invalidAddress),
            (.ip(host: "", port: 80), .invalidAddress),
            (.ip(host: "127.0.0.1", port: 70_000), .invalidAddress),
            (.ip(host: "127.0.0.1", port: -1), .invalidAddress),
            (.ip(host: "192.0.2.1", port: 0), .addressNotAvailable),
            (.unix(path: ""), .invalidAddress),
            (.unix(path: "/tmp/" + String(repeating: "x", count: 120)), .invalidAddress),
            (.unix(path: "/tmp/a\0b"), .invalidAddress),
            (.unix(path: "/nonexistent/socket"), .io),
        ] as [(SocketAddress, EventLoopError.Code)]
    )
    func unusable(address: SocketAddress, code: EventLoopError.Code) async throws {
        let group = try EventLoopGroup(count: 2)
        let failure = await error { () throws(EventLoopError) in
            _ = try await Listener.bind(address, group: group) { _ in RecordingHandler() }
        }
        #expect(failure?.code == code)
        await group.shutdown()
    }

    @Test("several loops share one port and all of them get connections")
    func sharedPort() async throws {
        let server = try await Server(loops: 2) { handler in
            handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        }
        var peers: [Peer] = []
        for _ in 0..<64 { peers.append(try await server.connect().peer) }
        for (index, peer) in peers.enumerated() { try peer.send([UInt8(index)]) }
        for (index, peer) in peers.enumerated() { #expect(try peer.receive() == [UInt8(index)]) }
        let first = await server.group.loops[0].run { server.group.loops[0].statistics.accepted }
        let second = await server.group.loops[1].run { server.group.loops[1].statistics.accepted }
        #expect(first + second == 64)
        // 2^-64 apart from bad luck with the kernel's hash.
        #expect(first > 0 && second > 0)
        await server.shutdown()
    }

    @Test("accepted sockets have no delay, unless they shall", arguments: [true, false])
    func noDelay(isOn: Bool) async throws {
        var options = Connection.Options()
        options.noDelay = isOn
        let server = try await Server(options: options)
        let (peer, handler) = try await server.connect()
        let value = await server.loop.run { handler.connection?.socketOption(IPPROTO_TCP, TCP_NODELAY) }
        #expect(value == (isOn ? 1 : 0))
        _ = peer
        await server.shutdown()
    }

    @Test("close() stops accepting and leaves accepted connections alone")
    func close() async throws {
        // An address of its own, so that no other test gets the port.
        let server = try await Server(.ip(host: "127.0.0.77", port: 0), loops: 2) { handler in
            handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        }
        let (peer, _) = try await server.connect()
        await server.listener.close()
        await server.listener.close()
        #expect(throws: Peer.Failure(errno: ECONNREFUSED)) { try Peer(server.listener.localAddress) }
        try peer.send("x")
        #expect(try peer.receive() == [120])
        // The address is free again.
        let again = try await Server(server.listener.localAddress)
        await again.shutdown()
        await server.shutdown()
    }

    @Test("the kernel has room for the descriptors of a flood, so that no loop waits while it makes some")
    func reservation() async throws {
        let server = try await Server()
        guard let file = unsafe fopen("/proc/self/status", "r") else { throw Peer.Failure(errno: errno) }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        var size = 0
        while unsafe fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("FDSize:") else { continue }
            size = text.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
        }
        var limit = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(size >= min(Listener.reservedDescriptors, Int(clamping: limit.rlim_cur)))
        await server.shutdown()
    }

    @Test("more connections than are accepted in one turn are all accepted")
    func boundedAccept() async throws {
        var options = EventLoop.Options()
        options.acceptsPerTurn = 2
        let server = try await Server(loopOptions: options)
        // All of them wait before the loop looks.
        let peers = try (0..<20).map { _ in try Peer(server.listener.localAddress) }
        for _ in peers { _ = await server.handlers.next() }
        #expect(await server.loop.run { server.loop.statistics.accepted } == 20)
        await server.shutdown()
    }
}

extension Connection {
    fileprivate func socketOption(_ level: Int, _ name: Int32) -> Int32? {
        guard let raw = unsafe raw else { return nil }
        var value: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(el_connection_fd(raw), Int32(level), name, &value, &size)
        return value
    }
}
