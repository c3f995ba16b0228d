import WebSocket

/// What the parser said, with payloads.
private enum Said: Equatable {
    case message(WebSocketParser.MessageKind, [UInt8], compressed: Bool)
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, [UInt8])
    case error(WebSocketError)
}

/// Any bytes in either role: no trap, no overrun, the same events however they are cut, and events that keep what the
/// parser promises.
@c
public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput(data, count, settings: 2)
    let limits = WebSocketParser.Limits(
        maximumMessageSize: input.settings[0] & 4 != 0 ? 300 : 1 << 20,
        maximumFragments: input.settings[0] & 8 != 0 ? 3 : 1000
    )
    let parser = WebSocketParser(
        role: input.settings[0] & 1 != 0 ? .client : .server,
        limits: limits,
        allowsRSV1: input.settings[0] & 2 != 0
    )
    let whole = say(parser, [input.bytes])
    check(whole, limits)
    let cut = say(parser, input.pieces(seed: input.settings[1]))
    require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
    return 0
}

private func say(_ parser: WebSocketParser, _ pieces: [[UInt8]]) -> [Said] {
    var parser = parser
    var said: [Said] = []
    for piece in pieces {
        do throws(WebSocketError) {
            try withExactCopy(of: piece) { (copy) throws(WebSocketError) in
                var span = unsafe MutableRawSpan(_unsafeBytes: copy)
                var position = 0
                while true {
                    let before = position
                    guard let event = try parser.next(&span, at: &position) else { break }
                    require(position >= before && position <= piece.count, "position \(position)")
                    func payload(_ payload: WebSocketParser.Payload) -> [UInt8] {
                        switch payload {
                        case .inPlace(let range): unsafe Array(copy[range])
                        case .assembled: parser.takeAssembled()
                        }
                    }
                    switch event {
                    case .message(let kind, let bytes, let compressed):
                        said.append(.message(kind, payload(bytes), compressed: compressed))
                    case .ping(let bytes): said.append(.ping(payload(bytes)))
                    case .pong(let bytes): said.append(.pong(payload(bytes)))
                    case .close(let code, let reason): said.append(.close(code, payload(reason)))
                    }
                }
                require(position == piece.count, "bytes left over")
            }
        } catch {
            said.append(.error(error))
        }
    }
    return said
}

private func check(_ said: [Said], _ limits: WebSocketParser.Limits) {
    for (index, event) in said.enumerated() {
        switch event {
        case .message(let kind, let bytes, let compressed):
            require(bytes.count <= limits.maximumMessageSize, "size limit")
            require(kind == .binary || compressed || isUTF8(bytes), "text is not UTF-8")
        case .ping(let bytes), .pong(let bytes):
            require(bytes.count <= 125, "control frame length")
        case .close(let code, let reason):
            require(index == said.count - 1, "an event behind a close")
            require(code.map(FrameWriter.isReceivableCloseCode) ?? reason.isEmpty, "close code")
            require(reason.count <= 123 && isUTF8(reason), "close reason")
        case .error(let error):
            require(index == said.count - 1, "an event behind an error")
            require(FrameWriter.isSendableCloseCode(error.closeCode), "close code of an error")
        }
    }
}

private func isUTF8(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil
}
