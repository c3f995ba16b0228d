import Testing

@testable import WebSocket

@Suite struct WebSocketParserTests {
    @Test func fitsItsInlineBudget() {
        #expect(MemoryLayout<WebSocketParser>.stride <= 80)
    }

    /// RFC 6455 §5.7.
    @Test(arguments: [
        (WebSocketParser.Role.client, "81 05 48 65 6c 6c 6f", Observed.text("Hello")),
        (.server, "81 85 37 fa 21 3d 7f 9f 4d 51 58", .text("Hello")),
        (.client, "01 03 48 65 6c 80 02 6c 6f", .text("Hello")),
        (.client, "89 05 48 65 6c 6c 6f", .ping(Array("Hello".utf8))),
        (.server, "8a 85 37 fa 21 3d 7f 9f 4d 51 58", .pong(Array("Hello".utf8))),
    ])
    func examplesOfRFC6455(_ role: WebSocketParser.Role, _ bytes: String, _ expected: Observed) {
        #expect(Observer(role: role).events(hex(bytes)) == [expected])
    }

    @Test(arguments: [256, 65536])
    func longExamplesOfRFC6455(_ count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let header = count == 256 ? hex("82 7e 01 00") : hex("82 7f 00 00 00 00 00 01 00 00")
        #expect(Observer(role: .client).events(header + payload) == [.binary(payload)])
    }

    @Test(
        arguments: [0, 1, 125, 126, 127, 65535, 65536, 65537],
        bothRoles
    )
    func lengthForms(_ count: Int, _ role: WebSocketParser.Role) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(Observer(role: role).events(frame(.binary, payload, to: role)) == [.binary(payload)])
    }

    @Test func wholeFramesStayInPlace() throws {
        var buffer = frame("hello") + frame(.ping, [1, 2, 3]) + frame(.binary, [9])
        var span = buffer.mutableSpan
        var bytes = unsafe span.mutableBytes
        var parser = WebSocketParser(role: .server)
        var position = 0
        #expect(try parser.next(&bytes, at: &position) == .message(.text, .inPlace(6..<11), compressed: false))
        #expect(position == 11)
        #expect(try parser.next(&bytes, at: &position) == .ping(.inPlace(17..<20)))
        #expect(try parser.next(&bytes, at: &position) == .message(.binary, .inPlace(26..<27), compressed: false))
        #expect(try parser.next(&bytes, at: &position) == nil)
        #expect(position == 27)
        #expect(parser.bufferedBytes == 0)
        #expect(Array(buffer[6..<11]) == Array("hello".utf8))
    }

    @Test func controlFramesMayStandBetweenFragments() {
        let input =
            frame("a", fin: false) + frame(.ping, [1]) + frame(.continuation, Array("b".utf8), fin: false)
            + frame(.pong, [2]) + frame(.continuation, Array("c".utf8)) + frame("d")
        #expect(Observer().events(input) == [.ping([1]), .pong([2]), .text("abc"), .text("d")])
    }

    @Test func emptyFragmentsMakeAnEmptyMessage() {
        let input = frame("", fin: false) + frame(.continuation, fin: false) + frame(.continuation)
        #expect(Observer().events(input) == [.text("")])
    }

    @Test func isMidMessageFromTheFirstFragmentToTheLast() {
        var parser = WebSocketParser(role: .server)
        let error = Observer.feed(frame("a", fin: false) + frame(.ping), to: &parser) { _ in }
        #expect(error == nil)
        #expect(parser.isMidMessage && parser.bufferedBytes == 1)
        var observed: [Observed] = []
        #expect(Observer.feed(frame(.continuation), to: &parser) { observed.append($0) } == nil)
        #expect(observed == [.text("a")])
        #expect(!parser.isMidMessage && parser.bufferedBytes == 0)
    }

    @Test func assembledPayloadNotFetchedIsDropped() throws {
        var parser = WebSocketParser(role: .server)
        var first = frame("a", fin: false) + frame(.continuation) + frame("b", fin: false)
        var position = 0
        var firstSpan = first.mutableSpan
        var bytes = unsafe firstSpan.mutableBytes
        #expect(try parser.next(&bytes, at: &position) == .message(.text, .assembled, compressed: false))
        #expect(try parser.next(&bytes, at: &position) == nil)
        var observed: [Observed] = []
        #expect(Observer.feed(frame(.continuation), to: &parser) { observed.append($0) } == nil)
        #expect(observed == [.text("b")])
        #expect(parser.takeAssembled() == [])
    }

    @Test func pingCutByTheInputKeepsTheMessageApart() {
        let input = frame("ab", fin: false) + frame(.ping, [1, 2, 3]) + frame(.continuation, Array("c".utf8))
        let cut = frame("ab", fin: false).count + 7
        #expect(Observer().events(input, cuts: [cut]) == [.ping([1, 2, 3]), .text("abc")])
    }

    @Test(
        arguments: [
            ([], nil, ""), ([0x03, 0xE8], 1000, ""), ([0x03, 0xE9] + Array("bye é".utf8), 1001, "bye é"),
            ([0x0F, 0xA0] + [UInt8](repeating: 0x61, count: 123), 4000, String(repeating: "a", count: 123)),
        ] as [([UInt8], UInt16?, String)]
    )
    func closeFrames(_ payload: [UInt8], _ code: UInt16?, _ reason: String) {
        for role in bothRoles {
            let input = frame(.close, payload, to: role)
            #expect(Observer(role: role).events(input) == [.close(code, reason: Array(reason.utf8))])
        }
    }

    @Test func everyByteBehindACloseFrameIsIgnored() {
        let input = frame("a") + frame(.close, [0x03, 0xE8]) + frame("b") + [0xFF, 0xFF]
        let expected: [Observed] = [.text("a"), .close(1000, reason: [])]
        #expect(Observer().events(input) == expected)
        #expect(Observer().events(input, cuts: Array(0...input.count)) == expected)
    }

    @Test func everyByteBehindAnErrorIsIgnored() {
        var parser = WebSocketParser(role: .server)
        #expect(Observer.feed(frame("a", fin: false), to: &parser) { _ in } == nil)
        #expect(Observer.feed(frame("b"), to: &parser) { _ in } == .expectedContinuation)
        #expect(parser.isFinished && !parser.isMidMessage && parser.bufferedBytes == 0)
        #expect(Observer.feed(frame("c"), to: &parser) { _ in Issue.record("an event after the error") } == nil)
    }

    @Test func compressedMessagesAreMarkedAndNotCheckedAsText() {
        let payload: [UInt8] = [0xFF, 0xFE]
        let observer = Observer(allowsRSV1: true)
        let whole = frame(.text, payload, rsv1: true)
        #expect(observer.events(whole) == [.message(.text, payload, compressed: true)])
        #expect(observer.events(whole, cuts: [7]) == [.message(.text, payload, compressed: true)])
        let parts = frame(.binary, payload, fin: false, rsv1: true) + frame(.continuation, payload)
        #expect(observer.events(parts) == [.message(.binary, payload + payload, compressed: true)])
        #expect(observer.events(frame("a")) == [.text("a")])
    }
}
