import EventLoop
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1)))
struct AcceptorTests {
    @Test("out of descriptors: newcomers are refused and counted, the loop does not spin and recovers")
    func outOfDescriptors() async {
        // In a process of its own, since the limit is the process's.
        await #expect(processExitsWith: .success) {
            let server = try await Server { handler in
                handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
            }
            let loop = server.loop
            let (peer, handler) = try await server.connect()
            // Sockets made in advance, and connected when there is no descriptor left for the other side.
            let early = (0..<3).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
            var held: [CInt] = []
            var limit = rlimit(rlim_cur: 256, rlim_max: 256)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            while true {
                let descriptor = unsafe open("/dev/null", O_RDONLY)
                if descriptor < 0 { break }
                held.append(descriptor)
            }
            // Kept: closing one would give the process a descriptor back.
            let newcomers = early.map { Peer(descriptor: $0) }
            for refused in newcomers {
                try refused.connect(to: server.listener.localAddress)
                // Closed by the server: an end or a reset, and no wait.
                let answer = try? refused.receive()
                guard answer == nil || answer == [] else { exit(2) }
            }
            guard await loop.run({ loop.statistics.refused }) == 3 else { exit(3) }
            // The others are still served.
            try peer.send("x")
            guard try peer.receive() == [120] else { exit(4) }
            // The loop sleeps while nothing happens.
            let turns = await loop.run { loop.statistics.turns }
            await loop.run { _ = loop.schedule(handler, tag: 9, afterMilliseconds: 100) }
            _ = await handler.events.first { $0 == .timer(9) }
            guard await loop.run({ loop.statistics.turns }) - turns < 10 else { exit(5) }
            for descriptor in held { close(descriptor) }
            let late = try Peer(server.listener.localAddress)
            try late.send("y")
            guard try late.receive() == [121] else { exit(6) }
            await server.shutdown()
            exit(0)
        }
    }
}
