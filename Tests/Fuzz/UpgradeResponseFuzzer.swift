import WebSocket

private let key = "dGhlIHNhbXBsZSBub25jZQ=="
private let upgrade = ClientUpgrade(host: "a", subprotocols: ["a", "b"], extensions: "permessage-deflate; a=b, x-c")

/// What came of a response.
private enum Outcome: Equatable {
    case opened(subprotocol: String?, extensions: String?, consumed: Int)
    case refused(ClientUpgradeError)
    case tunnel
    case noTunnel(HTTPTunnel.Failure)
    case incomplete
}

/// Any bytes as the answer to an opening handshake, and to a request for a tunnel: no trap, the same outcome however they are
/// cut, and a WebSocket only by the rules of RFC 6455 §4.1.
@c
public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput(data, count, settings: 2)
    let limits =
        input.settings[0] & 1 != 0
        ? HTTPResponseParser.Limits(maximumHeadBytes: 256, maximumLineBytes: 80, maximumHeaders: 5)
        : HTTPResponseParser.Limits()
    let pieces = input.pieces(seed: input.settings[1])
    let (whole, cut) = (open([input.bytes], limits), open(pieces, limits))
    require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
    // What follows a tunnel's answer in another piece belongs to the tunnel, so only failures before are the same.
    if case .noTunnel(let failure) = tunnel([input.bytes], limits), failure != .unexpectedData {
        require(tunnel(pieces, limits) == .noTunnel(failure), "the tunnel's failure depends on the cut: \(failure)")
    }
    return 0
}

private func open(_ pieces: [[UInt8]], _ limits: HTTPResponseParser.Limits) -> Outcome {
    var response = ClientUpgradeResponse(to: upgrade, key: key, limits: limits)
    var consumed = 0
    for piece in pieces {
        do throws(ClientUpgradeError) {
            let accepted = try withExactCopy(of: piece) { (copy) throws(ClientUpgradeError) in
                var position = 0
                defer { consumed += position }
                return try response.receive(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(copy)), at: &position)
            }
            guard let accepted else { continue }
            check(accepted, limits)
            return .opened(subprotocol: accepted.subprotocol, extensions: accepted.extensions, consumed: consumed)
        } catch {
            require(!error.description.isEmpty, "an error without words")
            return .refused(error)
        }
    }
    return .incomplete
}

private func check(_ accepted: ClientUpgradeResponse.Accepted, _ limits: HTTPResponseParser.Limits) {
    let head = accepted.head
    require(head.status == 101 && head.version.major == 1 && head.version.minor >= 1, "status line")
    require(head.bytes.count <= limits.maximumHeadBytes && head.headers.count <= limits.maximumHeaders, "limits")
    require(head.all("sec-websocket-accept") == [WebSocketUpgrade.acceptValue(forKey: key)], "accept")
    require(accepted.subprotocol.map { ["a", "b"].contains($0) } ?? true, "subprotocol")
    for field in head.headers {
        require(head.all(field.name).contains(field.value), "field is found by its name")
        require(!field.value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }, "control character")
    }
}

private func tunnel(_ pieces: [[UInt8]], _ limits: HTTPResponseParser.Limits) -> Outcome {
    var tunnel = HTTPTunnel(limits: limits)
    for piece in pieces {
        do throws(HTTPTunnel.Failure) {
            let isOpen = try withExactCopy(of: piece) { (copy) throws(HTTPTunnel.Failure) in
                try tunnel.receive(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(copy)))
            }
            if isOpen { return .tunnel }
        } catch {
            return .noTunnel(error)
        }
    }
    return .incomplete
}
