import ArgumentParser
import AsyngularClient
import EventLoop
import TLS
import WebSocket

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Where the server is and how to get there, of every command.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's URL: ws://, wss:// or ws+unix://socket:/path; ASYNGULAR_URL names another default.",
            discussion: "Without a path it is /socketcluster/."
        )
    )
    var url = Self.environment("ASYNGULAR_URL") ?? "ws://localhost:8000/socketcluster/"

    @Option(help: "A signed token to present instead of the stored one, or ASYNGULAR_TOKEN; it is not stored.")
    var token: String?

    @Option(help: "A file with such a token, which other users cannot see as they can arguments.")
    var tokenFile: String?

    @Option(help: "The folder that tokens are stored in (default: asyngular in $XDG_STATE_HOME or ~/.local/state).")
    var store: String?

    @Flag(help: "Neither use nor store a token on disk.")
    var noStore = false

    @Option(help: "The name that the token is stored under (default: one for each host and port).")
    var tokenName: String?

    @Option(help: "A file of certificates in PEM to trust besides the system's.")
    var ca: String?

    @Option(help: "A further header field, \"Name: value\"; may be given several times.")
    var header: [String] = []

    @Option(help: "A proxy that is asked for a tunnel: http://[user:password@]host:port.")
    var proxy: String?

    @Option(help: "Seconds that connecting, and then each answer, may take.")
    var timeout = 10.0

    @Option(help: "The protocol's version, 1 or 2; decides the pings.")
    var protocolVersion = 2

    func validate() throws {
        guard timeout > 0, timeout <= 86_400 else { throw ValidationError("--timeout must be between 0 and 86400") }
        guard ProtocolVersion(rawValue: protocolVersion) != nil else {
            throw ValidationError("--protocol-version must be 1 or 2")
        }
        guard token == nil || tokenFile == nil else {
            throw ValidationError("--token and --token-file exclude each other")
        }
        guard store == nil || !noStore else { throw ValidationError("--store and --no-store exclude each other") }
        _ = try parsedHeaders()
    }

    /// The token given on the command line, in a file or in the environment.
    func givenToken() throws -> String? {
        if let tokenFile { return try Input.text(ofFile: tokenFile) }
        return token ?? Self.environment("ASYNGULAR_TOKEN")
    }

    /// - Throws: `ValidationError` naming the option that makes no sense, without its value.
    func clientOptions() throws -> AGClientOptions {
        var options = AGClientOptions()
        options.autoConnect = false
        do throws(DialError) {
            let endpoint = try ClientEndpoint(url)
            options.hostname = endpoint.host
            options.port = endpoint.port
            options.secure = endpoint.isSecure
            options.socketPath = endpoint.socketPath
            options.path = endpoint.target == "/" ? "/socketcluster/" : endpoint.target
            options.transport.proxy = try proxy.map { (url) throws(DialError) in try HTTPProxy(url) }
        } catch {
            throw ValidationError(error.reason)
        }
        if let ca {
            var tls = TLSOptions()
            tls.trust = .systemAnd(.file(ca))
            do throws(TLSError) {
                options.transport.tls = try TLSContext(tls)
            } catch {
                throw ValidationError("--ca: \(error)")
            }
        }
        options.transport.headers = try parsedHeaders()
        options.connectTimeout = max(1, Int(timeout * 1000))
        options.ackTimeout = options.connectTimeout
        options.protocolVersion = ProtocolVersion(rawValue: protocolVersion) ?? .v2
        options.authTokenNaming = tokenName.map { .fixed($0) } ?? .perHost
        options.authTokenStore = try tokenStore()
        return options
    }

    private func tokenStore() throws -> any AuthTokenStore {
        if noStore { return InMemoryAuthTokenStore() }
        if try givenToken() != nil { return InMemoryAuthTokenStore() }
        do throws(AuthTokenStoreError) {
            return if let store { FileAuthTokenStore(folder: store) } else { try FileAuthTokenStore() }
        } catch {
            throw ValidationError("\(error.reason): --store or --no-store is needed")
        }
    }

    private func parsedHeaders() throws -> [HTTPHeaderField] {
        try header.map { line in
            guard let colon = line.firstIndex(of: ":") else {
                throw ValidationError("--header has the form \"Name: value\"")
            }
            let value = line[colon...].dropFirst().drop { $0 == " " }
            return HTTPHeaderField(name: String(line[..<colon]), value: String(value))
        }
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
