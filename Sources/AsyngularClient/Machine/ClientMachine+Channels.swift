import AsyngularSupport
import SocketProtocol
import StrictJSON

extension ClientMachine {
    // MARK: What the program wants (contract §7)

    /// Subscribes; of a channel that is known already only the options are replaced.
    mutating func subscribe(_ name: String, _ options: AGSubscribeOptions, _ turn: inout Turn) {
        let key = Array(name.utf8)
        if channels[key] != nil {
            channels[key]?.options = options
            return
        }
        guard channels.count < self.options.channelLimit else {
            let error = AGError.resourceLimit("Too many channels are subscribed to")
            let failure = AGChannelSubscribeFailure(channel: name, error: error, subscriptionOptions: options)
            return turn.emit(.subscribeFail(failure))
        }
        trySubscribe(channels.add(name, key: key, options), &turn)
    }

    /// Unsubscribes; an answer that is still to come is ignored.
    mutating func unsubscribe(_ name: String, _ turn: inout Turn) {
        guard let channel = channels[Array(name.utf8)] else { return }
        let isKnownToServer = channel.isSubscribed || channel.pendingCID != 0
        leave(channel, &turn)
        // The stock client says so too when the server has never heard of the subscription, which the server then reports as an error.
        guard state == .open, isKnownToServer else { return }
        send(PacketWriter.unsubscribe(channel: decorated(name)), &turn)
    }

    /// Subscribes to what can be subscribed to now, the highest priority first.
    mutating func processPendingSubscriptions(_ turn: inout Turn) {
        isPreparingSubscriptions = false
        guard state == .open else { return }
        for channel in channels.pending { trySubscribe(channel, &turn) }
    }

    func channelState(_ name: String) -> AGChannelState {
        guard let channel = channels[Array(name.utf8)] else { return .unsubscribed }
        return channel.isSubscribed ? .subscribed : .pending
    }

    /// A publication's data, with the channel's name as it travels.
    func publication(_ channel: String, _ data: JSONText?) -> JSONText {
        var text = Array(#"{"channel":"#.utf8)
        text += JSONValue.string(decorated(channel)).serialized()
        if let data {
            text += Array(#","data":"#.utf8)
            text += data.bytes
        }
        text.append(UInt8(ascii: "}"))
        return JSONText(unchecked: text)
    }

    // MARK: Subscribing

    private mutating func trySubscribe(_ channel: ClientChannel, _ turn: inout Turn) {
        guard state == .open, !isPreparingSubscriptions, channel.pendingCID == 0,
            !channel.options.waitForAuth || authState == .authenticated
        else { return }
        let cid = nextCID()
        channels[channel.key]?.pendingCID = cid
        let data = channel.options.data.flatMap { $0.isTruthy ? Optional($0) : Optional.none }
        let entry = CallTable<Caller>.Entry(
            event: ReservedEvent.subscribe.rawValue,
            kind: .subscribe(channel.key, channel.options),
            // A subscription has no time limit (contract §6).
            deadline: .max
        )
        calls.insert(entry, for: cid)
        let packet = PacketWriter.subscribe(
            channel: decorated(channel.name),
            cid: cid,
            waitForAuth: channel.options.waitForAuth,
            data: data
        )
        send(packet, &turn)
        turn.emit(
            .subscribeRequest(
                AGChannelSubscription(channel: channel.name, subscriptionOptions: channel.options)
            )
        )
    }

    mutating func subscribeAnswered(
        _ key: [UInt8],
        _ asked: AGSubscribeOptions,
        _ result: Result<JSONText?, AGError>,
        _ turn: inout Turn
    ) {
        guard var channel = channels[key] else { return }
        channel.pendingCID = 0
        switch result {
        case .success:
            channel.isSubscribed = true
            channels[key] = channel
            announce(channel, from: .pending, to: .subscribed, asked, &turn)
            turn.emit(.subscribe(AGChannelSubscription(channel: channel.name, subscriptionOptions: asked)))
        case .failure(let error):
            channels[key] = channel
            // What waits for authentication, and has lost it meanwhile, may succeed later.
            guard !channel.options.waitForAuth || authState == .authenticated else { return }
            channels[key] = nil
            let failure = AGChannelSubscribeFailure(channel: channel.name, error: error, subscriptionOptions: asked)
            turn.emit(.subscribeFail(failure))
        }
    }

    // MARK: Unsubscribing

    private mutating func leave(_ channel: ClientChannel, _ turn: inout Turn) {
        if channel.pendingCID != 0 { calls.remove(channel.pendingCID) }
        channels[channel.key] = nil
        if channel.isSubscribed { announceLoss(channel, .unsubscribed, &turn) }
    }

    /// The connection is gone: every channel is subscribed to again with the next one.
    mutating func suspendSubscriptions(_ turn: inout Turn) {
        for var channel in channels.inOrder where channel.isSubscribed || channel.pendingCID != 0 {
            if channel.pendingCID != 0 { calls.remove(channel.pendingCID) }
            let wasSubscribed = channel.isSubscribed
            channel.pendingCID = 0
            channel.isSubscribed = false
            channels[channel.key] = channel
            if wasSubscribed { announceLoss(channel, .pending, &turn) }
        }
    }

    private func announceLoss(_ channel: ClientChannel, _ state: AGChannelState, _ turn: inout Turn) {
        announce(channel, from: .subscribed, to: state, channel.options, &turn)
        turn.emit(.unsubscribe(channel.name))
    }

    private func announce(
        _ channel: ClientChannel,
        from old: AGChannelState,
        to new: AGChannelState,
        _ options: AGSubscribeOptions,
        _ turn: inout Turn
    ) {
        turn.emit(
            .subscribeStateChange(
                AGChannelStateChange(
                    channel: channel.name,
                    oldChannelState: old,
                    newChannelState: new,
                    subscriptionOptions: options
                )
            )
        )
    }

    // MARK: What the server says

    /// `#publish`: delivered if the channel is known, subscribed or pending.
    func handlePublish(_ packet: Packet, of bytes: RawSpan, _ turn: inout Turn) {
        guard let target = ChannelPayload(packet.data, of: bytes),
            let channel = channel(target.channel, of: bytes)
        else { return }
        let data = target.detail.map { JSONText(bytes.extracting($0)) }
        turn.actions.append(.publication(channel: channel.key, data: data))
    }

    /// `#kickOut`: the client will not subscribe again by itself.
    mutating func handleKickOut(_ packet: Packet, of bytes: RawSpan, _ turn: inout Turn) {
        guard let target = ChannelPayload(packet.data, detail: "message", of: bytes),
            let channel = channel(target.channel, of: bytes)
        else { return }
        let message = target.detail.flatMap { try? JSONValue(parsing: bytes.extracting($0)) }
        turn.emit(.kickOut(AGChannelKickOut(channel: channel.name, message: message)))
        leave(channel, &turn)
    }

    private func channel(_ name: JSONString, of bytes: RawSpan) -> ClientChannel? {
        guard channels.count > 0 else { return nil }
        if !name.hasEscapes, options.channelPrefix == nil { return channels[bytes.extracting(name.range)] }
        var key = Array(name.string(in: bytes).utf8)
        if let prefix = options.channelPrefix, key.starts(with: prefix.utf8) { key.removeFirst(prefix.utf8.count) }
        return channels[key]
    }

    private func decorated(_ name: String) -> String {
        options.channelPrefix.map { $0 + name } ?? name
    }
}
