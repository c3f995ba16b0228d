/// A header field that a client cannot send. The text names the field, never its value.
public enum HTTPHeaderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name is not a token (RFC 9110 §5.1).
    case invalidName
    /// The value of the named field has a control character, a line break for one, which could begin another field.
    case invalidValue(name: String)
    /// The named field is written by the handshake itself.
    case reserved(name: String)

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .invalidName: "A header field has an invalid name"
        case .invalidValue(let name): "The header field \(name) has an invalid value"
        case .reserved(let name): "The header field \(name) is written by the handshake itself"
        }
    }
}

extension HTTPHeaderField {
    /// Whether the field's name is `name`, in any case of letters.
    func isNamed(_ name: String) -> Bool {
        self.name.utf8.elementsEqual(name.utf8) {
            HTTPCharacters.lowercased($0) == HTTPCharacters.lowercased($1)
        }
    }

    /// - Throws: ``HTTPHeaderError`` if the field is not one line of a head.
    func validate() throws(HTTPHeaderError) {
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPCharacters.isToken) else { throw .invalidName }
        guard value.utf8.allSatisfy(HTTPCharacters.isFieldValue) else { throw .invalidValue(name: name) }
    }

    /// Appends the field as a line. The field must be valid.
    func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        bytes.append(contentsOf: value.utf8)
        bytes.append(contentsOf: "\r\n".utf8)
    }
}
