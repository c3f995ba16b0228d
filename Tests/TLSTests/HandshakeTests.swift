import EventLoop
import TLS
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HandshakeTests {
    @Test("two ends agree, exchange bytes, and say goodbye", arguments: [TLSVersion.tls12, .tls13])
    func established(version: TLSVersion) async throws {
        let certificates = try await Certificates.shared()
        let pair = try await Pair(
            certificates.client {
                $0.minimumVersion = version
                $0.maximumVersion = version
            },
            certificates.server()
        )
        let parameters = try await pair.client.outcome().get()
        #expect(try await pair.server.outcome().get() == parameters)
        #expect(parameters.version == version)
        #expect(parameters.cipherSuite.contains("GCM"))
        #expect(parameters.applicationProtocol == nil)
        #expect(!parameters.isResumed)
        await pair.with(pair.client) { $0.send(Array("hello".utf8)) }
        #expect(await pair.server.events.next() == .bytes(Array("hello".utf8)))
        await pair.with(pair.server) {
            $0.send(Array("good".utf8))
            $0.send(Array("bye".utf8))
            $0.close()
        }
        #expect(await pair.client.receive(exactly: 7) == Array("goodbye".utf8))
        #expect(await pair.client.events.next() == .end)
        #expect(await pair.server.end() == .local)
        _ = await pair.client.end()
        #expect(await pair.loop.run { pair.client.filter.failure == nil && pair.server.filter.failure == nil })
        #expect(await pair.loop.run { pair.loop.statistics.blocksInUse } == 0)
        await pair.shutdown()
    }

    @Test("output written before the handshake waits, counts as buffered, and comes in order")
    func early() async throws {
        let certificates = try await Certificates.shared()
        let client = Endpoint(try certificates.client())
        let server = Endpoint(try certificates.server())
        let content = pattern(300_000)
        let buffered = Locked(0)
        client.onConnected = { connection in
            connection.send(content)
            buffered.change { $0 = connection.bufferedBytes }
            // Closing waits as well.
            connection.close()
        }
        let pair = try await Pair(client, server)
        _ = try await server.outcome().get()
        #expect(await server.receive(exactly: content.count) == content)
        #expect(await server.events.next() == .end)
        #expect(await client.end() == .local)
        #expect(buffered.value >= content.count)
        await pair.shutdown()
    }

    @Test("output before the handshake is bounded")
    func earlyBounded() async throws {
        let certificates = try await Certificates.shared()
        var options = Connection.Options.patient
        options.outputLimit = 512 * 1024
        let loop = try EventLoop()
        let ends = try socketPair()
        let silent = Peer(descriptor: ends.0)
        let client = Endpoint(try certificates.client())
        client.onConnected = { connection in
            for _ in 0..<20 { connection.send(pattern(30_000)) }
        }
        await loop.run { [options] in loop.adopt(ends.1, options: options, handler: client) }
        #expect(await client.end() == .outputLimitExceeded)
        await loop.shutdown()
        _ = silent
    }

    @Test("the protocol above is negotiated")
    func protocols() async throws {
        let certificates = try await Certificates.shared()
        let server = try certificates.server { $0.applicationProtocols = ["h2", "http/1.1"] }
        for (offer, expected) in [(["http/1.1"], "http/1.1"), (["http/1.1", "h2"], "h2"), ([], nil)] {
            let pair = try await Pair(certificates.client { $0.applicationProtocols = offer }, server)
            #expect(try await pair.client.outcome().get().applicationProtocol == expected)
            #expect(try await pair.server.outcome().get().applicationProtocol == expected)
            await pair.shutdown()
        }
        let pair = try await Pair(certificates.client { $0.applicationProtocols = ["imap"] }, server)
        #expect(failure(await pair.client.outcome())?.alert == 120)
        #expect(failure(await pair.server.outcome())?.code == .handshakeFailed)
        await pair.shutdown()
        let unaware = try await Pair(
            certificates.client { $0.applicationProtocols = ["http/1.1"] },
            certificates.server()
        )
        #expect(try await unaware.client.outcome().get().applicationProtocol == nil)
        await unaware.shutdown()
    }

    @Test("versions without overlap are told by both ends")
    func versions() async throws {
        let certificates = try await Certificates.shared()
        let pair = try await Pair(
            certificates.client { $0.maximumVersion = .tls12 },
            certificates.server { $0.minimumVersion = .tls13 }
        )
        let error = failure(await pair.client.outcome())
        #expect(error?.code == .refusedByPeer)
        #expect(error?.alert == 70)
        #expect(failure(await pair.server.outcome())?.code == .unsupportedVersion)
        await pair.shutdown()
    }

    @Test("a silent peer is given up in time", arguments: [TLSOptions.Role.client, .server])
    func silence(role: TLSOptions.Role) async throws {
        let certificates = try await Certificates.shared()
        let context = try role == .client ? certificates.client() : certificates.server()
        let endpoint = Endpoint(context, timeout: 50)
        let loop = try EventLoop()
        let ends = try socketPair()
        let silent = Peer(descriptor: ends.0)
        await loop.run { loop.adopt(ends.1, handler: endpoint) }
        #expect(failure(await endpoint.outcome())?.code == .timedOut)
        #expect(await endpoint.end() == .aborted)
        #expect(await loop.run { endpoint.filter.failure?.code } == .timedOut)
        await loop.shutdown()
        _ = silent
    }

    @Test("a connection that ends before the handshake is reported once", arguments: [0, 1, 2])
    func ended(how: Int) async throws {
        let certificates = try await Certificates.shared()
        let endpoint = Endpoint(try certificates.client())
        let loop = try EventLoop()
        let ends = try socketPair()
        let peer = Peer(descriptor: ends.0)
        await loop.run { loop.adopt(ends.1, handler: endpoint) }
        switch how {
        case 0: peer.endOutput()
        case 1:
            await loop.run { endpoint.connection?.close() }
            peer.close()
        default: await loop.run { endpoint.connection?.abort() }
        }
        let first = await endpoint.events.next()
        guard case .refused(let error) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(error.code == .closed)
        // What this side has still to say has been read, or the close would wait for it.
        peer.close()
        guard case .closed = await endpoint.events.next() else {
            Issue.record("not closed")
            return
        }
        await loop.shutdown()
        #expect(endpoint.events.remaining.isEmpty)
    }

    @Test("names that cannot be one, and missing ones, fail without a byte sent")
    func names() async throws {
        let certificates = try await Certificates.shared()
        for name in [nil, "", "a b"] as [String?] {
            let endpoint = Endpoint(try certificates.client(), serverName: name)
            let loop = try EventLoop()
            let ends = try socketPair()
            let peer = Peer(descriptor: ends.0)
            let wasEarly = Locked(false)
            endpoint.onConnected = { _ in
                if !endpoint.events.remaining.isEmpty { wasEarly.change { $0 = true } }
            }
            await loop.run { loop.adopt(ends.1, handler: endpoint) }
            #expect(failure(await endpoint.outcome())?.code == .invalidServerName)
            #expect(!wasEarly.value)
            peer.endOutput()
            _ = await endpoint.end()
            await loop.shutdown()
        }
    }
}

func failure(_ result: Result<TLSParameters, TLSError>) -> TLSError? {
    if case .failure(let error) = result { error } else { nil }
}
