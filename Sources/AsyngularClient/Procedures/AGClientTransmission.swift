import StrictJSON

/// An event of the server that wants no answer, as ``AGClientSocket/receiver(_:)`` hands it out.
public struct AGClientTransmission: Sendable {
    /// The event's name.
    public let event: String
    /// The data sent along; nil if there was none.
    public let data: JSONText?

    /// `data` as a value; nil if there was none.
    public var value: JSONValue? {
        data.flatMap { try? $0.value() }
    }
}
