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
        let prefix = StaticString("HTTP/")
        guard end - index == 9,
            prefix.withUTF8Buffer({ unsafe head[(index + 1)..<(index + 6)].elementsEqual($0) }),
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
        fields.append(field)
    }
}

extension HTTPRequestHead {
    /// Requires exactly one well-formed `Host`, none being allowed before HTTP/1.1 (RFC 9112 §3.2).
    func checkHost() throws(HTTPError) {
        let count = count(of: "host")
        guard count == 1 || (count == 0 && version < .http11) else {
            throw .badRequest(count == 0 ? "Missing Host header" : "Duplicate Host header")
        }
        guard let host = firstField("host") else { return }
        for index in host.value {
            switch bytes[index] {
            case 0x21, 0x24...0x2E, 0x30...0x3B, 0x3D, 0x41...0x5B, 0x5D, 0x5F, 0x61...0x7A, 0x7E: continue
            default: throw .badRequest("Invalid Host header")
            }
        }
    }

    /// Reads how the body, if any, is delimited; anything two parsers could read differently is refused
    /// (RFC 9112 §6.3, §11.2).
    mutating func readBodyLength() throws(HTTPError) {
        switch count(of: "content-length") {
        case 0: break
        case 1: contentLength = try parseContentLength()
        default: throw .badRequest("Duplicate Content-Length header")
        }
        switch count(of: "transfer-encoding") {
        case 0: return
        case 1: break
        default: throw .badRequest("Duplicate Transfer-Encoding header")
        }
        guard contentLength == nil && version >= .http11 else {
            throw .badRequest("Invalid Transfer-Encoding header")
        }
        guard let coding = firstField("transfer-encoding"), matchesIgnoringCase(coding.value, "chunked") else {
            throw HTTPError(status: 501)
        }
        isChunked = true
    }

    private func parseContentLength() throws(HTTPError) -> Int? {
        guard let field = firstField("content-length"), !field.value.isEmpty else {
            throw .badRequest("Invalid Content-Length header")
        }
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
