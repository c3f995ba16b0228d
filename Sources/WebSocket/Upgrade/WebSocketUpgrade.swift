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
        AcceptHasher().value(forKey: key)
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

    private static func parse(_ head: HTTPRequestHead) throws(HTTPError) -> UpgradeRequest? {
        guard head.firstField(.upgrade) != nil else { return nil }
        let isWebSocket = head.lists("websocket", in: .upgrade)
        guard
            isWebSocket || head.firstField(.webSocketKey) != nil || head.firstField(.webSocketVersion) != nil
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
        guard head.lists("upgrade", in: .connection) else { throw .badRequest("Invalid Connection header") }
        let key = try parseKey(head)
        let version = try parseVersion(head)
        guard !head.isChunked else { throw .badRequest("Invalid Transfer-Encoding header") }
        guard !head.hasBody else { throw .badRequest("Invalid Content-Length header") }
        let originField: HTTPKnownField = version == 8 ? .webSocketOrigin : .origin
        guard !head.known.isRepeated(originField) else { throw .badRequest("Invalid Origin header") }
        return UpgradeRequest(
            key: key,
            version: version,
            origin: head.firstField(originField).map { head.string($0.value) },
            subprotocols: head.firstField(.webSocketProtocol) == nil ? [] : try parseSubprotocols(head)
        )
    }

    /// `Sec-WebSocket-Key`: once.
    private static func parseKey(_ head: HTTPRequestHead) throws(HTTPError) -> WebSocketKey {
        let key = head.onlyField(.webSocketKey).flatMap { field in
            unsafe head.bytes.withUnsafeBytes { unsafe WebSocketKey(UnsafeRawBufferPointer(rebasing: $0[field.value])) }
        }
        guard let key else { throw .badRequest("Missing or invalid Sec-WebSocket-Key header") }
        return key
    }

    private static func parseVersion(_ head: HTTPRequestHead) throws(HTTPError) -> Int {
        if let field = head.onlyField(.webSocketVersion) {
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
