/// The server's side of the opening handshake (RFC 6455 §4.2), in the order and with the texts of contract §1.
///
/// Rows 1 and 2 of the contract's table are decided here; path, middleware and origin are the caller's, in that order.
public enum WebSocketUpgrade {
    /// What a request head asks for.
    public enum Result: Sendable, Equatable {
        /// No upgrade to WebSocket: an ordinary request. On the WebSocket path, answer ``upgradeRequired``.
        case notUpgrade
        /// A well-formed upgrade.
        case accept(UpgradeRequest)
        /// A malformed upgrade, and its answer.
        case rejected(HTTPError)
    }

    /// The versions spoken, as `Sec-WebSocket-Version` lists them in a refusal (§4.4). 8 differs in the name of the
    /// origin field only.
    public static let supportedVersions = "13, 8"

    /// The answer to an ordinary request for the WebSocket path: 426 (RFC 9110 §15.5.22).
    public static let upgradeRequired = HTTPError(
        status: 426,
        headers: [
            HTTPHeaderField(name: "Upgrade", value: "websocket"),
            HTTPHeaderField(name: "Sec-WebSocket-Version", value: supportedVersions),
        ]
    )

    /// The answer to an upgrade for another path: 400 `Bad Request` (contract §1, row 3).
    public static let wrongPath = HTTPError(status: 400)

    /// Decides whether a request is a well-formed upgrade.
    ///
    /// A request without `Upgrade` is ordinary, and so is one that offers another protocol (`h2c`) and has no
    /// `Sec-WebSocket-` field, since RFC 9110 §7.8 lets a server ignore such an offer.
    public static func evaluate(_ head: HTTPRequestHead) -> Result {
        do throws(HTTPError) {
            guard let request = try parse(head) else { return .notUpgrade }
            return .accept(request)
        } catch {
            return .rejected(error)
        }
    }

    /// The value of `Sec-WebSocket-Accept` for a value of `Sec-WebSocket-Key` (§4.2.2).
    public static func acceptValue(forKey key: String) -> String {
        AcceptValue.value(forKey: key)
    }

    /// The 101 response. No extension is ever accepted, so there is no `Sec-WebSocket-Extensions`.
    ///
    /// - Parameters:
    ///   - accept: from ``acceptValue(forKey:)``.
    ///   - subprotocol: one of those offered, or nil.
    public static func response(accept: String, subprotocol: String?) -> [UInt8] {
        var headers = [
            HTTPHeaderField(name: "Upgrade", value: "websocket"),
            HTTPHeaderField(name: "Connection", value: "Upgrade"),
            HTTPHeaderField(name: "Sec-WebSocket-Accept", value: accept),
        ]
        if let subprotocol { headers.append(HTTPHeaderField(name: "Sec-WebSocket-Protocol", value: subprotocol)) }
        return HTTPResponseWriter.serialize(status: 101, headers: headers)
    }

    private static let acceptance: StaticString = """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept:\u{20}
        """

    /// What ``response(accept:subprotocol:)`` gives for a key without a subprotocol, written in one go: every connection
    /// needs it.
    static func response(forKey key: String) -> [UInt8] {
        let beginning = acceptance.utf8CodeUnitCount
        let length = beginning + AcceptValue.length + 4
        return unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let output = UnsafeMutableRawBufferPointer(buffer)
            unsafe output.copyMemory(from: UnsafeRawBufferPointer(start: acceptance.utf8Start, count: beginning))
            unsafe AcceptValue.write(forKey: key, into: UnsafeMutableRawBufferPointer(rebasing: output[beginning...]))
            unsafe output.storeBytes(of: UInt32(bigEndian: 0x0D0A_0D0A), toByteOffset: length - 4, as: UInt32.self)
            count = length
        }
    }

    private static func parse(_ head: HTTPRequestHead) throws(HTTPError) -> UpgradeRequest? {
        let isWebSocket = head.hasToken("websocket", in: "upgrade")
        guard head.firstField("upgrade") != nil else { return nil }
        guard
            isWebSocket || head.firstField("sec-websocket-key") != nil
                || head.firstField("sec-websocket-version") != nil
        else { return nil }
        guard head.isMethod("GET") else {
            throw HTTPError(
                status: 405,
                message: "Invalid HTTP method",
                headers: [HTTPHeaderField(name: "Allow", value: "GET")]
            )
        }
        guard isWebSocket else { throw .badRequest("Invalid Upgrade header") }
        guard head.version >= .http11 else { throw .badRequest("Invalid HTTP version") }
        guard head.hasToken("upgrade", in: "connection") else { throw .badRequest("Invalid Connection header") }
        let key = try parseKey(head)
        let version = try parseVersion(head)
        guard !head.isChunked else { throw .badRequest("Invalid Transfer-Encoding header") }
        guard !head.hasBody else { throw .badRequest("Invalid Content-Length header") }
        let originField: StaticString = version == 8 ? "sec-websocket-origin" : "origin"
        guard head.count(of: originField) <= 1 else { throw .badRequest("Invalid Origin header") }
        return UpgradeRequest(
            key: key,
            version: version,
            origin: head.header(originField),
            subprotocols: try parseSubprotocols(head)
        )
    }

    /// `Sec-WebSocket-Key`: once, 22 base64 digits and two paddings, which is 16 bytes.
    private static func parseKey(_ head: HTTPRequestHead) throws(HTTPError) -> String {
        let message = "Missing or invalid Sec-WebSocket-Key header"
        guard head.count(of: "sec-websocket-key") == 1, let field = head.firstField("sec-websocket-key") else {
            throw .badRequest(message)
        }
        let isKey = unsafe head.bytes.withUnsafeBufferPointer { bytes in
            unsafe isKeyText(UnsafeBufferPointer(rebasing: bytes[field.value]))
        }
        guard isKey else { throw .badRequest(message) }
        return head.string(field.value)
    }

    @unsafe
    private static func isKeyText(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count == 24, unsafe text[22] == UInt8(ascii: "="), unsafe text[23] == UInt8(ascii: "=") else {
            return false
        }
        for index in 0..<22 {
            switch unsafe text[index] {
            case 0x2B, 0x2F, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: continue
            default: return false
            }
        }
        return true
    }

    private static func parseVersion(_ head: HTTPRequestHead) throws(HTTPError) -> Int {
        if head.count(of: "sec-websocket-version") == 1, let field = head.firstField("sec-websocket-version") {
            if head.matches(field.value, "13") { return 13 }
            if head.matches(field.value, "8") { return 8 }
        }
        throw HTTPError(
            status: 400,
            message: "Missing or invalid Sec-WebSocket-Version header",
            headers: [HTTPHeaderField(name: "Sec-WebSocket-Version", value: supportedVersions)]
        )
    }

    /// `Sec-WebSocket-Protocol`: tokens, none of them twice (§4.1).
    private static func parseSubprotocols(_ head: HTTPRequestHead) throws(HTTPError) -> [String] {
        var subprotocols: [String] = []
        for field in head.fields where head.matchesIgnoringCase(field.name, "sec-websocket-protocol") {
            for part in head.bytes[field.value].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                let token = head.trimmed(part.startIndex..<part.endIndex)
                guard !token.isEmpty, head.bytes[token].allSatisfy(HTTPCharacters.isToken) else {
                    throw .badRequest("Invalid Sec-WebSocket-Protocol header")
                }
                subprotocols.append(head.string(token))
            }
        }
        guard Set(subprotocols).count == subprotocols.count else {
            throw .badRequest("Invalid Sec-WebSocket-Protocol header")
        }
        return subprotocols
    }
}
