import Testing

@testable import EventLoop

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

    @Test("received bytes may be changed in place")
    func inPlace() async throws {
        let server = try await Server { handler in
            handler.onReceive = { connection, bytes in
                for index in 0..<bytes.byteCount {
                    let byte = unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
                    bytes.storeBytes(of: byte ^ 0x20, toByteOffset: index, as: UInt8.self)
                }
                connection.write(bytes.bytes)
            }
        }
        let (peer, _) = try await server.connect()
        try peer.send("Hello")
        #expect(try peer.receive(exactly: 5) == Array("hELLO".utf8))
        await server.shutdown()
    }

    @Test("a handler set while receiving gets the calls from then on, the old one none")
    func handlerSwap() async throws {
        let second = RecordingHandler()
        let server = try await Server { handler in
            handler.onReceive = { [unowned handler] connection, _ in
                connection.setHandler(second)
                #expect(handler.connection == nil)
                #expect(second.connection === connection)
            }
        }
        let (peer, first) = try await server.connect()
        try peer.send("a")
        #expect(await second.events.next() == .connected)
        #expect(await first.events.next() == .bytes([97]))
        try peer.send("b")
        #expect(await second.events.next() == .bytes([98]))
        peer.close()
        #expect(await second.events.next() == .end)
        #expect(await second.events.next() == .closed(.peerEnded))
        await server.shutdown()
        #expect(first.events.remaining.isEmpty)
        #expect(second.events.remaining.isEmpty)
    }

    @Test("a handler set after the connection died, before it heard of it, hears of it")
    func handlerSwapOnDead() async throws {
        let second = RecordingHandler()
        let server = try await Server { handler in
            handler.onReceive = { connection, _ in
                connection.abort()
                connection.setHandler(second)
            }
        }
        let (peer, first) = try await server.connect()
        try peer.send("a")
        #expect(await second.events.next() == .connected)
        #expect(await second.events.next() == .closed(.aborted))
        await server.shutdown()
        #expect(first.events.remaining == [.bytes([97])])
    }

    @Test("a handler that is replaced may use the connection while it goes away")
    func handlerDeinitialisation() async throws {
        final class Parting: ConnectionHandler {
            private var last: Connection?
            override func connected() {
                last = connection
                connection?.setHandler(RecordingHandler())
            }
            deinit {
                last?.write(SharedBytes([1]))
                last?.close()
            }
        }
        let server = try await Server { handler in
            handler.onConnected = { $0.setHandler(Parting()) }
        }
        let (peer, _) = try await server.connect()
        #expect(try peer.receiveToEnd() == [1])
        await server.shutdown()
    }

    @Test("neither connection nor handler outlives the close")
    func noCycle() async throws {
        weak var connection: Connection?
        weak var handler: RecordingHandler?
        let server = try await Server()
        do {
            let (peer, connected) = try await server.connect()
            handler = connected
            connection = await server.loop.run { connected.connection }
            #expect(connection != nil)
            peer.close()
            #expect(await connected.events.first { $0 == .closed(.peerEnded) } == .closed(.peerEnded))
            #expect(await server.loop.run { connected.connection == nil })
        }
        // The call in which the handler heard of the end has returned once the loop runs something else.
        #expect(await server.loop.run { server.loop.statistics.activeConnections } == 0)
        #expect(connection == nil)
        #expect(handler == nil)
        await server.shutdown()
    }

    @Test("nothing done with a connection that is gone has an effect")
    func gone() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        let connection = try #require(await server.loop.run { handler.connection })
        peer.close()
        #expect(await handler.events.first { $0 == .closed(.peerEnded) } == .closed(.peerEnded))
        await server.loop.run {
            let late = RecordingHandler()
            connection.setHandler(late)
            connection.write(SharedBytes([1]))
            unsafe connection.withReservedOutput(10) { _ in 10 }
            connection.pauseReading()
            connection.resumeReading()
            connection.close()
            connection.abort()
            #expect(!connection.isOpen && !connection.isWritable && !connection.isReading)
            #expect(connection.bufferedBytes == 0)
            #expect(connection.remoteAddress() == nil)
            #expect(late.events.remaining.isEmpty)
        }
        await server.shutdown()
        #expect(handler.events.remaining.isEmpty)
    }

    @Test("both ends' addresses are known")
    func addresses() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        let (local, remote) = await server.loop.run {
            (handler.connection?.localAddress(), handler.connection?.remoteAddress())
        }
        #expect(local == server.listener.localAddress)
        #expect(remote == SocketAddress(descriptor: peer.descriptor, peer: false))
        let network = await server.loop.run { handler.connection?.remoteNetwork() }
        #expect(network == UInt64(UInt32(0x7F00_0001).bigEndian))
        await server.shutdown()
    }

    @Test("an idle connection holds no output block")
    func idleMemory() async throws {
        let server = try await Server { handler in
            handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        }
        let (peer, handler) = try await server.connect()
        try peer.send("ping")
        _ = try peer.receive(exactly: 4)
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        #expect(await server.loop.run { handler.connection?.bufferedBytes } == 0)
        #expect(instanceSize(of: Connection.self) <= 200)
        await server.shutdown()
    }

    @Test("use off the loop traps in debug builds")
    func confinement() async {
        #if DEBUG
        await #expect(processExitsWith: .failure) {
            let server = try await Server()
            let (peer, handler) = try await server.connect()
            let connection = await server.loop.run { handler.connection }
            connection?.write(SharedBytes([1]))
            peer.close()
        }
        #endif
    }
}

/// Bytes of an object of a class without subclasses, from the class's metadata.
private func instanceSize(of type: AnyClass) -> Int {
    // Class metadata on Linux: kind, superclass, flags (4), address point (4), size (4).
    let metadata = unsafe unsafeBitCast(type, to: UnsafeRawPointer.self)
    return Int(unsafe metadata.load(fromByteOffset: 24, as: UInt32.self))
}
