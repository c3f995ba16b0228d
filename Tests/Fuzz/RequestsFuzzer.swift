import WebSocket

/// A request as the reader took it apart.
private struct Request: Equatable {
    var head: [UInt8]
    var content: [UInt8] = []
    var isComplete = false
}

/// What the reader made of a connection's bytes.
private struct Outcome: Equatable {
    var requests: [Request] = []
    var error: HTTPError?
    var consumed = 0
}

private let limit = 64

/// Any bytes as requests with bodies, one after another: no trap, the same requests however the bytes are cut, no body beyond its
/// limit, and nothing taken after an error.
@c
public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput(data, count, settings: 1)
    let whole = read([input.bytes])
    let cut = read(input.pieces(seed: input.settings[0]))
    require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
    for request in whole.requests { require(request.content.count <= limit, "body beyond its limit") }
    require(whole.requests.dropLast().allSatisfy { $0.isComplete }, "a request before the end of another")
    if whole.error == nil { require(whole.consumed == input.bytes.count, "bytes left over") }
    return 0
}

private func read(_ pieces: [[UInt8]]) -> Outcome {
    var reader = HTTPRequestReader()
    var outcome = Outcome()
    for piece in pieces {
        let error = withExactCopy(of: piece) { copy -> HTTPError? in
            var position = 0
            defer { outcome.consumed += position }
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(copy))
            do throws(HTTPError) {
                while let event = try reader.next(span, at: &position) {
                    switch event {
                    case .head(let head):
                        outcome.requests.append(Request(head: Array(head.method.utf8) + Array(head.target.utf8)))
                        let limits = HTTPBodyDecoder.Limits(
                            maximumBodyBytes: limit,
                            maximumExtensionBytes: 16,
                            maximumTrailerBytes: 32
                        )
                        try reader.readBody(limits: limits)
                    case .content(let range):
                        require(!range.isEmpty && range.upperBound == position, "content where the input is")
                        unsafe outcome.requests[outcome.requests.count - 1].content += copy[range]
                    case .end:
                        outcome.requests[outcome.requests.count - 1].isComplete = true
                        require(!reader.isMidRequest, "mid-request at its end")
                        reader.beginNextRequest()
                    }
                }
                return nil
            } catch {
                return error
            }
        }
        if let error {
            require((400...599).contains(error.status), "status")
            outcome.error = error
            // Where in the input it was found depends on the cut.
            outcome.consumed = 0
            return outcome
        }
    }
    return outcome
}
