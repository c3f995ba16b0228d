import AsyngularSupport
import StrictJSON

extension AGAuthToken {
    /// Decodes the claims as a type.
    ///
    /// - Throws: `DecodingError` if the claims do not fit the type.
    public func decode<Claims: Decodable>(as type: Claims.Type = Claims.self) throws -> Claims {
        try claims.decode(as: type)
    }
}

extension AGRequest {
    /// Answers with an encoded value.
    ///
    /// - Throws: what encoding throws; nothing is sent then.
    public func end(encoding value: some Encodable) throws {
        end(try JSONText(encoding: value))
    }
}

extension AGInvocation {
    /// Answers with an encoded value.
    ///
    /// - Throws: what encoding throws; nothing is sent then, and the caller is answered with that error.
    public mutating func end(encoding value: some Encodable) throws {
        end(try JSONText(encoding: value))
    }
}
