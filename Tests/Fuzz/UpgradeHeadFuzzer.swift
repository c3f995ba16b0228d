import WebSocket

/// What the parser made of a head.
private enum Outcome: Equatable {
    case head([UInt8], [HTTPHeaderField], WebSocketUpgrade.Result, consumed: Int)
    case error(HTTPError)
    case incomplete
}

/// Any bytes as a request head: no trap, the same outcome however they are cut, and answers that are themselves well
/// formed.
@c
public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput(data, count, settings: 2)
    let isNarrow = input.settings[0] & 1 != 0
    let limits =
        isNarrow
        ? HTTPRequestParser.Limits(maximumHeadBytes: 256, maximumLineBytes: 64, maximumHeaders: 5)
        : HTTPRequestParser.Limits()
    let whole = parse([input.bytes], limits)
    let cut = parse(input.pieces(seed: input.settings[1]), limits)
    require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
    switch whole {
    case .head(let bytes, let headers, let result, _):
        require(bytes.count <= limits.maximumHeadBytes && headers.count <= limits.maximumHeaders, "limits")
        check(result)
    case .error(let error): checkResponse(error.response())
    case .incomplete: break
    }
    return 0
}

private func parse(_ pieces: [[UInt8]], _ limits: HTTPRequestParser.Limits) -> Outcome {
    var parser = HTTPRequestParser(limits: limits)
    var consumed = 0
    for piece in pieces {
        do throws(HTTPError) {
            let head = try withExactCopy(of: piece) { (copy) throws(HTTPError) -> HTTPRequestHead? in
                var position = 0
                defer { consumed += position }
                return try parser.receive(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(copy)), at: &position)
            }
            guard let head else { continue }
            checkHead(head)
            return .head(head.bytes, head.headers, WebSocketUpgrade.evaluate(head), consumed: consumed)
        } catch {
            return .error(error)
        }
    }
    return .incomplete
}

private func checkHead(_ head: HTTPRequestHead) {
    require(head.version.major == 1 && !head.method.isEmpty && !head.target.isEmpty, "request line")
    require(head.isPath(head.path), "path")
    require(head.target.hasSuffix(head.path + (head.query.map { "?" + $0 } ?? "")), "path and query")
    for field in head.headers {
        require(head.all(field.name).contains(field.value), "field is found by its name")
        require(!field.value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }, "control character")
    }
    require(!head.isChunked || head.contentLength == nil, "two body lengths")
}

private func check(_ result: WebSocketUpgrade.Result) {
    switch result {
    case .notUpgrade: break
    case .accept(let request):
        require(request.key.description.utf8.count == 24 && [8, 13].contains(request.version), "key and version")
        checkResponse(request.response())
        // The decision may be anything; it must be the same for the same text in another case.
        let policy = OriginPolicy("example.com:*, *:8000 [::1]:80")
        require(
            policy.allows(request.origin) == policy.allows(request.origin.map { $0.asciiLowercased }),
            "origin case"
        )
        checkResponse(OriginPolicy.rejection(of: request.origin).response())
    case .rejected(let error):
        require((400...599).contains(error.status), "status")
        checkResponse(error.response())
    }
}

/// One blank line ends the head; every line before it is a status line or a field.
private func checkResponse(_ response: [UInt8]) {
    let text = String(decoding: response, as: UTF8.self).utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    require(text.first?.starts(with: "HTTP/1.1 ".utf8) ?? false, "status line")
    for line in text.dropFirst() {
        require(line.last == 0x0D, "a line of the response does not end in CRLF")
        if line.count == 1 { return }
        require(line.contains(UInt8(ascii: ":")), "a line of the response is no field")
    }
    finding("the response's head does not end")
}

extension String {
    fileprivate var asciiLowercased: String {
        String(decoding: utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
