import BenchmarkKit
import JSONWebToken

/// A server as a run sees it: one that was started, or one that is pointed at.
public struct Endpoint: Sendable {
    /// What it is called.
    public let name: String
    /// Where it listens.
    public let url: String
    /// Where it echoes plain messages.
    public let echoURL: String?
    /// Its process.
    public let pid: Int32?
    /// What it speaks at `url`.
    public let dialect: LoadTarget.Dialect
    /// Sections of the standard set that it cannot do.
    public let lacks: [String]
    /// The process, if it was started.
    public let process: ServerProcess?

    /// A server that runs already.
    public init(name: String, url: String, echoURL: String? = nil, pid: Int32?, dialect: LoadTarget.Dialect) {
        self.name = name
        self.url = url
        self.echoURL = echoURL ?? (dialect == .plain ? url : nil)
        self.pid = pid
        self.dialect = dialect
        lacks = []
        process = nil
    }

    /// Starts a peer with the key of an algorithm, if it takes one.
    /// - Parameters:
    ///   - algorithm: decides the key; HMAC for nil.
    ///   - scheduling: where tokens are verified, if the peer has the choice.
    ///   - loops: how many loops it runs, if the peer has the choice; nil leaves it to the peer's command.
    public init(
        starting peer: PeerDescription,
        algorithm: Algorithm? = nil,
        scheduling: String? = nil,
        loops: Int? = nil,
        keys: KeyRing,
        root: String,
        processors: UInt64
    ) throws {
        var arguments: [String] = []
        let chosen = algorithm ?? .HS256
        var values = try keys.entry(for: chosen).values
        values["algorithm"] = chosen.rawValue
        if let given = peer.keys?[chosen.isSymmetric ? "secret" : "keyPair"] { arguments += given }
        if let scheduling, let option = peer.scheduling {
            values["scheduling"] = scheduling
            arguments += option
        }
        var title = peer.name
        if let loops, let option = peer.loops {
            values["loops"] = String(loops)
            arguments += option
            title += loops == 1 ? ", 1 loop" : ", \(loops) loops"
        }
        let process = try ServerProcess(
            peer,
            arguments: arguments,
            values: values,
            root: root,
            processors: processors
        )
        name = title
        url = process.url
        echoURL = process.echoURL ?? (peer.protocol == "plain" ? process.url : nil)
        pid = process.pid
        dialect = LoadTarget.Dialect(rawValue: peer.protocol) ?? .socketcluster
        lacks = peer.lacks ?? []
        self.process = process
    }

    /// The address for a workload; nil if this server cannot do it.
    public func target(for workload: Workload) throws(LoadTarget.Refusal) -> LoadTarget? {
        if lacks.contains(workload.section) { return nil }
        if workload.isPlain {
            guard let echoURL else { return nil }
            return try LoadTarget(url: echoURL, dialect: .plain)
        }
        if dialect == .plain {
            switch workload.kind {
            case .connect where workload.tokens == .none: return try LoadTarget(url: url, dialect: .plain)
            default: return nil
            }
        }
        return try LoadTarget(url: url, dialect: dialect)
    }
}
