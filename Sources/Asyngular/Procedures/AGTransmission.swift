import StrictJSON

/// An event that wants no answer, as ``AGServerSocket/receiver(_:)`` hands it out.
public struct AGTransmission: Sendable {
    /// The socket that sent it.
    public let socket: AGServerSocket
    /// The event's name.
    public let event: String
    /// The data sent along; nil if there was none.
    public let data: JSONText?

    /// `data` as a value; nil if there was none.
    public var value: JSONValue? {
        data.flatMap { try? $0.value() }
    }
}
