/// Under which name a client stores its token (contract §10). Programs that share a store and mean the same token need the same
/// name.
public enum AuthTokenNaming: Sendable, Hashable {
    /// One name for every server.
    case fixed(String)
    /// A name for each host and port, as socketcluster-client has since 18.2: `socketcluster.authToken.<host>:<port>`.
    case perHost

    /// `asyngular.authToken`, asyngular-client's. The default.
    public static let asyngular = Self.fixed("asyngular.authToken")
    /// `socketcluster.authToken`, socketcluster-client's from 15.0 to 18.1.
    public static let socketCluster = Self.fixed("socketcluster.authToken")
    /// `socketCluster.authToken`, socketcluster-client's up to 14.
    public static let socketCluster14 = Self.fixed("socketCluster.authToken")

    /// The name for a server.
    public func name(hostname: String, port: UInt16) -> String {
        switch self {
        case .fixed(let name): name
        case .perHost: "socketcluster.authToken.\(hostname):\(port)"
        }
    }
}
