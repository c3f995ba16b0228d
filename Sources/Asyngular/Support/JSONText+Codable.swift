public import StrictJSON

#if canImport(FoundationEssentials)
private import FoundationEssentials
#else
private import Foundation
#endif

extension JSONText {
    /// Encodes a value.
    ///
    /// - Throws: what the value's own `encode(to:)` or the encoder throws.
    public init(encoding value: some Encodable) throws {
        self.init(unchecked: Array(try JSONEncoder().encode(value)))
    }

    /// Decodes a value of a type.
    ///
    /// - Throws: `DecodingError` if the JSON does not fit the type.
    public func decode<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}

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
