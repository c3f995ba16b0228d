import Testing

@testable import WebSocket

/// Every check of RFC 6455 that a frame parser makes, each with its close code.
@Suite struct WebSocketParserViolationTests {
    struct Violation: CustomTestStringConvertible {
        var role = WebSocketParser.Role.server
        var bytes: [UInt8]
        var error: WebSocketError
        var closeCode: UInt16
        var allowsRSV1 = false

        var testDescription: String { "\(role) \(error) \(bytes.prefix(16))" }
    }

    static let byFirstByte: [Violation] = bothRoles.flatMap { role -> [Violation] in
        let second: UInt8 = role == .server ? 0x80 : 0
        var rows: [Violation] = []
        func add(_ first: UInt8, _ error: WebSocketError, allowsRSV1: Bool = false) {
            let bytes = [first, second, 0, 0, 0, 0]
            rows.append(.init(role: role, bytes: bytes, error: error, closeCode: 1002, allowsRSV1: allowsRSV1))
        }
        for opcode: UInt8 in [0x0, 0x1, 0x2, 0x8, 0x9, 0xA] {
            add(0xA0 | opcode, .reservedBitsSet)
            add(0x90 | opcode, .reservedBitsSet)
            add(0xA0 | opcode, .reservedBitsSet, allowsRSV1: true)
            add(0xC0 | opcode, .unexpectedRSV1)
        }
        for opcode: UInt8 in [0x0, 0x8, 0x9, 0xA] { add(0xC0 | opcode, .unexpectedRSV1, allowsRSV1: true) }
        for opcode: UInt8 in [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF] {
            add(0x80 | opcode, .unknownOpcode(opcode))
            add(opcode, .unknownOpcode(opcode))
        }
        for opcode: UInt8 in [0x8, 0x9, 0xA] { add(opcode, .fragmentedControlFrame) }
        add(0x80, .unexpectedContinuation)
        add(0x00, .unexpectedContinuation)
        return rows
    }

    static let byLength: [Violation] = bothRoles.flatMap { role -> [Violation] in
        let mask: UInt8 = role == .server ? 0x80 : 0
        var rows: [Violation] = []
        func add(_ bytes: [UInt8], _ error: WebSocketError, _ code: UInt16 = 1002) {
            rows.append(.init(role: role, bytes: bytes, error: error, closeCode: code))
        }
        for opcode: UInt8 in [0x8, 0x9, 0xA] {
            add([0x80 | opcode, mask | 126, 0, 126], .controlFrameTooLong)
            add([0x80 | opcode, mask | 127, 0, 0, 0, 0, 0, 1, 0, 0], .controlFrameTooLong)
        }
        add([0x82, mask | 126, 0, 0], .lengthNotMinimal)
        add([0x82, mask | 126, 0, 125], .lengthNotMinimal)
        add([0x82, mask | 127, 0, 0, 0, 0, 0, 0, 0, 0], .lengthNotMinimal)
        add([0x82, mask | 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .lengthNotMinimal)
        add([0x82, mask | 127, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthOutOfRange)
        add([0x82, mask | 127] + [UInt8](repeating: 0xFF, count: 8), .lengthOutOfRange)
        add([0x82, mask | 127, 0x7F] + [UInt8](repeating: 0xFF, count: 7), .messageTooBig, 1009)
        add([0x82, mask | 127, 0, 0, 0, 0, 0x06, 0x40, 0, 1], .messageTooBig, 1009)
        add([0x88, mask | 1, 0, 0, 0, 0, 0x03], .closePayloadTooShort)
        return rows
    }

    static let byContent: [Violation] = bothRoles.flatMap { role -> [Violation] in
        func row(_ bytes: [UInt8], _ error: WebSocketError, _ code: UInt16) -> Violation {
            .init(role: role, bytes: bytes, error: error, closeCode: code)
        }
        var rows = [
            row(frame("a", fin: false, to: role) + frame("b", to: role), .expectedContinuation, 1002),
            row(frame("a", fin: false, to: role) + frame(.binary, to: role), .expectedContinuation, 1002),
            row(frame("a", to: role) + frame(.continuation, to: role), .unexpectedContinuation, 1002),
            row(frame(.text, [0xC3, 0x28], to: role), .invalidUTF8, 1007),
            row(frame(.text, [0xC3], to: role), .invalidUTF8, 1007),
            row(
                frame(.text, [0xC3], fin: false, to: role) + frame(.continuation, [0x28], fin: false, to: role),
                .invalidUTF8,
                1007
            ),
            row(frame(.close, [0x03, 0xE8, 0xFF], to: role), .invalidUTF8, 1007),
            row(frame(.close, [0x03, 0xE8, 0xE2, 0x82], to: role), .invalidUTF8, 1007),
        ]
        for code: UInt16 in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
            let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
            rows.append(row(frame(.close, payload, to: role), .invalidCloseCode(code), 1002))
        }
        return rows
    }

    static let byMask: [Violation] = Opcode.allForTests.flatMap { opcode -> [Violation] in
        let first = opcode == .continuation ? frame("a", fin: false) : []
        let clientFirst = opcode == .continuation ? frame("a", fin: false, to: .client) : []
        return [
            .init(bytes: first + frame(opcode, to: .client), error: .unmaskedFrame, closeCode: 1002),
            .init(role: .client, bytes: clientFirst + frame(opcode), error: .maskedFrame, closeCode: 1002),
        ]
    }

    @Test(arguments: byFirstByte + byLength + byContent + byMask)
    func eachViolationHasOneCloseCode(_ violation: Violation) {
        let observer = Observer(role: violation.role, allowsRSV1: violation.allowsRSV1)
        let whole = observer.events(violation.bytes)
        #expect(whole.last == .error(violation.error))
        #expect(violation.error.closeCode == violation.closeCode)
        // However the bytes are cut, the same error follows the same events.
        for cut in 0...violation.bytes.count {
            #expect(observer.events(violation.bytes, cuts: [cut]) == whole)
        }
        #expect(observer.events(violation.bytes, cuts: Array(0...violation.bytes.count)) == whole)
    }

    /// The last byte of `bytes` must be the one that brings the error: before it, nothing is certain.
    @Test(
        arguments: [
            ([0xB1], .reservedBitsSet), ([0x83], .unknownOpcode(3)), ([0x09], .fragmentedControlFrame),
            ([0x80], .unexpectedContinuation), ([0x81, 0x05], .unmaskedFrame), ([0x89, 0xFE], .controlFrameTooLong),
            ([0x88, 0x81], .closePayloadTooShort), ([0x82, 0xFE, 0x00, 0x7D], .lengthNotMinimal),
            ([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthOutOfRange),
            ([0x82, 0xFF, 0, 0, 0, 0, 0x06, 0x40, 0, 1], .messageTooBig),
            ([0x81, 0x85, 0, 0, 0, 0, 0xF4, 0x90], .invalidUTF8), ([0x81, 0x85, 0, 0, 0, 0, 0xC0], .invalidUTF8),
            ([0x81, 0x85, 0, 0, 0, 0, 0xED, 0xA0], .invalidUTF8), ([0x81, 0x85, 0, 0, 0, 0, 0xF5], .invalidUTF8),
        ] as [([UInt8], WebSocketError)]
    )
    func failsAsSoonAsCertain(_ bytes: [UInt8], _ error: WebSocketError) {
        #expect(Observer().events(bytes) == [.error(error)])
        #expect(Observer().events(Array(bytes.dropLast())) == [])
    }
}

extension Opcode {
    fileprivate static let allForTests: [Opcode] = [.continuation, .text, .binary, .close, .ping, .pong]
}
