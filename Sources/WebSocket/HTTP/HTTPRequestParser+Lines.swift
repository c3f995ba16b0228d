extension HTTPRequestParser {
    /// Checks `method SP target SP HTTP/d.d` (RFC 9112 §3), which begins the head and ends at `end`.
    @unsafe
    mutating func parseRequestLine(_ head: UnsafeRawBufferPointer, end: Int) throws(HTTPError) {
        precondition(end <= head.count, "line outside the head")
        var index = 0
        while index < end, HTTPCharacters.isToken(unsafe head[index]) { index &+= 1 }
        guard index > 0, index < end, unsafe head[index] == 0x20 else { throw .badRequest("Invalid request line") }
        methodEnd = index
        index &+= 1
        let targetStart = index
        while index < end, HTTPCharacters.isTarget(unsafe head[index]) { index &+= 1 }
        guard index > targetStart, index < end, unsafe head[index] == 0x20 else {
            throw .badRequest("Invalid request target")
        }
        targetRange = targetStart..<index
        // `HTTP/` and the dot behind the first digit.
        guard end - index == 9,
            unsafe head.loadUnaligned(fromByteOffset: index + 1, as: UInt32.self) == UInt32(bigEndian: 0x4854_5450),
            unsafe head[index + 5] == UInt8(ascii: "/"),
            HTTPCharacters.isDigit(unsafe head[index + 6]),
            unsafe head[index + 7] == UInt8(ascii: "."),
            HTTPCharacters.isDigit(unsafe head[index + 8])
        else { throw .badRequest("Invalid HTTP version") }
        version = unsafe .init(major: head[index + 6] & 0xF, minor: head[index + 8] & 0xF)
        // The preface of HTTP/2 (RFC 9113 §3.4) is a well-formed request line and ends here as well.
        guard version.major == 1 else { throw HTTPError(status: 505) }
    }

    /// Checks `name ":" OWS value OWS` (RFC 9112 §5).
    @unsafe
    mutating func parseField(_ line: Range<Int>, in head: UnsafeRawBufferPointer) throws(HTTPError) {
        guard fields.count < limits.maximumHeaders else { throw HTTPError(status: 431) }
        guard let field = unsafe HTTPFieldRange(line: line, in: head) else { throw .badRequest("Invalid header name") }
        guard unsafe field.isValid(in: head) else { throw .badRequest("Invalid header value") }
        // A browser's head has a dozen fields.
        if fields.isEmpty { fields.reserveCapacity(16) }
        if let name = unsafe HTTPKnownField(UnsafeRawBufferPointer(rebasing: head[field.name])) {
            known.note(name, at: fields.count)
        }
        fields.append(field)
    }
}

extension HTTPRequestHead {
    /// Requires exactly one well-formed `Host`, none being allowed before HTTP/1.1 (RFC 9112 §3.2).
    func checkHost() throws(HTTPError) {
        guard let host = firstField(.host) else {
            guard version < .http11 else { throw .badRequest("Missing Host header") }
            return
        }
        guard !known.isRepeated(.host) else { throw .badRequest("Duplicate Host header") }
        let isHost = unsafe bytes.withUnsafeBytes { bytes in
            unsafe UnsafeRawBufferPointer(rebasing: bytes[host.value]).allSatisfy(HTTPCharacters.isHost)
        }
        guard isHost else { throw .badRequest("Invalid Host header") }
    }

    /// Reads how the body, if any, is delimited; anything two parsers could read differently is refused
    /// (RFC 9112 §6.3, §11.2).
    mutating func readBodyLength() throws(HTTPError) {
        if let length = firstField(.contentLength) {
            guard !known.isRepeated(.contentLength) else { throw .badRequest("Duplicate Content-Length header") }
            contentLength = try parseContentLength(length)
        }
        guard let coding = firstField(.transferEncoding) else { return }
        guard !known.isRepeated(.transferEncoding) else { throw .badRequest("Duplicate Transfer-Encoding header") }
        guard contentLength == nil && version >= .http11 else {
            throw .badRequest("Invalid Transfer-Encoding header")
        }
        guard matchesIgnoringCase(coding.value, "chunked") else { throw HTTPError(status: 501) }
        isChunked = true
    }

    private func parseContentLength(_ field: HTTPFieldRange) throws(HTTPError) -> Int? {
        guard !field.value.isEmpty else { throw .badRequest("Invalid Content-Length header") }
        var length = 0
        for index in field.value {
            guard HTTPCharacters.isDigit(bytes[index]) else { throw .badRequest("Invalid Content-Length header") }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(bytes[index] & 0xF))
            if overflow || carry { throw HTTPError(status: 413) }
            length = sum
        }
        return length
    }
}
