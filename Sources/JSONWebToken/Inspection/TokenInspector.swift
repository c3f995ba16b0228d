import StrictJSON

/// Takes a token apart without verifying it, for people who want to see what is in it.
///
/// Nothing it returns may be trusted: anybody can write any header and any claims.
public enum TokenInspector {
    /// The parts of an unverified token.
    public struct Parts: Sendable, Hashable {
        /// The decoded header: JSON text, unless the token is not a JWT.
        public let header: [UInt8]
        /// The decoded payload: JSON text, unless the token is not a JWT.
        public let payload: [UInt8]
        /// The decoded signature's length in bytes; 0 when there is none.
        public let signatureLength: Int

        /// The header as a JSON value.
        public func headerValue() throws(JSONError) -> JSONValue { try JSONValue(parsing: header) }

        /// The payload as a JSON value.
        public func payloadValue() throws(JSONError) -> JSONValue { try JSONValue(parsing: payload) }
    }

    /// The longest token taken apart unless told otherwise: 1 MiB.
    public static let defaultMaximumLength = 1 << 20

    /// Splits and decodes a token.
    ///
    /// - Parameters:
    ///   - token: the token's bytes, without surrounding white space.
    ///   - maximumLength: the longest token taken apart, in bytes.
    /// - Throws: ``TokenError/notProvided``, ``TokenError/tooLong(limit:)``, ``TokenError/malformed`` without exactly two
    ///   dots, ``TokenError/invalidToken`` when a part is not strict base64url.
    public static func inspect(
        _ token: [UInt8],
        maximumLength: Int = defaultMaximumLength
    ) throws(TokenError) -> Parts {
        guard token.count <= maximumLength else { throw .tooLong(limit: maximumLength) }
        guard !token.isEmpty else { throw .notProvided }
        guard let parts = unsafe token.withUnsafeBytes({ unsafe TokenParts($0) }) else { throw .malformed }
        guard let header = Base64URL.decode(token[parts.header]), let payload = Base64URL.decode(token[parts.payload]),
            let signature = Base64URL.decode(token[parts.signature])
        else { throw .invalidToken }
        return Parts(header: header, payload: payload, signatureLength: signature.count)
    }

    /// The claims of a token as they stand in it, or `nil` when it has none that can be read. Unverified.
    public static func claims(_ token: String) -> JSONValue? {
        guard let parts = try? inspect(Array(token.utf8)) else { return nil }
        return try? parts.payloadValue()
    }

    /// The `kid` of a token's header, or `nil` when it has none that can be read. Unverified: good for asking whether such a
    /// key exists, for nothing else.
    public static func keyID(_ token: [UInt8]) -> String? {
        guard let parts = try? inspect(token), let header = try? parts.headerValue() else { return nil }
        return header["kid"]?.stringValue
    }
}
