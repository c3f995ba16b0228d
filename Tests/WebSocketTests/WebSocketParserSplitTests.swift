import Testing

@testable import WebSocket

/// Any split of the same bytes gives the same events.
@Suite struct WebSocketParserSplitTests {
    static let sequences: [[UInt8]] = [
        frame("Hello"),
        frame("κόσμε €𐍈") + frame(.ping, [1, 2, 3]) + frame(""),
        frame("κό", fin: false) + frame(.ping, Array("ping".utf8)) + frame(.continuation, Array("σμε".utf8)),
        // A character cut by the fragments.
        frame(.text, [0xF0, 0x90], fin: false) + frame(.pong) + frame(.continuation, [0x8D], fin: false)
            + frame(.continuation, fin: false) + frame(.continuation, [0x88]),
        frame(.binary, [UInt8](repeating: 0xA5, count: 130)) + frame(.close, [0x03, 0xE8] + Array("bye é".utf8)),
        frame(.binary, [1], fin: false) + frame(.continuation, [UInt8](repeating: 7, count: 300)),
        frame("a") + frame(.close) + frame("ignored"),
        frame("a", fin: false) + frame(.close, [0x0F, 0xA0]),
        frame("good") + frame(.text, [0x61, 0xED, 0xA0, 0x80, 0x62]),
        frame("good", fin: false) + frame(.continuation, [0xC3]) + frame("more"),
    ]

    @Test(arguments: sequences)
    func everySingleCut(_ bytes: [UInt8]) {
        let whole = Observer().events(bytes)
        #expect(!whole.isEmpty)
        for cut in 0...bytes.count { #expect(Observer().events(bytes, cuts: [cut]) == whole) }
    }

    @Test(arguments: sequences)
    func everyPairOfCutsNearby(_ bytes: [UInt8]) {
        let whole = Observer().events(bytes)
        for first in 0...bytes.count {
            for second in first...min(first + 8, bytes.count) {
                #expect(Observer().events(bytes, cuts: [first, second]) == whole)
            }
        }
    }

    @Test(arguments: sequences)
    func everyByteApart(_ bytes: [UInt8]) {
        #expect(Observer().events(bytes, cuts: Array(0...bytes.count)) == Observer().events(bytes))
    }

    @Test(arguments: sequences)
    func everyTruncationGivesAPrefix(_ bytes: [UInt8]) {
        let whole = Observer().events(bytes)
        for count in 0...bytes.count {
            let part = Observer().events(Array(bytes[..<count]))
            #expect(whole.starts(with: part))
        }
    }

    /// A parser that connections share, which take out of it what they have begun, is as good as one for each.
    @Test(arguments: sequences)
    func oneParserForManyConnections(_ bytes: [UInt8]) {
        let whole = Observer().events(bytes)
        for cut in 0...bytes.count {
            var parser = WebSocketParser(role: .server)
            var observed: [Observed] = []
            for chunk in [Array(bytes[..<cut]), Array(bytes[cut...])] {
                let error = Observer.feed(chunk, to: &parser) { observed.append($0) }
                if let error { observed.append(.error(error)) }
                let unfinished = parser.takeUnfinished()
                var others: [Observed] = []
                let failure = Observer.feed(frame("other"), to: &parser) { others.append($0) }
                #expect(failure == nil && others == [.text("other")] && parser.isBetweenMessages)
                if let unfinished { parser = unfinished }
            }
            #expect(observed == whole)
        }
    }

    /// Conversations of random valid frames, some of them spoiled, cut at random.
    @Test(arguments: 0..<40)
    func randomConversations(_ seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        for role in bothRoles {
            for _ in 0..<40 {
                var bytes = Self.conversation(role, using: &generator)
                if Bool.random(using: &generator), !bytes.isEmpty {
                    let index = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                let limits = WebSocketParser.Limits(maximumMessageSize: 700, maximumFragments: 6)
                let observer = Observer(role: role, limits: limits, allowsRSV1: Bool.random(using: &generator))
                let whole = observer.events(bytes)
                for _ in 0..<8 {
                    #expect(observer.events(bytes, cuts: generator.cuts(in: bytes.count)) == whole)
                }
            }
        }
    }

    /// Bytes of no design never trap, and split no differently.
    @Test(arguments: 0..<40)
    func randomBytes(_ seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed) &+ 1000)
        for _ in 0..<500 {
            let count = Int.random(in: 0...64, using: &generator)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Start as a frame would, so that more than the first byte is reached.
            if count > 1 {
                bytes[0] = [0x81, 0x82, 0x01, 0x89, 0x88].randomElement(using: &generator)!
                bytes[1] |= 0x80
            }
            let whole = Observer().events(bytes)
            #expect(Observer().events(bytes, cuts: generator.cuts(in: count)) == whole)
            let client = Observer(role: .client, allowsRSV1: true)
            #expect(client.events(bytes, cuts: generator.cuts(in: count)) == client.events(bytes))
        }
    }

    static func conversation(_ role: WebSocketParser.Role, using generator: inout SeededGenerator) -> [UInt8] {
        let texts = ["", "plain ascii", "κόσμε", "日本語テキスト", "🙂🙃", "a€b𐍈c", String(repeating: "x", count: 200)]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let text = Array(texts.randomElement(using: &generator)!.utf8)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes += frame(.ping, Array(text.prefix(125)), to: role)
            case 1: bytes += frame(.binary, text, to: role)
            case 2: bytes += frame(.text, text, to: role)
            case 3: bytes += frame(.close, text.count < 50 ? [0x03, 0xE8] + text : [], to: role)
            default:
                let cuts = generator.cuts(in: text.count).prefix(4)
                var start = 0
                for (index, cut) in cuts.enumerated() {
                    let opcode: Opcode = index == 0 ? .text : .continuation
                    bytes += frame(opcode, Array(text[start..<cut]), fin: false, to: role)
                    if Bool.random(using: &generator) { bytes += frame(.pong, [UInt8(index)], to: role) }
                    start = cut
                }
                bytes += frame(.continuation, Array(text[start...]), to: role)
            }
        }
        return bytes
    }
}
