import AsyngularSupport
import SocketProtocol
import StrictJSON

extension AGClientSocket {
    // MARK: Channels (contract §7)

    /// Subscribes to a channel, now and after every connection that is lost, until ``unsubscribe(_:)``, a kick or a refusal. Does not wait for the server:
    /// see ``AGChannelEvent/subscribe`` and ``AGChannelEvent/subscribeFail``.
    ///
    /// - Parameters:
    ///   - name: the channel's name.
    ///   - options: of a channel that is known already they replace the old ones, and nothing else happens.
    /// - Returns: the channel, whose data are collected from now on.
    @discardableResult
    public func subscribe(_ name: String, _ options: AGSubscribeOptions = AGSubscribeOptions()) -> AGChannel {
        let channel = AGChannel(name: name, socket: self, isCollecting: true)
        core.perform { $0.subscribe(name, options, &$1) }
        return channel
    }

    /// Subscribes to a channel; see ``subscribe(_:_:)``.
    ///
    /// - Parameters:
    ///   - name: the channel's name.
    ///   - waitForAuth: whether to wait until the client is authenticated.
    ///   - priority: channels with a higher one are subscribed to earlier after a connection was lost.
    ///   - data: for the server's middleware.
    @discardableResult
    public func subscribe(
        _ name: String,
        waitForAuth: Bool,
        priority: Double = 0,
        data: JSONValue? = nil
    ) -> AGChannel {
        subscribe(name, AGSubscribeOptions(waitForAuth: waitForAuth, priority: priority, data: data))
    }

    /// Leaves a channel. Its streams go on: it may be subscribed to again.
    public func unsubscribe(_ name: String) {
        core.perform { $0.unsubscribe(name, &$1) }
    }

    /// A channel, subscribed to or not.
    public nonisolated func channel(_ name: String) -> AGChannel {
        AGChannel(name: name, socket: self, isCollecting: false)
    }

    /// What is between the client and a channel.
    public func channelState(_ name: String) -> AGChannelState {
        core.machine.channelState(name)
    }

    /// Whether a channel is subscribed to.
    ///
    /// - Parameter includePending: whether one that is only pending counts.
    public func isSubscribed(_ name: String, includePending: Bool = false) -> Bool {
        switch channelState(name) {
        case .subscribed: true
        case .pending: includePending
        case .unsubscribed: false
        }
    }

    /// The channels that are subscribed to, in the order they were asked for.
    ///
    /// - Parameter includePending: whether those that are only pending count.
    public func subscriptions(includePending: Bool = false) -> [String] {
        core.machine.channels.inOrder.filter { includePending || $0.isSubscribed }.map(\.name)
    }

    /// Subscribes to what is pending; only needed without ``AGClientOptions/autoSubscribeOnConnect``, after ``AGClientEvent/connect``.
    public func processPendingSubscriptions() {
        core.perform { $0.processPendingSubscriptions(&$1) }
    }

    // MARK: Publishing

    /// Publishes to a channel, without an answer. The publisher need not be subscribed.
    public func transmitPublish(_ channel: String, _ data: JSONText? = nil) {
        core.perform { machine, turn in
            let publication = machine.publication(channel, data)
            machine.transmit(ReservedEvent.publish.rawValue, publication, &turn)
        }
    }

    /// Publishes a value; see ``transmitPublish(_:_:)``.
    public func transmitPublish(_ channel: String, _ value: JSONValue) {
        transmitPublish(channel, JSONText(value))
    }

    /// Under the channel's full name, which follows from the options in force.
    private func publication(_ channel: String, _ data: JSONText?) -> JSONText {
        core.machine.publication(channel, data)
    }

    /// Publishes to a channel and waits until the server has accepted it, which does not mean that anybody has got it.
    ///
    /// - Throws: as ``invoke(_:_:ackTimeout:)``.
    public nonisolated(nonsending) func invokePublish(
        _ channel: String,
        _ data: JSONText? = nil,
        ackTimeout: Duration? = nil
    ) async throws(AGError) {
        let publication = await publication(channel, data)
        try await invoke(ReservedEvent.publish.rawValue, publication, ackTimeout: ackTimeout)
    }

    /// Publishes a value; see ``invokePublish(_:_:ackTimeout:)``.
    public nonisolated(nonsending) func invokePublish(
        _ channel: String,
        _ value: JSONValue,
        ackTimeout: Duration? = nil
    ) async throws(AGError) {
        try await invokePublish(channel, JSONText(value), ackTimeout: ackTimeout)
    }
}
