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
