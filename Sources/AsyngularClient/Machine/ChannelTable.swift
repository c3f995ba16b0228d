import AsyngularSupport

/// A channel that the client is, or wants to be, subscribed to.
struct ClientChannel {
    let name: String
    /// The name's bytes.
    let key: [UInt8]
    var options: AGSubscribeOptions
    var isSubscribed = false
    /// The number of the subscription that is on its way; 0 if none is.
    var pendingCID = 0
    /// Counts the channels as they come: of equal priority, the first is subscribed to first.
    let order: UInt64
}

/// The channels a client knows (contract §7).
struct ChannelTable {
    private var channels = BytesMap<ClientChannel>()
    private var added: UInt64 = 0

    var count: Int { channels.count }

    subscript(_ key: [UInt8]) -> ClientChannel? {
        get { channels[key] }
        set { channels[key] = newValue }
    }

    subscript(_ key: RawSpan) -> ClientChannel? { channels[key] }

    mutating func add(_ name: String, key: [UInt8], _ options: AGSubscribeOptions) -> ClientChannel {
        added += 1
        let channel = ClientChannel(name: name, key: key, options: options, order: added)
        channels[key] = channel
        return channel
    }

    /// All, in the order they were asked for.
    var inOrder: [ClientChannel] {
        channels.isEmpty ? [] : channels.values.sorted { $0.order < $1.order }
    }

    /// Those not subscribed to, the highest priority first.
    var pending: [ClientChannel] {
        channels.isEmpty
            ? []
            : channels.values.filter { !$0.isSubscribed }.sorted {
                ($1.options.priority, $0.order) < ($0.options.priority, $1.order)
            }
    }
}
