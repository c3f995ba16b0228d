import EventLoop
import Testing
import WebSocket

@testable import AsyngularClient

@Suite("The end of a ClientWebSocket", .timeLimit(.minutes(1)))
struct ClientWebSocketClosingTests {
    /// The WebSocket ended once, and the connection goes.
    private func expectEnd(_ dialing: Dialing, _ code: UInt16, _ reason: String = "") async {
        #expect(await dialing.events.next() == .ended(code, reason))
        await dialing.allClosed()
        await dialing.run { _ in }
        #expect(dialing.events.remaining.isEmpty)
    }

    @Test(
        "The server closes",
        arguments: [(1000, "bye"), (4000, ""), (4999, "\u{E9}"), (nil, "")] as [(UInt16?, String)]
    )
    func server(_ code: UInt16?, _ reason: String) async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            try peer.send(FrameWriter.frame(.close, payload: FrameWriter.closePayload(code: code, reason: reason)))
            let answer = try peer.receiveFrame()
            #expect(answer.first == 0x88 && answer.code == code && answer.payload.count == (code == nil ? 0 : 2))
            #expect(try peer.receive().isEmpty)
            peer.close()
            await expectEnd(dialing, code ?? 1005, reason)
        }
    }

    @Test("The client closes; what comes before the server's answer is dropped", arguments: [true, false])
    func client(isHeld: Bool) async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            if isHeld {
                await dialing.with { $0.holdInput() }
                try peer.send(frame: .text, "held")
            }
            await dialing.with { socket in
                socket.send("last")
                socket.close(code: 4001, reason: "because")
                socket.send("too late")
                socket.close(code: 4002)
                #expect(!socket.isOpen)
            }
            #expect(try peer.receiveFrame().text == "last")
            let close = try peer.receiveFrame()
            #expect(close.code == 4001 && close.payload.dropFirst(2).elementsEqual("because".utf8))
            try peer.send(frame: .text, "x")
            try peer.send(frame: .ping, "x")
            try peer.send(FrameWriter.frame(.close, payload: FrameWriter.closePayload(code: 4001)))
            #expect(try peer.receive().isEmpty)
            peer.close()
            await expectEnd(dialing, 4001)
        }
    }

    @Test("A code that must not be sent is left out, and a long reason is cut")
    func payloads() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            await dialing.with { $0.close(code: 1006, reason: "x") }
            #expect(try peer.receiveFrame().payload.isEmpty)
        }
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            await dialing.with { $0.close(code: 1000, reason: String(repeating: "\u{E9}", count: 100)) }
            #expect(try peer.receiveFrame().payload.count == 2 + 122)
        }
    }

    @Test("A server that does not answer a close frame is left")
    func unanswered() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            await dialing.with { socket in
                socket.closeTimeoutMilliseconds = 50
                socket.close(code: 1000)
            }
            await expectEnd(dialing, 1006)
            #expect(try peer.receiveFrame().code == 1000)
        }
    }

    @Test("The server vanishes", arguments: 0..<4)
    func vanished(_ way: Int) async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            switch way {
            case 0: peer.endOutput()
            case 1: peer.reset()
            case 2:
                try peer.send(Array(FrameWriter.frame(.text, payload: [0x61, 0x62]).dropLast()))
                peer.endOutput()
            default:
                await dialing.with { $0.close(code: 1000) }
                #expect(try peer.receiveFrame().code == 1000)
                peer.endOutput()
            }
            if way != 1 {
                #expect(try peer.receive().isEmpty)
                peer.close()
            }
            await expectEnd(dialing, 1006)
        }
    }

    static let violations: [([UInt8], UInt16)] = [
        (FrameWriter.frame(.text, mask: 1, payload: [0x61]), 1002), ([0xF1, 0], 1002), ([0x83, 0], 1002),
        ([0x80, 0], 1002), ([0x89, 126], 1002), ([0x88, 1, 0], 1002), ([0x88, 2, 3, 0xED], 1002), ([0xC1, 0], 1002),
        ([0x81, 1, 0xFF], 1007), ([0x82, 126, 0, 200], 1009),
    ]

    @Test("Violations are told to the server", arguments: violations)
    func violation(_ bytes: [UInt8], _ code: UInt16) async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open(limits: .init(maximumMessageSize: 150))
            try peer.send(frame: .text, "good")
            #expect(await dialing.events.next() == .text("good"))
            try peer.send(bytes)
            #expect(try peer.receiveFrame().code == code)
            guard case .ended(code, let reason) = await dialing.events.next() else {
                Issue.record("not ended with \(code)")
                return
            }
            #expect(!reason.isEmpty)
            try? peer.send(frame: .text, "ignored")
            peer.close()
            await dialing.allClosed()
            #expect(dialing.events.remaining.isEmpty)
        }
    }

    @Test("Aborted: told once, and not from within the call", arguments: [true, false])
    func aborted(isClosing: Bool) async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            let events = dialing.events
            await dialing.with { socket in
                if isClosing { socket.close(code: 1000) }
                socket.abort()
                socket.abort()
                socket.send("x")
                socket.close(code: 1000)
                #expect(events.remaining.isEmpty)
            }
            #expect(throws: Peer.Failure.self) {
                while try !peer.receive().isEmpty {}
                throw Peer.Failure(errno: 0)
            }
            await expectEnd(dialing, 1006)
        }
    }

    @Test("Closed from within a message: the rest is dropped")
    func closedWithin() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open { $0.onMessage = { socket, _ in socket.close(code: 4000) } }
            let frames = FrameWriter.frame(.text, payload: [0x61]) + FrameWriter.frame(.text, payload: [0x62])
            try peer.send(frames + FrameWriter.frame(.close, payload: FrameWriter.closePayload(code: 4123)))
            #expect(await dialing.events.next() == .text("a"))
            #expect(try peer.receiveFrame().code == 4000)
            #expect(try peer.receive().isEmpty)
            peer.close()
            await expectEnd(dialing, 4123)
        }
    }

    @Test("A loop that is shut down ends it")
    func shutDown() async throws {
        let dialing = try Dialing()
        let peer = try await dialing.open()
        await dialing.loop.shutdown()
        #expect(await dialing.events.next() == .ended(1006, ""))
        #expect(dialing.events.remaining.isEmpty)
        withExtendedLifetime(peer) {}
    }
}
