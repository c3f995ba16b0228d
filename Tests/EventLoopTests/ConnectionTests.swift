import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test("bytes come back as they were sent")
    func echo() async throws {
        let server = try await Server { handler in
            handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        }
        let (peer, handler) = try await server.connect()
        try peer.send("hello")
        #expect(try peer.receive(exactly: 5) == Array("hello".utf8))
        peer.close()
        #expect(await handler.events.first { $0 == .end } == .end)
        #expect(await handler.events.next() == .closed(.peerEnded))
        await server.shutdown()
    }
}
