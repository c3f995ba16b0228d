/// The server that is loaded: a WebSocket address on this machine.
public struct LoadTarget: Sendable, Equatable {
    /// What the server speaks above WebSocket.
    public enum Dialect: String, Sendable, Codable {
        /// SocketCluster, protocol 1 or 2.
        case socketcluster
        /// Nothing: it sends each message back.
        case plain
    }

    /// Why an address was not taken.
    public struct Refusal: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// The IPv4 address, first byte highest.
    public let address: UInt32
    /// The port.
    public let port: UInt16
    /// The host as it is put in requests.
    public let host: String
    /// Path and query.
    public let path: String
    /// What the server speaks.
    public let dialect: Dialect

    /// Reads `ws://127.0.0.1:8000/socketcluster/`.
    ///
    /// - Throws: ``Refusal``, also for an address outside of 127.0.0.0/8: this tool measures servers on its own machine.
    public init(url: String, dialect: Dialect) throws(Refusal) {
        guard url.hasPrefix("ws://") else { throw Refusal(description: "the address must begin with ws://: \(url)") }
        let rest = url.dropFirst(5)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].split(separator: ":", omittingEmptySubsequences: false)
        let name = authority.first.map(String.init) ?? ""
        guard authority.count <= 2, let port = authority.count == 2 ? UInt16(authority[1]) : 80, port > 0 else {
            throw Refusal(description: "no port can be read from \(url)")
        }
        let bytes = (name == "localhost" ? "127.0.0.1" : name).split(separator: ".", omittingEmptySubsequences: false)
            .map { UInt8($0) }
        guard bytes.count == 4, let first = bytes[0], let second = bytes[1], let third = bytes[2],
            let fourth = bytes[3],
            first == 127
        else { throw Refusal(description: "only addresses in 127.0.0.0/8 are loaded, not \(name)") }
        address = UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)
        self.port = port
        host = "\(name):\(port)"
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        self.dialect = dialect
    }
}
