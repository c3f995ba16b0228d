import StrictJSON

/// An error as it travels between peers (contract §12): a message, usually a name, and further properties.
///
/// Kinds are told apart by ``name``, never by a Swift type. Anything that a peer may send as an error is held,
/// including a bare string or number.
public struct AGError: Error, Sendable, Hashable {
    /// The kind of error, such as `AuthTokenExpiredError`; nil if it has none.
    public var name: String?
    /// The text. For an error that is a bare string this is that string.
    public var message: String
    /// Further properties in the order in which they are sent, without `message`, `name` and `stack`.
    public var properties: JSONObject
    /// The value itself, if the error is a bare value and not an object; then it is sent as it is and nothing else
    /// counts.
    public let primitive: JSONValue?

    /// An error.
    public init(name: String? = nil, message: String, properties: JSONObject = [:]) {
        self.name = name
        self.message = message
        self.properties = properties
        primitive = nil
    }

    /// An error that is a bare value, as a middleware may block with. Objects and arrays belong into
    /// ``hydrate(from:)``.
    public init(primitive: JSONValue) {
        name = nil
        message = primitive.stringValue ?? primitive.description
        properties = [:]
        self.primitive = primitive
    }

    /// The error that a received value stands for; nil for `null`, which means success.
    ///
    /// A `stack` sent by the peer is dropped, because nothing vouches for it. References such as `{"$ref":"$"}`, by
    /// which a peer breaks cycles, stay as they are.
    public static func hydrate(from value: JSONValue) -> AGError? {
        switch value {
        case .null:
            return nil
        case .object(let object):
            var properties = JSONObject()
            for member in object where !isOwn(member.name) { properties[member.name] = member.value }
            return AGError(
                name: object["name"]?.stringValue,
                message: object["message"]?.stringValue ?? invalidFormatMessage,
                properties: properties
            )
        case .array(let elements):
            // To JavaScript an array is an object with its positions as names.
            let members = elements.enumerated().map { (String($0.offset), $0.element) }
            return AGError(message: invalidFormatMessage, properties: JSONObject(members: members))
        default:
            return AGError(primitive: value)
        }
    }

    /// The error that a received text stands for. A text that cannot be decoded makes an error with the message
    /// `Invalid error message format`.
    public static func hydrate(from text: RawSpan) -> AGError? {
        guard let value = try? JSONValue(parsing: text, maximumDepth: JSONNesting.ceiling) else {
            return AGError(message: invalidFormatMessage)
        }
        return hydrate(from: value)
    }

    /// The value that is sent for this error: message, name, then the properties in order.
    public func dehydrated() -> JSONValue {
        if let primitive { return primitive }
        var object: JSONObject = ["message": .string(message)]
        if let name { object["name"] = .string(name) }
        for member in properties where !AGError.isOwn(member.name) { object[member.name] = member.value }
        return .object(object)
    }

    /// Appends the text that is sent for this error.
    public func write(into output: inout [UInt8]) { dehydrated().write(into: &output) }

    /// The text that is sent for this error.
    public func serialized() -> [UInt8] { dehydrated().serialized() }

    private static let invalidFormatMessage = "Invalid error message format"

    /// Whether a property is held in a field of its own, or not at all.
    private static func isOwn(_ name: String) -> Bool { name == "message" || name == "name" || name == "stack" }
}

extension AGError {
    /// Whether the error says that the token is bad and must be discarded (`isBadToken`). Nil if it says nothing.
    public var isBadToken: Bool? { properties["isBadToken"]?.boolValue }

    /// Whether a block with this error is to be hidden from the peer (`silent`).
    public var isSilent: Bool { properties["silent"]?.boolValue ?? false }

    /// The close code that a handshake middleware asks for (`statusCode`), if it is one.
    public var statusCode: UInt16? { properties["statusCode"]?.integerValue.flatMap { UInt16(exactly: $0) } }
}

extension AGError: CustomStringConvertible {
    /// Name and message.
    public var description: String { name.map { "\($0): \(message)" } ?? message }
}
