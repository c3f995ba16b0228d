import EventLoop
import Testing
import WebSocket

@testable import AsyngularClient

@Suite("ClientWebSocket", .timeLimit(.minutes(1)))
struct ClientWebSocketTests {
    @Test(
        "Frames of every length are masked, each with another mask",
        arguments: [0, 1, 125, 126, 65535, 65536, 1_000_000]
    )
    func masked(_ length: Int) async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            let text = String(repeating: "x", count: length)
            await dialing.with { socket in
                socket.send(text)
                socket.send(.binary, RawSpan())
                socket.send(text)
            }
            let frames = try (0..<3).map { _ in try peer.receiveFrame() }
            #expect(frames.map(\.first) == [0x81, 0x82, 0x81])
            #expect(frames[0].text == text && frames[1].payload.isEmpty && frames[2].text == text)
            #expect(Set(frames.map(\.mask)).count == 3)
        }
    }

    @Test("Pings are answered, pongs are not messages")
    func pings() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            try peer.send(frame: .ping, "a ping")
            try peer.send(frame: .pong, "unasked")
            try peer.send(frame: .text, "x", fin: false)
            try peer.send(frame: .ping, "")
            try peer.send(frame: .continuation, "y")
            let first = try peer.receiveFrame()
            let second = try peer.receiveFrame()
            #expect(first.first == 0x8A && first.text == "a ping")
            #expect(second.first == 0x8A && second.payload.isEmpty)
            #expect(await dialing.events.next() == .text("xy"))
        }
    }

    @Test("Whole, byte by byte, and binary")
    func messages() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            let bytes =
                FrameWriter.frame(.text, payload: Array("\u{E9}\u{1F600}".utf8))
                + FrameWriter.frame(.binary, payload: [0, 255])
            try peer.send(bytes)
            for byte in bytes { try peer.send([byte]) }
            for _ in 0..<2 {
                #expect(await dialing.events.next() == .text("\u{E9}\u{1F600}"))
                #expect(await dialing.events.next() == .binary([0, 255]))
            }
        }
    }

    @Test("Held input is kept, then the server has to wait; nothing is lost")
    func held() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            await dialing.with { $0.holdInput() }
            let count = 2000
            let payload = String(repeating: "x", count: 10_000)
            let sender = Task.detached {
                for index in 0..<count { try peer.send(frame: .text, "\(index) \(payload)") }
            }
            while await !dialing.run({ _ in dialing.socket.value?.connection?.isReading == false }) {
                await Task.yield()
            }
            #expect(dialing.events.remaining.isEmpty)
            await dialing.with { $0.resumeInput() }
            for index in 0..<count { #expect(await dialing.events.next() == .text("\(index) \(payload)")) }
            try await sender.value
        }
    }

    @Test("Held and resumed within a message")
    func heldWithin() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open { socket in
                socket.onMessage = { socket, text in if text == "hold" { socket.holdInput() } }
            }
            let frames = ["hold", "a", "hold", "b"].map { FrameWriter.frame(.text, payload: Array($0.utf8)) }
            try peer.send(frames.flatMap { $0 })
            #expect(await dialing.events.next() == .text("hold"))
            await dialing.run { _ in }
            #expect(dialing.events.remaining.isEmpty)
            await dialing.with { $0.resumeInput() }
            #expect(await dialing.events.next() == .text("a"))
            #expect(await dialing.events.next() == .text("hold"))
            await dialing.run { _ in }
            #expect(dialing.events.remaining.isEmpty)
            await dialing.with { $0.resumeInput() }
            #expect(await dialing.events.next() == .text("b"))
        }
    }

    @Test("A server that does not read is left at the limit")
    func outputLimit() async throws {
        try await Dialing.run { dialing in
            var options = Dialing.patient
            options.connection.highWaterMark = 100_000
            options.connection.outputLimit = 1_000_000
            let peer = try await dialing.open(options)
            let text = String(repeating: "x", count: 100_000)
            await dialing.with { socket in for _ in 0..<200 { socket.send(text) } }
            #expect(await dialing.events.next() == .ended(1006, "Outbound buffer limit was exceeded"))
            withExtendedLifetime(peer) {}
        }
    }

    @Test("Writability is told")
    func writability() async throws {
        try await Dialing.run { dialing in
            var options = Dialing.patient
            options.connection.highWaterMark = 100_000
            options.connection.outputLimit = 100_000_000
            let peer = try await dialing.open(options)
            let text = String(repeating: "x", count: 100_000)
            await dialing.with { socket in for _ in 0..<200 { socket.send(text) } }
            #expect(await dialing.events.next() == .writable(false))
            // Not frame by frame: unmasking 20 MB takes a debug build too long.
            var left = 200 * (FrameWriter.headerLength(payloadLength: 100_000, masked: true) + 100_000)
            while left > 0 {
                let count = try peer.receive(atMost: 1 << 20).count
                guard count > 0 else { break }
                left -= count
            }
            #expect(left == 0)
            #expect(await dialing.events.next() == .writable(true))
        }
    }

    /// Turns bits over, but leaves short messages alone.
    private final class Inverting: MessageFilter {
        override func decode(_ payload: RawSpan, limit: Int, into output: inout [UInt8]) throws(WebSocketError) {
            guard payload.byteCount <= limit else { throw .messageTooBig }
            unsafe payload.withUnsafeBytes { unsafe output.append(contentsOf: $0.map { ~$0 }) }
        }

        override func encode(_ payload: RawSpan, into output: inout [UInt8]) -> Bool {
            guard payload.byteCount > 2 else { return false }
            unsafe payload.withUnsafeBytes { unsafe output.append(contentsOf: $0.map { ~$0 }) }
            return true
        }
    }

    private func openWithExtension(_ dialing: Dialing, isUsable: Bool, limit: Int = 100) async throws -> Peer {
        let listener = try ListeningPeer()
        var options = Dialing.patient
        options.extensions = "x-invert"
        await dialing.dial(listener, options, limits: .init(maximumMessageSize: limit)) { socket in
            socket.filterForExtensions = { extensions in
                #expect(extensions == "x-invert; a=1")
                return isUsable ? Inverting() : nil
            }
        }
        let peer = try listener.acceptWebSocket("Sec-WebSocket-Extensions: x-invert; a=1")
        #expect(await dialing.events.next() == .opened)
        return peer
    }

    @Test("An extension encodes and decodes messages")
    func extensionInUse() async throws {
        try await Dialing.run { dialing in
            let peer = try await openWithExtension(dialing, isUsable: true)
            try peer.send(FrameWriter.frame(.text, rsv1: true, payload: Array("hello".utf8).map { ~$0 }))
            try peer.send(frame: .text, "plain")
            #expect(await dialing.events.next() == .text("hello"))
            #expect(await dialing.events.next() == .text("plain"))
            await dialing.with { socket in
                socket.send("hello")
                socket.send("hi")
            }
            let encoded = try peer.receiveFrame()
            #expect(encoded.first == 0xC1 && encoded.payload == Array("hello".utf8).map { ~$0 })
            #expect(try peer.receiveFrame().first == 0x81)
            // What is decoded must be text too.
            try peer.send(FrameWriter.frame(.text, rsv1: true, payload: [0]))
            let close = try peer.receiveFrame()
            #expect(close.first == 0x88 && close.code == 1007)
            guard case .ended(1007, _) = await dialing.events.next() else {
                Issue.record("not ended")
                return
            }
        }
    }

    @Test("An extension that the client cannot use fails the connection")
    func unusableExtension() async throws {
        try await Dialing.run { dialing in
            let peer = try await openWithExtension(dialing, isUsable: false)
            #expect(try peer.receiveFrame().code == 1010)
            #expect(await dialing.events.next() == .ended(1010, "The server's extensions cannot be used"))
        }
    }

    @Test("What nobody holds any more goes away")
    func released() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            weak let socket = dialing.socket.value
            dialing.socket.change { $0 = nil }
            #expect(socket != nil, "the connection keeps it")
            peer.close()
            #expect(await dialing.events.next() == .ended(1006, ""))
            await dialing.allClosed()
            await dialing.run { _ in }
            #expect(socket == nil)
        }
    }
}
