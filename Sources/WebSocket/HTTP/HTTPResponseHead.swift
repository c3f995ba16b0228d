/// The status line and header fields of an HTTP/1.x response (RFC 9112), checked by ``HTTPResponseParser``.
///
/// All text lives in one array of the bytes received; fields are ranges of it and become strings when asked for.
public struct HTTPResponseHead: HTTPFieldSection, Sendable {
    /// The head as received, from the version to the blank line.
    public internal(set) var bytes: [UInt8]
    var fields: [HTTPFieldRange]
    var reasonRange: Range<Int>
    /// The version of the response.
    public internal(set) var version: HTTPRequestHead.Version
    /// The status code, 100–599.
    public internal(set) var status: Int

    /// The reason phrase as received, which may be empty and means nothing to a program.
    public var reason: String { string(reasonRange) }

    /// All fields in order.
    public var headers: [HTTPHeaderField] { headerFields }

    /// The first value of the field `name`, in any case of letters; nil if there is none.
    public func header(_ name: String) -> String? { firstValue(name) }

    /// All values of the field `name` in order, one for each line that carries it.
    public func all(_ name: String) -> [String] { values(name) }

    /// How many lines carry the field `name`.
    public func count(of name: StaticString) -> Int { fieldCount(name) }

    /// Whether a comma-separated field, over all its lines, lists `token`, in any case of letters (RFC 9110 §5.6.1).
    public func hasToken(_ token: StaticString, in name: StaticString) -> Bool { lists(token, in: name) }
}

extension HTTPResponseHead: CustomStringConvertible, CustomReflectable {
    /// The status and the reason phrase. Fields may carry what is secret.
    public var description: String { "\(status) \(reason)" }

    /// The status and the reason phrase. Fields may carry what is secret.
    public var customMirror: Mirror { Mirror(self, children: ["status": status, "reason": reason]) }
}
