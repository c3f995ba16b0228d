import EventLoop
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1)))
struct UnixListenerTests {
    private func path(_ name: String = #function) -> String {
        "/tmp/el-\(getpid())-\(name.prefix { $0 != "(" }).sock"
    }

    private func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    @Test("connections over a Unix-domain socket", arguments: [1, 2])
    func echo(loops: Int) async throws {
        let path = path("echo\(loops)")
        let server = try await Server(.unix(path: path), loops: loops) { handler in
            handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        }
        #expect(server.listener.localAddress == .unix(path: path))
        for _ in 0..<10 {
            let (peer, handler) = try await server.connect()
            try peer.send("hello")
            #expect(try peer.receive(exactly: 5) == Array("hello".utf8))
            peer.close()
            #expect(await handler.events.first { $0 == .closed(.peerEnded) } == .closed(.peerEnded))
        }
        await server.listener.close()
        #expect(!exists(path))
        await server.shutdown()
    }

    @Test("a path somebody listens at is in use")
    func inUse() async throws {
        let path = path()
        let server = try await Server(.unix(path: path))
        await #expect(throws: EventLoopError.self) { try await Server(.unix(path: path)) }
        // And still works.
        _ = try await server.connect()
        await server.listener.close()
        await server.shutdown()
    }

    @Test("a socket file nobody listens at is replaced")
    func stale() async throws {
        let path = path()
        let first = try await Server(.unix(path: path))
        // Without closing the listener: the file stays.
        await first.shutdown()
        #expect(exists(path))
        let second = try await Server(.unix(path: path))
        _ = try await second.connect()
        // The first listener's file is gone, this one is not its to remove.
        await first.listener.close()
        #expect(exists(path))
        await second.listener.close()
        #expect(!exists(path))
        await second.shutdown()
    }

    @Test("a file that is no socket is left alone")
    func ordinaryFile() async throws {
        let path = path()
        let descriptor = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
        close(descriptor)
        await #expect(throws: EventLoopError.self) { try await Server(.unix(path: path)) }
        #expect(exists(path))
        unsafe unlink(path)
    }
}
