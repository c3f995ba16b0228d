import Testing
import WebSocket

@testable import LoadGenerator

/// Reading without a socket: every split of the same bytes gives the same messages.
struct LoadConnectionTests {
    private final class Collector: LoadConnection {
        var messages: [(start: [UInt8], length: Int)] = []
        var openedAt: Int?
        var reason: String?

        override func opened() { openedAt = messages.count }
        override func failed(_ reason: String) { self.reason = reason }

        @unsafe
        override func message(_ bytes: UnsafeRawBufferPointer, length: Int) {
            unsafe messages.append((Array(bytes.prefix(16)), length))
        }
    }

    private func collector(plain: Bool = false, token: Bool = false) throws -> Collector {
        let target = try LoadTarget(url: "ws://127.0.0.1:1/", dialect: plain ? .plain : .socketcluster)
        return Collector(
            frames: ClientFrames(target: target),
            handshake: plain ? [] : ClientFrames.handshake(token: nil),
            expectsAuthentication: token
        )
    }

    private func feed(_ collector: Collector, _ bytes: [UInt8], pieces: Int) {
        var rest = bytes[...]
        while !rest.isEmpty {
            var piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            unsafe piece.withUnsafeMutableBytes { buffer in
                var span = unsafe MutableRawSpan(_unsafeBytes: buffer)
                collector.consume(&span)
            }
        }
    }

    private static let head = Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n".utf8)
    private static let answer = #"{"rid":1,"data":{"id":"x","pingTimeout":20000,"isAuthenticated":false}}"#

    private static func text(_ text: String) -> [UInt8] { FrameWriter.frame(.text, payload: Array(text.utf8)) }

    @Test(arguments: [1, 2, 3, 5, 7, 13, 63, 64, 65, 127, 128, 1000, 4096, 100_000])
    func anySplitGivesTheSame(_ pieces: Int) throws {
        let collector = try collector()
        let sizes = [3, 125, 126, 127, 300, 65_535, 65_536, 70_000]
        var bytes = Self.head + Self.text(Self.answer) + Self.text("")
        for size in sizes { bytes += Self.text(String(repeating: "m", count: size)) + Self.text("#1") + Self.text("") }
        bytes += FrameWriter.frame(.ping, payload: [1, 2]) + Self.text("end")
        feed(collector, bytes, pieces: pieces)
        #expect(collector.reason == nil)
        #expect(collector.openedAt == 0)
        #expect(collector.messages.map(\.length) == sizes + [3])
        #expect(collector.messages.last?.start == Array("end".utf8))
        #expect(collector.messages.dropLast().allSatisfy { $0.start.allSatisfy { $0 == UInt8(ascii: "m") } })
    }

    @Test func plainMessagesMayBeEmpty() throws {
        let collector = try collector(plain: true)
        feed(
            collector,
            Self.head + Self.text("") + Self.text("#1") + FrameWriter.frame(.binary, payload: [1]),
            pieces: 9
        )
        #expect(collector.messages.map(\.length) == [0, 2, 1])
    }

    @Test func aTokenThatWasNotTakenIsAnError() throws {
        let collector = try collector(token: true)
        feed(collector, Self.head + Self.text(Self.answer), pieces: 1000)
        #expect(collector.reason == "the server did not take the token")
    }

    @Test(
        arguments: [
            ([0x88, 2, 0x0F, 0xA1], "4001"), ([0x88, 0], "1005"), ([0x81, 0x81, 0, 0, 0, 0, 0x78], "masked"),
            ([0x01, 1, 0x78], "type 1"),
        ] as [([UInt8], String)]
    )
    func endsWithAReason(_ frame: [UInt8], _ reason: String) throws {
        let collector = try collector()
        feed(collector, Self.head + Self.text(Self.answer) + frame, pieces: 1000)
        #expect(collector.reason?.contains(reason) == true)
    }

    @Test func aRefusedUpgrade() throws {
        let collector = try collector()
        feed(collector, Array("HTTP/1.1 503 Service Unavailable\r\n\r\n".utf8), pieces: 10)
        #expect(collector.reason == "the upgrade was refused")
    }
}
