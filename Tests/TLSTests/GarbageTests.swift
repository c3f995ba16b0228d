import EventLoop
import TLS
import Testing

@Suite(.timeLimit(.minutes(1)))
struct GarbageTests {
    @Test(
        "a peer that does not speak TLS is told from one that speaks it badly",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", TLSError.Code.notTLS), ("SSH-2.0-OpenSSH_9.2\r\n", .notTLS),
            ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", .notTLS), (String(repeating: "\u{0}", count: 100), .notTLS),
            ("\u{16}\u{3}\u{3}\u{7f}\u{7f}", .handshakeFailed),
        ],
        [TLSOptions.Role.client, .server]
    )
    func plain(text: (String, TLSError.Code), role: TLSOptions.Role) async throws {
        let certificates = try await Certificates.shared()
        let endpoint = Endpoint(try role == .client ? certificates.client() : certificates.server())
        let loop = try EventLoop()
        let ends = try socketPair()
        let peer = Peer(descriptor: ends.0)
        await loop.run { loop.adopt(ends.1, handler: endpoint) }
        try peer.send(text.0)
        let error = failure(await endpoint.outcome())
        #expect(error?.code == text.1, "\(error?.description ?? "")")
        peer.close()
        _ = await endpoint.end()
        await loop.shutdown()
    }

    @Test("random bytes end every handshake with an error, and nothing else")
    func random() async throws {
        let certificates = try await Certificates.shared()
        let contexts = try [certificates.client(), certificates.server()]
        let loop = try EventLoop()
        var state: UInt64 = 7
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for round in 0..<200 {
            let endpoint = Endpoint(contexts[round % 2])
            let ends = try socketPair()
            let peer = Peer(descriptor: ends.0)
            await loop.run { loop.adopt(ends.1, handler: endpoint) }
            var bytes = (0..<Int(next() % 400)).map { _ in UInt8(truncatingIfNeeded: next()) }
            // Half of them look like a record of the handshake.
            if round % 4 < 2, bytes.count > 8 { bytes.replaceSubrange(0..<5, with: [22, 3, 3, 0, 100]) }
            if round % 8 < 2, bytes.count > 8 { bytes.replaceSubrange(5..<9, with: [UInt8(1 + round % 2), 0, 0, 96]) }
            // The end may not have been reached in the handshake's eyes.
            try? peer.send(bytes)
            peer.endOutput()
            #expect(failure(await endpoint.outcome()) != nil)
            peer.close()
            _ = await endpoint.end()
        }
        #expect(await loop.run { loop.statistics.blocksInUse } == 0)
        await loop.shutdown()
    }

    @Test("a damaged record ends the connection behind what came before it", arguments: [TLSVersion.tls12, .tls13])
    func damaged(version: TLSVersion) async throws {
        let certificates = try await Certificates.shared()
        let client = Endpoint(try certificates.client { $0.maximumVersion = version })
        let server = Endpoint(try certificates.server())
        let loop = try EventLoop()
        let relay = try await DamagingRelay(client, server, on: loop)
        let running = Task { try await relay.run() }
        _ = try await client.outcome().get()
        _ = try await server.outcome().get()
        await loop.run { client.connection?.send(pattern(10)) }
        #expect(await server.receive(exactly: 10) == pattern(10))
        // In one piece: the good record is delivered, the bad one is not.
        relay.damagesLast.change { $0 = true }
        await loop.run {
            client.connection?.send(pattern(20))
            client.filter.flush()
        }
        #expect(await server.events.next() == .closed(.local))
        #expect(await loop.run { server.filter.failure?.code } == .protocolViolation)
        _ = await client.end()
        #expect(await loop.run { client.filter.failure?.code } == .refusedByPeer)
        // bad_record_mac
        #expect(await loop.run { client.filter.failure?.alert } == 20)
        try await running.value
        await loop.shutdown()
    }
}
