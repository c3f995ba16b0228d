import EventLoop
import Logging
import ServiceLifecycle

/// An ``AGServer`` with its addresses, as a service of a `ServiceGroup`: it listens when the group starts it, and drains
/// when the group shuts down gracefully.
public struct AGServerService: Service {
    private let server: AGServer
    private let addresses: [SocketAddress]
    private let drainDeadline: Duration
    private let onReady: @Sendable ([SocketAddress]) -> Void

    /// - Parameters:
    ///   - server: the server.
    ///   - addresses: where it listens.
    ///   - drainDeadline: see ``AGServer/close(within:)``.
    ///   - onReady: told the addresses it listens on, ports resolved.
    public init(
        _ server: AGServer,
        addresses: [SocketAddress],
        drainDeadline: Duration = .seconds(5),
        onReady: @escaping @Sendable ([SocketAddress]) -> Void = { _ in }
    ) {
        self.server = server
        self.addresses = addresses
        self.drainDeadline = drainDeadline
        self.onReady = onReady
    }

    /// Listens until the group shuts down.
    public func run() async throws {
        var listening: [SocketAddress] = []
        do {
            for address in addresses { listening.append(try await server.listen(on: address)) }
        } catch {
            await server.close(within: drainDeadline)
            throw error
        }
        onReady(listening)
        try? await gracefulShutdown()
        await server.close(within: drainDeadline)
    }
}
