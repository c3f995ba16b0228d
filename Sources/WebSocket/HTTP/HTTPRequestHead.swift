/// The request line and header fields of an HTTP/1.x request (RFC 9112), checked by ``HTTPRequestParser``.
///
/// All text lives in one array of the bytes received; fields are ranges of it and become strings when asked for.
public struct HTTPRequestHead: HTTPFieldSection, Sendable {
    /// The protocol version; the major version is always 1.
    public struct Version: Sendable, Hashable, Comparable {
        /// The digit before the dot.
        public var major: UInt8
        /// The digit after the dot.
        public var minor: UInt8

        /// HTTP/1.0, which has no upgrade (RFC 9110 §7.8).
        public static let http10 = Version(major: 1, minor: 0)
        /// HTTP/1.1.
        public static let http11 = Version(major: 1, minor: 1)

        /// Creates a version.
        public init(major: UInt8, minor: UInt8) {
            self.major = major
            self.minor = minor
        }

        /// Orders versions by age.
        public static func < (lhs: Version, rhs: Version) -> Bool {
            (lhs.major, lhs.minor) < (rhs.major, rhs.minor)
        }
    }

    /// The head as received, from the method to the blank line.
    public internal(set) var bytes: [UInt8]
    var fields: [HTTPFieldRange]
    /// Where the fields are that this module reads.
    var known: HTTPKnownFields
    var methodEnd: Int
    var targetRange: Range<Int>
    /// The version of the request.
    public internal(set) var version: Version
    /// The body's length in bytes that `Content-Length` announces; nil without that field.
    public internal(set) var contentLength: Int?
    /// Whether the body is sent in chunks: `Transfer-Encoding: chunked`, the only coding accepted.
    public internal(set) var isChunked: Bool

    /// The method, such as `GET`; methods are case-sensitive.
    public var method: String { string(0..<methodEnd) }

    /// The request target as received, query included.
    public var target: String { string(targetRange) }

    /// Everything of the target before the first `?`, not normalised (contract §1); for an absolute target, without
    /// its scheme and authority.
    public var path: String { string(pathRange) }

    /// Everything of the target behind the first `?`; nil without one.
    public var query: String? {
        let end = pathRange.upperBound
        return end < targetRange.upperBound ? string((end + 1)..<targetRange.upperBound) : nil
    }

    /// Whether a body follows, so that bytes behind the head are not a further request.
    public var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// Whether the connection may serve another request: HTTP/1.1 without `Connection: close`, or HTTP/1.0 with
    /// `keep-alive` (RFC 9112 §9.3).
    public var isKeepAlive: Bool {
        if lists("close", in: .connection) { return false }
        return version >= .http11 || lists("keep-alive", in: .connection)
    }

    /// All fields in order.
    public var headers: [HTTPHeaderField] {
        headerFields
    }

    /// Whether the method is `name`; without making a string.
    public func isMethod(_ name: StaticString) -> Bool {
        matches(0..<methodEnd, name)
    }

    /// Whether ``path`` equals `path` byte for byte; without making a string.
    public func isPath(_ path: String) -> Bool {
        let range = pathRange
        guard range.count == path.utf8.count else { return false }
        return unsafe path.utf8.withContiguousStorageIfAvailable { unsafe matches(range, $0) }
            ?? (string(range) == path)
    }

    /// The first value of the field `name`, in any case of letters; nil if there is none.
    public func header(_ name: StaticString) -> String? {
        firstField(name).map { string($0.value) }
    }

    /// The first value of the field `name`, in any case of letters; nil if there is none.
    public func header(_ name: String) -> String? {
        firstValue(name)
    }

    /// All values of the field `name` in order, one for each line that carries it.
    public func all(_ name: String) -> [String] {
        values(name)
    }

    /// How many lines carry the field `name`.
    public func count(of name: StaticString) -> Int {
        fieldCount(name)
    }

    /// Whether a comma-separated field, over all its lines, lists `token`, in any case of letters (RFC 9110 §5.6.1).
    public func hasToken(_ token: StaticString, in name: StaticString) -> Bool {
        lists(token, in: name)
    }

    /// The first line that carries `field`.
    func firstField(_ field: HTTPKnownField) -> HTTPFieldRange? {
        known.line(of: field).map { fields[$0] }
    }

    /// The one line that carries `field`; nil if there is none or more than one.
    func onlyField(_ field: HTTPKnownField) -> HTTPFieldRange? {
        known.isRepeated(field) ? nil : firstField(field)
    }

    /// ``hasToken(_:in:)``, without looking at every line.
    func lists(_ token: StaticString, in field: HTTPKnownField) -> Bool {
        if known.isRepeated(field) { return lists(token, in: field.name) }
        return firstField(field).map { lists(token, in: $0) } ?? false
    }

    /// The range of `path` in `bytes`.
    var pathRange: Range<Int> {
        var end = targetRange.lowerBound
        while end < targetRange.upperBound, bytes[end] != UInt8(ascii: "?") { end += 1 }
        if !targetRange.isEmpty, bytes[targetRange.lowerBound] == UInt8(ascii: "/") {
            return targetRange.lowerBound..<end
        }
        // Absolute form, `http://authority/path`: two slashes precede the authority, and the next one ends it.
        var slashes = 0
        for index in targetRange.lowerBound..<end where bytes[index] == UInt8(ascii: "/") {
            slashes += 1
            if slashes == 3 { return index..<end }
        }
        return targetRange.lowerBound..<end
    }
}

extension HTTPRequestHead: CustomStringConvertible, CustomReflectable {
    /// The method and the path. Fields and query may carry what is secret.
    public var description: String { "\(method) \(path)" }

    /// The method and the path. Fields and query may carry what is secret.
    public var customMirror: Mirror { Mirror(self, children: ["method": method, "path": path]) }
}
