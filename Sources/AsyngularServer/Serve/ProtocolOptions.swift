import ArgumentParser
import Asyngular
import SocketProtocol

/// The protocol's generation, times and limits; see `AGServerOptions` for what each means.
struct ProtocolOptions: ParsableArguments {
    @Option(help: "Protocol version, 1 or 2; decides the pings.")
    var protocolVersion: Int = Environment.integer("PROTOCOL_VERSION") ?? 2

    @Option(help: "Milliseconds between pings.")
    var pingInterval: Int = Environment.integer("PING_INTERVAL") ?? 8000

    @Option(help: "Milliseconds without a pong after which a client is closed with 4001.")
    var pingTimeout: Int = Environment.integer("PING_TIMEOUT") ?? 20000

    @Option(help: "Milliseconds that the server waits for the answers to its own calls.")
    var ackTimeout: Int = Environment.integer("ACK_TIMEOUT") ?? 10000

    @Option(help: "Milliseconds for the upgrade, and again for the #handshake.")
    var handshakeTimeout: Int = Environment.integer("HANDSHAKE_TIMEOUT") ?? 10000

    @Option(help: "Largest message taken from a client, bytes.")
    var maxPayload: Int = Environment.integer("MAX_PAYLOAD") ?? 100 * 1024 * 1024

    @Option(help: "Channels that one client may subscribe to.")
    var socketChannelLimit: Int?

    @Flag(help: "Take messages before #handshake.")
    var lenientHandshake = false

    @Flag(help: "Refuse publications from clients.")
    var refuseClientPublish = false

    func apply(to options: inout AGServerOptions) throws {
        guard let version = ProtocolVersion(rawValue: protocolVersion) else {
            throw ValidationError("--protocol-version is 1 or 2")
        }
        options.protocolVersion = version
        options.pingInterval = pingInterval
        options.pingTimeout = pingTimeout
        options.ackTimeout = ackTimeout
        options.handshakeTimeout = handshakeTimeout
        options.maxPayload = maxPayload
        options.socketChannelLimit = socketChannelLimit ?? Environment.integer("SOCKET_CHANNEL_LIMIT")
        options.strictHandshake = !(lenientHandshake || Environment.flag("LENIENT_HANDSHAKE"))
        options.allowClientPublish = !(refuseClientPublish || Environment.flag("REFUSE_CLIENT_PUBLISH"))
    }
}
