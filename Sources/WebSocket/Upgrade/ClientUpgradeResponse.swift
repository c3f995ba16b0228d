/// The client's reading of the answer to its opening handshake (RFC 6455 §4.1): bytes in, an open WebSocket or an error out.
public struct ClientUpgradeResponse: Sendable {
    /// An opened WebSocket.
    public struct Accepted: Sendable {
        /// The subprotocol that the server chose; nil if none.
        public let subprotocol: String?
        /// The extensions in use with their parameters, as the server wrote them; nil if none. Their names are among those
        /// offered; their parameters are for the extension to check.
        public let extensions: String?
        /// The whole response.
        public let head: HTTPResponseHead
    }

    /// The most interim (1xx) responses passed over: 8.
    public static let maximumInterimResponses = FinalResponseReader.maximumInterimResponses

    private var reader: FinalResponseReader
    private let accept: String
    private let subprotocols: [String]
    private let extensions: String?

    /// Creates the state of one handshake.
    ///
    /// - Parameters:
    ///   - upgrade: what was asked for.
    ///   - key: the key in it.
    ///   - limits: what the server may send.
    public init(to upgrade: ClientUpgrade, key: String, limits: HTTPResponseParser.Limits = .init()) {
        reader = FinalResponseReader(limits: limits)
        accept = WebSocketUpgrade.acceptValue(forKey: key)
        subprotocols = upgrade.subprotocols
        extensions = upgrade.extensions
    }

    /// Takes bytes up to the end of the response.
    ///
    /// - Parameters:
    ///   - input: received bytes.
    ///   - position: where to go on; stops right behind the response, where frames begin, or at the input's end.
    /// - Returns: the opened WebSocket, or nil when all of the input is consumed and more is needed.
    /// - Throws: why there is no WebSocket; further input is of no use.
    public mutating func receive(
        _ input: RawSpan,
        at position: inout Int
    ) throws(ClientUpgradeError) -> Accepted? {
        let head: HTTPResponseHead?
        do throws(FinalResponseReader.Failure) {
            head = try reader.receive(input, at: &position)
        } catch {
            throw ClientUpgradeError(error)
        }
        guard let head else { return nil }
        return try check(head)
    }

    private func check(_ head: HTTPResponseHead) throws(ClientUpgradeError) -> Accepted {
        guard head.status == 101 else { throw .refused(status: head.status, reason: head.reason) }
        guard head.version >= .http11 else { throw .unsupportedVersion }
        guard head.hasToken("websocket", in: "upgrade") else { throw .missingUpgrade }
        guard head.hasToken("upgrade", in: "connection") else { throw .missingConnection }
        guard head.count(of: "sec-websocket-accept") == 1, head.header("sec-websocket-accept") == accept else {
            throw .wrongAccept
        }
        return Accepted(
            subprotocol: try checkSubprotocol(head),
            extensions: try checkExtensions(head),
            head: head
        )
    }

    private func checkSubprotocol(_ head: HTTPResponseHead) throws(ClientUpgradeError) -> String? {
        let values = head.all("sec-websocket-protocol")
        guard let chosen = values.first else { return nil }
        guard values.count == 1, subprotocols.contains(chosen) else { throw .unexpectedSubprotocol }
        return chosen
    }

    private func checkExtensions(_ head: HTTPResponseHead) throws(ClientUpgradeError) -> String? {
        let values = head.all("sec-websocket-extensions")
        guard !values.isEmpty else { return nil }
        let offered = Set(Self.names(extensions ?? ""))
        let chosen = values.flatMap(Self.names)
        guard !chosen.isEmpty, Set(chosen).isSubset(of: offered), Set(chosen).count == chosen.count else {
            throw .unexpectedExtension
        }
        return values.joined(separator: ", ")
    }

    /// The names in a list of extensions: what precedes each one's parameters. A comma in a quoted parameter would be
    /// taken for the end of one, and what follows for an extension that was not offered: refused, not misunderstood.
    private static func names(_ list: String) -> [String] {
        list.utf8.split(separator: UInt8(ascii: ",")).compactMap { part in
            let name = part.prefix { $0 != UInt8(ascii: ";") }
                .filter { !HTTPCharacters.isSpace($0) }
                .map(HTTPCharacters.lowercased)
            return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
        }
    }
}
