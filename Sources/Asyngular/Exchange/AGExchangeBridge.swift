import StrictJSON

/// The seam for publishing beyond this process: a clustered exchange is told of every publication here, and brings in
/// those of other servers by ``AGExchange/receive(_:_:)``.
public protocol AGExchangeBridge: Sendable {
    /// Something was published on this server. Called in no particular thread; must not block.
    func published(_ channel: String, _ data: JSONText?)
}

extension AGExchange {
    /// Delivers what another server published to this server's subscribers, without telling the bridge of it again.
    public func receive(_ channel: String, _ data: JSONText?) {
        distribute(channel, data, from: nil)
    }
}
