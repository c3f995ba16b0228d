import SocketProtocol
import StrictJSON

/// A socket's place in one channel of its loop.
struct Subscription {
    let channel: LoopChannel
    var index: Int
}

extension AGServerSocket {
    // MARK: #subscribe, #unsubscribe, #publish (contract §7)

    func handleSubscribe(_ packet: Packet, of bytes: RawSpan) {
        let expired = expireAuthToken()
        guard state == .open else {
            return fail(packet, of: bytes, .subscribeBeforeHandshake)
        }
        guard let target = ChannelData(packet.data, of: bytes) else {
            return fail(packet, of: bytes, .subscribeMalformatted)
        }
        let channel = target.name(in: bytes)
        let options = target.subscriptionOptions(of: bytes)
        if settings.filters(.subscribe) {
            var action = AGAction(.subscribe, socket: self)
            action.channel = channel
            action.data = target.data(in: bytes)
            action.authTokenExpiredError = expired
            guard permit(action, packet, of: bytes) else { return }
        }
        guard packet.kind == .invoke else {
            // Contract §5: without a cid nothing is subscribed.
            return deliverTransmission(packet, named: Self.subscribeName.rawBytes, of: bytes)
        }
        guard subscribe(to: channel) else {
            let reason = AGError.channelLimitExceeded(socketID: id, limit: settings.channelLimit)
            return fail(packet, of: bytes, .subscribeFailed(channel: channel, reason: reason))
        }
        emit(.subscribe, AGSubscription(channel: channel, options: options), as: .subscription)
        respond(to: packet, of: bytes)
    }

    func handleUnsubscribe(_ packet: Packet, of bytes: RawSpan) {
        expireAuthToken()
        guard let range = packet.data, JSONScanner.kind(of: bytes.extracting(range)) == .string,
            case .string(let channel)? = try? JSONValue(parsing: bytes.extracting(range))
        else {
            return fail(packet, of: bytes, .unsubscribeMalformatted)
        }
        guard unsubscribe(from: channel) else {
            return fail(packet, of: bytes, .unsubscribeFailed(channel: channel, reason: .notSubscribed(socketID: id)))
        }
        respond(to: packet, of: bytes)
    }

    func handlePublish(_ packet: Packet, of bytes: RawSpan) {
        let expired = expireAuthToken()
        guard settings.options.allowClientPublish else {
            return fail(packet, of: bytes, .publishDisabled)
        }
        guard let target = ChannelData(packet.data, of: bytes) else {
            return fail(packet, of: bytes, .publishMalformatted)
        }
        if settings.filters(.publishIn) {
            var action = AGAction(.publishIn, socket: self)
            action.channel = target.name(in: bytes)
            action.data = target.data(in: bytes)
            action.authTokenExpiredError = expired
            guard permit(action, packet, of: bytes) else { return }
        }
        context.exchange.publish(target, of: bytes)
        respond(to: packet, of: bytes)
    }

    private func fail(_ packet: Packet, of bytes: RawSpan, _ error: AGError) {
        emitError(error)
        respond(to: packet, of: bytes, error: error)
    }

    private static let subscribeName = Array(ReservedEvent.subscribe.rawValue.utf8)

    // MARK: Bookkeeping

    private func subscribe(to channel: String) -> Bool {
        let entry = context.exchange.channel(named: channel)
        if subscriptions[ObjectIdentifier(entry)] != nil { return true }
        // Contract §20.4: only a further channel counts against the limit.
        guard subscriptions.count < settings.channelLimit else {
            context.exchange.releaseIfEmpty(entry)
            return false
        }
        subscriptions[ObjectIdentifier(entry)] = Subscription(channel: entry, index: entry.add(self))
        context.exchange.joined(entry)
        return true
    }

    private func unsubscribe(from channel: String) -> Bool {
        guard let entry = context.exchange.existingChannel(named: channel),
            let subscription = subscriptions.removeValue(forKey: ObjectIdentifier(entry))
        else { return false }
        leave(subscription)
        emit(.unsubscribe, channel, as: .unsubscription)
        return true
    }

    private func leave(_ subscription: Subscription) {
        if let moved = subscription.channel.remove(at: subscription.index) {
            let (key, index) = (ObjectIdentifier(subscription.channel), subscription.index)
            moved.assumeIsolated { $0.subscriptions[key]?.index = index }
        }
        context.exchange.releaseIfEmpty(subscription.channel)
    }

    func leaveAllChannels() {
        let left = subscriptions.values
        subscriptions = [:]
        for subscription in left {
            leave(subscription)
            emit(.unsubscribe, subscription.channel.name, as: .unsubscription)
        }
    }

    // MARK: For the server's program

    /// The channels this socket is subscribed to.
    public var channels: [String] { subscriptions.values.map(\.channel.name) }

    /// Whether this socket is subscribed to a channel.
    public func isSubscribed(to channel: String) -> Bool {
        guard let entry = context.exchange.existingChannel(named: channel) else { return false }
        return subscriptions[ObjectIdentifier(entry)] != nil
    }

    /// Takes the socket out of a channel and tells the client, which will not subscribe again by itself (contract §7).
    ///
    /// - Parameters:
    ///   - channel: the channel; nil takes the socket out of all of them.
    ///   - message: told to the client.
    /// - Throws: `BrokerError` if the socket was not subscribed; the client is told all the same.
    public func kickOut(channel: String? = nil, message: String? = nil) throws(AGError) {
        for channel in channel.map({ [$0] }) ?? channels {
            sendEvent(PacketWriter.kickOut(channel: channel, message: message.map { .string($0) }))
            guard unsubscribe(from: channel) else {
                throw .unsubscribeFailed(channel: channel, reason: .notSubscribed(socketID: id))
            }
        }
    }
}
