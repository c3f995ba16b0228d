import EventLoop
import Testing
import WebSocket

@testable import AsyngularClient

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("Dialling", .timeLimit(.minutes(1)))
struct DialTests {
    @Test("Opens, by a request with what the options say")
    func opens() async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            var options = Dialing.patient
            options.headers = [.init(name: "Cookie", value: "a=b")]
            options.origin = "http://example.com"
            options.subprotocols = ["one", "two"]
            await dialing.dial(listener, options)
            let peer = try listener.accept()
            let head = try peer.receiveHead()
            #expect(head.hasPrefix("GET /path/?a=b HTTP/1.1\r\nHost: 127.0.0.1:\(listener.port)\r\n"))
            #expect(Peer.field("Cookie", in: head) == "a=b")
            #expect(Peer.field("Origin", in: head) == "http://example.com")
            #expect(Peer.field("Sec-WebSocket-Protocol", in: head) == "one, two")
            #expect(Peer.field("Sec-WebSocket-Version", in: head) == "13")
            #expect(Peer.field("Sec-WebSocket-Extensions", in: head) == nil)
            #expect(Peer.field("Sec-WebSocket-Key", in: head)?.count == 24)
            try peer.send(Peer.acceptance(of: head, ["Sec-WebSocket-Protocol: two"]))
            #expect(await dialing.events.next() == .opened)
            await dialing.with { #expect($0.subprotocol == "two" && $0.isOpen) }
            try peer.send(frame: .text, "hello")
            #expect(await dialing.events.next() == .text("hello"))
        }
    }

    @Test("Every key is another one")
    func keys() async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            var keys: Set<String> = []
            for _ in 0..<10 {
                await dialing.dial(listener)
                let head = try listener.accept().receiveHead()
                keys.insert(Peer.field("Sec-WebSocket-Key", in: head) ?? "")
                #expect(await dialing.failure()?.code == .connectionLost)
            }
            #expect(keys.count == 10)
        }
    }

    @Test("Byte by byte, and frames behind the response in one piece", arguments: [true, false])
    func pieces(isDribbled: Bool) async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            await dialing.dial(listener)
            let peer = try listener.accept()
            let response = Peer.acceptance(of: try peer.receiveHead())
            let frames = FrameWriter.frame(.text, payload: Array("a".utf8)) + FrameWriter.frame(.text, payload: [0x62])
            let bytes = Array(response.utf8) + frames
            if isDribbled {
                for byte in bytes { try peer.send([byte]) }
            } else {
                try peer.send(bytes)
            }
            #expect(await dialing.events.next() == .opened)
            #expect(await dialing.events.next() == .text("a"))
            #expect(await dialing.events.next() == .text("b"))
        }
    }

    @Test("A WebSocket that ends in opened() gets nothing of what is behind the response")
    func endedInOpened() async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            await dialing.dial(listener) { $0.onOpened = { $0.abort() } }
            let peer = try listener.accept()
            let response = Peer.acceptance(of: try peer.receiveHead())
            try peer.send(Array(response.utf8) + FrameWriter.frame(.text, payload: [0x61]))
            #expect(await dialing.events.next() == .opened)
            #expect(await dialing.events.next() == .ended(1006, ""))
            await dialing.allClosed()
            #expect(dialing.events.remaining.isEmpty)
        }
    }

    static let refusals: [(String, Int)] = [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404),
        ("HTTP/1.1 301 Moved Permanently\r\nLocation: ws://elsewhere/\r\n\r\n", 301),
        ("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\nno", 401), ("HTTP/1.0 503 Busy\r\n\r\n", 503),
        ("HTTP/1.1 200 OK\r\n\r\n<html>", 200),
    ]

    @Test("Refused with a status", arguments: refusals)
    func refused(_ response: String, _ status: Int) async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            await dialing.dial(listener)
            let peer = try listener.accept()
            _ = try peer.receiveHead()
            try peer.send(response)
            let error = await dialing.failure()
            #expect(error?.code == .refused && error?.status == status)
            #expect(try peer.receive().isEmpty)
            peer.close()
            await dialing.allClosed()
        }
    }

    @Test(
        "An answer that is none",
        arguments: [
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u{15}\u{3}\u{1}\u{0}\u{2}",
            "HTTP/1.1 101 Switching Protocols\r\nbad header\r\n\r\n",
        ]
    )
    func invalidResponse(_ response: String) async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            await dialing.dial(listener)
            let peer = try listener.accept()
            _ = try peer.receiveHead()
            try peer.send(response)
            #expect(await dialing.failure()?.code == .invalidResponse)
        }
    }

    @Test("A flood instead of a response is cut off at the limit")
    func floodedHead() async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            await dialing.dial(listener)
            let peer = try listener.accept()
            _ = try peer.receiveHead()
            try peer.send("HTTP/1.1 101 Switching Protocols\r\n")
            // 17 KiB in lines that are each short enough.
            for index in 0..<34 { try? peer.send("X-\(index): " + String(repeating: "x", count: 500) + "\r\n") }
            #expect(await dialing.failure()?.code == .invalidResponse)
        }
    }

    @Test("The server ends, resets, or ends half-way", arguments: [0, 1, 2])
    func lost(_ way: Int) async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            await dialing.dial(listener)
            let peer = try listener.accept()
            let head = try peer.receiveHead()
            switch way {
            case 0: peer.endOutput()
            case 1: peer.reset()
            default:
                try peer.send(String(Peer.acceptance(of: head).dropLast(2)))
                peer.close()
            }
            #expect(await dialing.failure()?.code == .connectionLost)
            peer.close()
            await dialing.allClosed()
        }
    }

    @Test("A server that never answers, at whatever step", arguments: [true, false])
    func timedOut(isAccepting: Bool) async throws {
        try await Dialing.run { dialing in
            let (listener, fillers) =
                try isAccepting ? (ListeningPeer(), []) : ListeningPeer.unanswering()
            var options = Dialing.patient
            options.timeoutMilliseconds = 100
            await dialing.dial(listener, options)
            let peer = isAccepting ? try listener.accept() : nil
            let error = await dialing.failure()
            #expect(error?.code == .timedOut)
            #expect(error?.reason.contains("100 ms") == true)
            await dialing.allClosed()
            withExtendedLifetime((peer, fillers)) {}
        }
    }

    @Test("Nobody listens")
    func connectionRefused() async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer(backlog: nil)
            await dialing.dial(listener)
            let error = await dialing.failure()
            #expect(error?.code == .connectionFailed)
            #expect(error?.transport?.code == .connectionRefused)
            await dialing.allClosed()
        }
    }

    @Test("What cannot be sent is an error that does not say what it is", arguments: 0..<4)
    func invalidOptions(_ which: Int) async throws {
        try await Dialing.run { dialing in
            var options = Dialing.patient
            var endpoint = ClientEndpoint(host: "127.0.0.1", port: 1)
            switch which {
            case 0: options.headers = [.init(name: "Authorization", value: "Bearer hunter2\r\nX: y")]
            case 1: options.subprotocols = ["a hunter2"]
            case 2: endpoint.target = "/?hunter2 \r\n"
            default: endpoint.host = "hunter2 "
            }
            await dialing.dial(endpoint, options)
            let error = await dialing.failure()
            #expect(error?.code == (which < 2 ? .invalidOptions : .invalidURL))
            #expect(error?.description.contains("hunter2") == false)
        }
    }

    @Test("A Unix-domain socket")
    func unixSocket() async throws {
        try await Dialing.run { dialing in
            let path = "/tmp/asyngular-dial-\(UInt32.random(in: 0 ... .max)).sock"
            let listener = try ListeningPeer(path: path)
            await dialing.dial(try ClientEndpoint("ws+unix://\(path):/p?q"))
            let peer = try listener.accept()
            let head = try peer.receiveHead()
            #expect(head.hasPrefix("GET /p?q HTTP/1.1\r\nHost: localhost\r\n"))
            try peer.send(Peer.acceptance(of: head))
            #expect(await dialing.events.next() == .opened)
            await dialing.with { $0.send("x") }
            #expect(try peer.receiveFrame().text == "x")
            unsafe unlink(path)
            await dialing.dial(ClientEndpoint(socketPath: path))
            #expect(await dialing.failure()?.code == .connectionFailed)
        }
    }

    @Test("A loop that is shut down while somebody dials, and before")
    func shutDown() async throws {
        let dialing = try Dialing()
        let listener = try ListeningPeer()
        await dialing.dial(listener)
        let peer = try listener.accept()
        _ = try peer.receiveHead()
        await dialing.loop.shutdown()
        #expect(await dialing.failure()?.code == .shutDown)
        await dialing.dial(listener)
        #expect(await dialing.failure()?.code == .shutDown)
    }

    enum Step: CaseIterable {
        case resolving, connecting, waiting, tunnelling
    }

    @Test("Cancelled at every step: nothing comes of it, and nothing stays", arguments: Step.allCases)
    func cancelled(_ step: Step) async throws {
        try await Dialing.run { dialing in
            let (listener, fillers) = step == .connecting ? try ListeningPeer.unanswering() : (try ListeningPeer(), [])
            let isAsked = EventQueue<Bool>()
            let isAnswered = Locked(false)
            let resolver = NameResolver { _, _ in
                isAsked.append(true)
                while !isAnswered.value { sched_yield() }
                return .success([listener.address])
            }
            var options = Dialing.patient
            if step == .tunnelling { options.proxy = HTTPProxy(host: "127.0.0.1", port: listener.port) }
            let host = step == .resolving ? "a.example" : "127.0.0.1"
            await dialing.dial(ClientEndpoint(host: host, port: listener.port), options, resolver: resolver)
            var peer: Peer?
            switch step {
            case .resolving: _ = await isAsked.next()
            case .connecting: while await dialing.run({ $0.statistics.activeConnections }) == 0 { await Task.yield() }
            case .waiting, .tunnelling:
                peer = try listener.accept()
                _ = try peer?.receiveHead()
            }
            await dialing.cancel()
            await dialing.cancel()
            isAnswered.change { $0 = true }
            await dialing.allClosed()
            while resolver.pendingNames > 0 { await Task.yield() }
            await dialing.run { _ in }
            if let peer { #expect(throws: Peer.Failure.self) { try peer.receive() } }
            #expect(dialing.events.remaining.isEmpty)
            withExtendedLifetime(fillers) {}
        }
    }

    @Test("Cancelling what is open already does nothing")
    func cancelledTooLate() async throws {
        try await Dialing.run { dialing in
            let peer = try await dialing.open()
            await dialing.cancel()
            try peer.send(frame: .text, "x")
            #expect(await dialing.events.next() == .text("x"))
        }
    }
}
