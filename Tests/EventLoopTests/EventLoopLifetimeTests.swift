import Testing

@testable import EventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1)))
struct EventLoopLifetimeTests {
    @Test("a loop that did nothing shuts down and goes away")
    func idle() async throws {
        weak var weakLoop: EventLoop?
        do {
            let loop = try EventLoop()
            weakLoop = loop
            await loop.shutdown()
        }
        // The task that ran the loop may hold it a moment longer than the thread.
        while weakLoop != nil { await Task.yield() }
    }

    @Test("shutting down twice, and from several tasks at once, is the same as once")
    func repeated() async throws {
        let loop = try EventLoop()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await loop.shutdown() } }
        }
        await loop.shutdown()
    }

    @Test("live connections are aborted, and each handler hears of it once", arguments: [1, 50])
    func liveConnections(count: Int) async throws {
        let server = try await Server()
        var pairs: [(peer: Peer, handler: RecordingHandler)] = []
        for _ in 0..<count { pairs.append(try await server.connect()) }
        // Among them one with output in flight, one closing and one being accepted.
        await server.loop.run { [first = pairs[0].handler, last = pairs[count - 1].handler] in
            first.connection?.write(SharedBytes([UInt8](repeating: 1, count: 8 * 1024 * 1024)))
            last.connection?.close()
        }
        let waiting = try Peer(server.listener.localAddress)
        await server.shutdown()
        for (_, handler) in pairs {
            let closes = handler.events.remaining.filter { if case .closed = $0 { true } else { false } }
            #expect(closes == [.closed(.aborted)])
        }
        _ = waiting
    }

    @Test("an actor of a loop that is gone still gets its jobs done, one at a time")
    func lateJobs() async throws {
        actor Resident {
            let loop: EventLoop
            var calls = 0
            init(_ loop: EventLoop) { self.loop = loop }
            nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
            func call() async {
                calls += 1
                await Task.yield()
                #expect(loop.isInEventLoop)
            }
        }
        let loop = try EventLoop()
        let resident = Resident(loop)
        await resident.call()
        await loop.shutdown()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { await resident.call() } }
        }
        #expect(await resident.calls == 51)
    }

    @Test("nothing can be opened or set on a loop that is gone")
    func afterwards() async throws {
        let group = try EventLoopGroup(count: 1)
        await group.shutdown()
        let loop = group.loops[0]
        let target = RecordingHandler()
        #expect(await loop.run { loop.schedule(target, tag: 1, afterMilliseconds: 1) } == .none)
        await #expect(throws: EventLoopError.self) {
            try await Listener.bind(.ip(host: "127.0.0.1", port: 0), group: group) { _ in RecordingHandler() }
        }
        await #expect(throws: EventLoopError.self) {
            try await loop.connect(to: .ip(host: "127.0.0.1", port: 1)) { _ in RecordingHandler() }
        }
        #expect(target.events.remaining.isEmpty)
    }

    @Test("jobs submitted while the loop shuts down are all run")
    func racing() async throws {
        for _ in 0..<20 {
            let loop = try EventLoop()
            let count = Locked(0)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await loop.shutdown() }
                group.addTask {
                    for _ in 0..<200 { loop.execute { count.change { $0 += 1 } } }
                    await loop.run {}
                }
            }
            #expect(count.value == 200)
        }
    }

    @Test("the thread has the loop's name and processor")
    func thread() async throws {
        var options = EventLoop.Options()
        options.name = "named-loop"
        options.cpu = 0
        let loop = try EventLoop(options: options)
        let (name, status) = await loop.run {
            (contents("/proc/thread-self/comm"), contents("/proc/thread-self/status"))
        }
        #expect(name == "named-loop\n")
        #expect(status.contains("Cpus_allowed_list:\t0\n"))
        await loop.shutdown()
    }

    @Test(
        "the thread goes before others that wake up no later, where Linux knows such a wish",
        .enabled(if: schedulerSlice() != nil)
    )
    func shortSlice() async throws {
        let loop = try EventLoop()
        let slice = await loop.run { schedulerSlice() }
        #expect(slice == 100_000)
        #expect(schedulerSlice() != 100_000)
        await loop.shutdown()
    }

    @Test("turns are counted and timed")
    func statistics() async throws {
        let loop = try EventLoop()
        await loop.run {}
        await loop.run {}
        let statistics = await loop.run { loop.statistics }
        #expect(statistics.turns >= 2)
        #expect(statistics.longestTurnNanoseconds > 0)
        #expect(statistics.jobs >= 3)
        await loop.shutdown()
    }
}

/// Nanoseconds for which the calling thread runs on while others wait, on kernels where a thread can choose (6.12).
private func schedulerSlice() -> Int? {
    let release = contents("/proc/sys/kernel/osrelease").split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    guard release.count == 2, release[0] > 6 || (release[0] == 6 && release[1] >= 12) else { return nil }
    let lines = contents("/proc/thread-self/sched").split(separator: "\n")
    return lines.first { $0.hasPrefix("se.slice ") }.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
}

private func contents(_ path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY)
    defer { close(descriptor) }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
        count = unsafe max(read(descriptor, buffer.baseAddress, 8192), 0)
    }
    return String(decoding: bytes, as: UTF8.self)
}
