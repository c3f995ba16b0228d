import EventLoop
import Testing

/// Inverts every bit both ways, says hello first and goodbye last, and can be made to wait like a handshake.
private final class InvertingFilter: TransportFilter, @unchecked Sendable {
    var isReady: Bool
    let detachments = Locked(0)

    init(isReady: Bool = true) {
        self.isReady = isReady
    }

    private func send(_ byte: UInt8) {
        unsafe withReservedWireOutput(1) { buffer in
            unsafe buffer[0] = byte
            return 1
        }
    }

    override func attached() {
        send(UInt8(ascii: "+"))
    }

    override func detached() {
        detachments.change { $0 += 1 }
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        if !isReady {
            isReady = true
            flush()
            return
        }
        for index in 0..<bytes.byteCount {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            bytes.storeBytes(of: ~byte, toByteOffset: index, as: UInt8.self)
        }
        deliver(&bytes)
    }

    override func transform(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard isReady else { return 0 }
        // In parts, as records are.
        let count = min(bytes.count, 1000)
        unsafe withReservedWireOutput(count) { space in
            for index in 0..<count { unsafe space[index] = ~bytes[index] }
            return count
        }
        return count
    }

    override func closeOutput() {
        send(UInt8(ascii: "-"))
    }
}

@Suite(.timeLimit(.minutes(1)))
struct TransportFilterTests {
    private func inverted(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { ~$0 }
    }

    private func server(_ filter: InvertingFilter) async throws -> Server {
        try await Server { handler in
            handler.onConnected = { $0.attach(filter) }
            handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        }
    }

    @Test("bytes are transformed both ways, in order")
    func bothWays() async throws {
        let filter = InvertingFilter()
        let server = try await server(filter)
        let (peer, handler) = try await server.connect()
        #expect(try peer.receive(exactly: 1) == Array("+".utf8))
        let content = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        try peer.send(inverted(content))
        #expect(try peer.receive(exactly: content.count) == inverted(content))
        peer.endOutput()
        #expect(try peer.receive(exactly: 1) == Array("-".utf8))
        #expect(await handler.events.first { $0 == .end } == .end)
        #expect(await handler.events.next() == .closed(.peerEnded))
        #expect(filter.detachments.value == 1)
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        await server.shutdown()
    }

    @Test("output waits for the filter, is counted, and is sent when the filter is ready")
    func waits() async throws {
        let filter = InvertingFilter(isReady: false)
        let server = try await server(filter)
        let (peer, handler) = try await server.connect()
        await server.loop.run { handler.connection?.write(SharedBytes([1, 2, 3])) }
        #expect(try peer.receive(exactly: 1) == Array("+".utf8))
        #expect(await server.loop.run { handler.connection?.bufferedBytes } == 3)
        try peer.send("!")
        #expect(try peer.receive(exactly: 3) == inverted([1, 2, 3]))
        #expect(await server.loop.run { handler.connection?.bufferedBytes } == 0)
        await server.shutdown()
    }

    @Test("a graceful close lets the filter finish, and the filter still sees what arrives")
    func closeWhileWaiting() async throws {
        let filter = InvertingFilter(isReady: false)
        let server = try await server(filter)
        let (peer, handler) = try await server.connect()
        #expect(try peer.receive(exactly: 1) == Array("+".utf8))
        await server.loop.run {
            handler.connection?.write(SharedBytes([1]))
            handler.connection?.close()
        }
        #expect(try peer.receive(exactly: 1) == Array("-".utf8))
        try peer.send("!")
        #expect(try peer.receiveToEnd() == inverted([1]))
        peer.close()
        #expect(await handler.events.next() == .closed(.local))
        await server.shutdown()
    }

    @Test("a slow reader gets everything, and the limit holds for both chains")
    func limit() async throws {
        var options = Connection.Options()
        options.outputLimit = 1024 * 1024
        let filter = InvertingFilter()
        let server = try await Server(options: options) { handler in
            handler.onConnected = { $0.attach(filter) }
        }
        let (peer, handler) = try await server.connect(receiveBuffer: 4096)
        let chunk = SharedBytes([UInt8](repeating: 1, count: 100_000))
        while await server.loop.run({ handler.connection?.isOpen == true }) {
            await server.loop.run { handler.connection?.write(chunk) }
        }
        let reason = await handler.events.first { if case .closed = $0 { true } else { false } }
        #expect(reason == .closed(.outputLimitExceeded))
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        _ = peer
        await server.shutdown()
    }
}
