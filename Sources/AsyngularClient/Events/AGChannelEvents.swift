import SocketProtocol
import StrictJSON

/// What is between a client and a channel (contract §7).
public enum AGChannelState: String, Sendable {
    /// Subscribed as soon as the server says so: the connection is not open, the answer is not there yet, or the channel waits for
    /// authentication.
    case pending
    /// The server has accepted the subscription.
    case subscribed
    /// Not subscribed, and not going to be.
    case unsubscribed
}

/// A change of an ``AGChannelState``.
public struct AGChannelStateChange: Sendable {
    /// The channel.
    public let channel: String
    /// The state before.
    public let oldChannelState: AGChannelState
    /// The state now.
    public let newChannelState: AGChannelState
    /// What the subscription was asked for with.
    public let subscriptionOptions: AGSubscribeOptions
}

/// A subscription that was asked for or accepted.
public struct AGChannelSubscription: Sendable {
    /// The channel.
    public let channel: String
    /// What it was asked for with.
    public let subscriptionOptions: AGSubscribeOptions
}

/// A subscription that the server refused; the channel is forgotten.
public struct AGChannelSubscribeFailure: Sendable {
    /// The channel.
    public let channel: String
    /// Why.
    public let error: AGError
    /// What it was asked for with.
    public let subscriptionOptions: AGSubscribeOptions
}

/// The server took the client out of a channel. The client does not subscribe again by itself.
public struct AGChannelKickOut: Sendable {
    /// The channel.
    public let channel: String
    /// What the server has to say about it.
    public let message: JSONValue?
}
