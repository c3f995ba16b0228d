/// A kind of event of one channel, for ``AGChannel/listener(_:)``. Each comes before its twin of the client (``AGClientEvent``).
public struct AGChannelEvent<Payload: Sendable>: Sendable {
    let id: AGClientEventID
}

extension AGChannelEvent where Payload == AGChannelSubscription {
    /// The server accepted the subscription.
    public static var subscribe: Self { Self(id: .subscribe) }
}

extension AGChannelEvent where Payload == AGChannelSubscribeFailure {
    /// The server refused the subscription.
    public static var subscribeFail: Self { Self(id: .subscribeFail) }
}

extension AGChannelEvent where Payload == AGChannelStateChange {
    /// The channel's state changed.
    public static var subscribeStateChange: Self { Self(id: .subscribeStateChange) }
}

extension AGChannelEvent where Payload == Void {
    /// The client is no longer in the channel, also because it lost its connection.
    public static var unsubscribe: Self { Self(id: .unsubscribe) }
}

extension AGChannelEvent where Payload == AGChannelKickOut {
    /// The server took the client out of the channel.
    public static var kickOut: Self { Self(id: .kickOut) }
}
