import CEventLoop
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Accepts connections on all loops of a group.
///
/// Over TCP each loop has its own socket and the kernel distributes the connections (`SO_REUSEPORT`). Over a
/// Unix-domain socket the loops share one, and whichever is idle accepts.
public final class Listener: Sendable {
    /// Where the listener listens, with the port that was chosen if 0 was asked for.
    public let localAddress: SocketAddress
    private let acceptors: [Acceptor]
    /// What tells that the socket file is still this listener's.
    private let file: el_file_identity?
    private let isClosed = Atomic<Bool>(false)

    /// Descriptors that the kernel has been made to keep room for by the first listener: when its table is full it makes a
    /// larger one, for which all threads of the process wait some 15 ms at 512, 1,024, 2,048 … connections. Half a megabyte of
    /// the kernel's memory; fewer if `RLIMIT_NOFILE` says so.
    public static let reservedDescriptors = 65_536

    /// Once per process. If there is no room now, the table grows when it must.
    private static let reservation: Void = { _ = el_reserve_descriptors(Int32(reservedDescriptors)) }()

    /// Starts to listen.
    ///
    /// A Unix-domain socket file that nobody listens at any more is replaced.
    /// - Parameters:
    ///   - address: Where to listen.
    ///   - group: The loops that accept.
    ///   - backlog: Connections the kernel may hold per loop before they are accepted, cut to the system's `somaxconn`.
    ///   - connectionOptions: Settings of the accepted connections.
    ///   - makeHandler: Makes an accepted connection's handler, on the connection's loop.
    /// - Returns: The listener, which listens until it is closed or its loops are shut down.
    /// - Throws: ``EventLoopError`` with ``EventLoopError/Code/addressInUse`` if somebody else listens there.
    public static func bind(
        _ address: SocketAddress,
        group: EventLoopGroup,
        backlog: Int32 = 1024,
        connectionOptions: Connection.Options = .init(),
        makeHandler: @escaping @Sendable (EventLoop) -> ConnectionHandler
    ) async throws(EventLoopError) -> Listener {
        let sockets = try ListeningSocket.open(
            address,
            count: group.loops.count,
            backlog: backlog,
            noDelay: connectionOptions.noDelay
        )
        Self.reservation
        let settings = Connection.Settings(connectionOptions)
        var acceptors: [Acceptor] = []
        for (loop, descriptor) in zip(group.loops, sockets.descriptors) {
            let acceptor = Acceptor(loop: loop, descriptor: descriptor, settings: settings, makeHandler: makeHandler)
            let status = await withCheckedContinuation { (continuation: CheckedContinuation<Int32, Never>) in
                loop.execute { continuation.resume(returning: acceptor.open()) }
            }
            guard status == 0 else {
                for descriptor in sockets.descriptors.dropFirst(acceptors.count) { el_close(descriptor) }
                await Listener(address: sockets.address, acceptors: acceptors).close()
                throw EventLoopError(errno: -status, operation: "listen on \(address)")
            }
            acceptors.append(acceptor)
        }
        return Listener(address: sockets.address, acceptors: acceptors)
    }

    private init(address: SocketAddress, acceptors: [Acceptor]) {
        localAddress = address
        self.acceptors = acceptors
        if case .unix(let path) = address {
            var identity = el_file_identity()
            file = unsafe el_path_identity(path, &identity) == 0 ? identity : nil
        } else {
            file = nil
        }
    }

    /// Stops accepting; connections waiting to be accepted are reset, accepted ones go on. Removes the socket file.
    public func close() async {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // First, so that nobody connects to a socket that is about to go.
        removeFile()
        for acceptor in acceptors {
            await withCheckedContinuation { continuation in
                acceptor.loop.execute {
                    acceptor.close()
                    continuation.resume()
                }
            }
        }
    }

    private func removeFile() {
        guard case .unix(let path) = localAddress, let file else { return }
        var identity = el_file_identity()
        // Another server may have taken the path over.
        guard unsafe el_path_identity(path, &identity) == 0,
            identity.device == file.device, identity.inode == file.inode,
            identity.seconds == file.seconds, identity.nanoseconds == file.nanoseconds
        else { return }
        unsafe unlink(path)
    }
}
