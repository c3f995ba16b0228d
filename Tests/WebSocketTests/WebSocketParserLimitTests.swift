import Testing

@testable import WebSocket

@Suite struct WebSocketParserLimitTests {
    @Test func defaults() {
        #expect(WebSocketParser.Limits() == .init(maximumMessageSize: 104_857_600, maximumFragments: 131_072))
    }

    @Test(arguments: [0, 1, 125, 126, 65535, 65536])
    func messageSizeIsInclusive(_ size: Int) {
        let observer = Observer(limits: .init(maximumMessageSize: size))
        let fitting = [UInt8](repeating: 0x61, count: size)
        #expect(observer.events(frame(.binary, fitting)) == [.binary(fitting)])
        #expect(observer.events(frame(.binary, fitting + [0x61])) == [.error(.messageTooBig)])
    }

    @Test func announcedLengthIsRefusedBeforeAnyPayload() {
        let observer = Observer(limits: .init(maximumMessageSize: 1000))
        #expect(observer.events(hex("82 fe 03 e9")) == [.error(.messageTooBig)])
        #expect(observer.events(hex("82 fe 03 e8")) == [])
    }

    @Test func announcedLengthIsNotReserved() {
        var parser = WebSocketParser(role: .server)
        // 100 MiB announced, 10 bytes sent.
        let header = hex("82 ff 00 00 00 00 06 40 00 00 00 00 00 00")
        #expect(Observer.feed(header + [UInt8](repeating: 0, count: 10), to: &parser) { _ in } == nil)
        #expect(parser.bufferedBytes == 10)
        #expect(parser.message.capacity < 1024)
    }

    @Test func sizeLimitHoldsOverFragments() {
        let observer = Observer(limits: .init(maximumMessageSize: 10))
        let six = [UInt8](repeating: 0x61, count: 6)
        let start = frame(.text, six, fin: false)
        #expect(observer.events(start + frame(.continuation, Array(six.prefix(4)))) == [.text("aaaaaaaaaa")])
        #expect(observer.events(start + frame(.continuation, Array(six.prefix(5)))) == [.error(.messageTooBig)])
        // A control frame and the message before it count nothing.
        let input = frame(.text, six) + start + frame(.ping, six) + frame(.continuation, Array(six.prefix(4)))
        #expect(observer.events(input) == [.text("aaaaaa"), .ping(six), .text("aaaaaaaaaa")])
    }

    @Test(arguments: [1, 2, 3, 100])
    func fragmentCountIsInclusiveAndCountsEmptyOnes(_ maximum: Int) {
        let observer = Observer(limits: .init(maximumFragments: maximum))
        let middle = [[UInt8]](repeating: frame(.continuation, fin: false), count: maximum - 1).flatMap { $0 }
        let start = frame("", fin: false)
        #expect(observer.events(start + middle) == [])
        #expect(observer.events(start + middle + frame(.continuation)) == [.error(.tooManyFragments)])
        #expect(observer.events(start + middle + frame(.continuation, fin: false)) == [.error(.tooManyFragments)])
        if maximum > 1 {
            let fitting = start + middle.dropLast(frame(.continuation, fin: false).count) + frame(.continuation)
            // The count begins anew with each message.
            #expect(observer.events(fitting + fitting) == [.text(""), .text("")])
        }
    }

    @Test func controlFramesAreNoFragments() {
        let observer = Observer(limits: .init(maximumFragments: 2))
        let pings = [[UInt8]](repeating: frame(.ping), count: 5).flatMap { $0 }
        let input = frame("a", fin: false) + pings + frame(.continuation)
        #expect(observer.events(input) == [Observed](repeating: .ping([]), count: 5) + [.text("a")])
    }

    @Test func senselessLimitsAreClamped() {
        let observer = Observer(limits: .init(maximumMessageSize: -5, maximumFragments: -5))
        #expect(observer.events(frame("")) == [.text("")])
        #expect(observer.events(frame("a")) == [.error(.messageTooBig)])
        let endless = Observer(limits: .init(maximumMessageSize: .max, maximumFragments: .max))
        #expect(endless.events([0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7)) == [])
    }
}
