import ArgumentParser
import BenchmarkKit
import LoadGenerator

/// The server of a run.
struct ServerOptions: ParsableArguments {
    @Option(help: "Address of a running server, such as ws://127.0.0.1:8000/socketcluster/.")
    var url: String?

    @Option(help: "Its process, for processor time and memory.")
    var pid: Int32?

    @Option(help: "Name of a server in the peers file, to be started instead.")
    var server: String?

    @Flag(help: "The server sends plain messages back; no SocketCluster.")
    var plain = false

    func validate() throws {
        guard (url == nil) != (server == nil) else { throw ValidationError("give --url or --server") }
        if let pid, !ProcessProbe(pid: pid).isPresent { throw ValidationError("there is no process \(pid)") }
    }

    func endpoint(_ site: LoadSite, _ options: SiteOptions, keys: KeyRing, tokens: TokenOptions) throws -> Endpoint {
        if let url {
            return Endpoint(name: "server", url: url, pid: pid, dialect: plain ? .plain : .socketcluster)
        }
        let file = try options.peersFile()
        guard let peer = file.peers.first(where: { $0.name == server }) else {
            throw ValidationError("the peers file has no \(server ?? "")")
        }
        return try Endpoint(
            starting: peer,
            algorithm: tokens.algorithm,
            keys: keys,
            root: options.root,
            processors: site.serverProcessors
        )
    }
}
