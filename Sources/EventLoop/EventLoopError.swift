import CEventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A failed operation of the I/O layer.
public struct EventLoopError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, independent of the platform's numbers. More codes may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String, Sendable {
            case addressInUse, addressNotAvailable, permissionDenied, tooManyOpenFiles, connectionReset, brokenPipe
            case connectionRefused, timedOut, invalidAddress, outOfMemory, shutDown, io
        }

        private let base: Base

        private init(_ base: Base) {
            self.base = base
        }

        /// Somebody else listens on the address.
        public static let addressInUse = Self(.addressInUse)
        /// The address does not belong to this machine.
        public static let addressNotAvailable = Self(.addressNotAvailable)
        /// The process may not use the address or file.
        public static let permissionDenied = Self(.permissionDenied)
        /// The process or the system is out of file descriptors.
        public static let tooManyOpenFiles = Self(.tooManyOpenFiles)
        /// The peer reset the connection.
        public static let connectionReset = Self(.connectionReset)
        /// The connection was closed for writing by the peer.
        public static let brokenPipe = Self(.brokenPipe)
        /// Nobody listens at the address connected to.
        public static let connectionRefused = Self(.connectionRefused)
        /// The peer did not answer in time.
        public static let timedOut = Self(.timedOut)
        /// The address is not a numeric IP address with a port, or not a path short enough for a socket.
        public static let invalidAddress = Self(.invalidAddress)
        /// The system is out of memory or socket buffers.
        public static let outOfMemory = Self(.outOfMemory)
        /// The loop was shut down.
        public static let shutDown = Self(.shutDown)
        /// Any other error of the operating system; see ``EventLoopError/errno``.
        public static let io = Self(.io)

        /// The code's name.
        public var description: String { base.rawValue }
    }

    /// What went wrong.
    public let code: Code
    /// The operating system's error number, 0 if there is none.
    public let errno: Int32
    /// What was attempted, for example `listen on 127.0.0.1:80`.
    public let operation: String

    /// Creates an error.
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - errno: The operating system's error number, 0 if there is none.
    ///   - operation: What was attempted.
    public init(code: Code, errno: Int32 = 0, operation: String) {
        self.code = code
        self.errno = errno
        self.operation = operation
    }

    init(errno: Int32, operation: String) {
        self.init(code: Self.code(for: errno), errno: errno, operation: operation)
    }

    private static func code(for errno: Int32) -> Code {
        switch errno {
        case EADDRINUSE: .addressInUse
        case EADDRNOTAVAIL: .addressNotAvailable
        case EACCES, EPERM: .permissionDenied
        case EMFILE, ENFILE: .tooManyOpenFiles
        case ECONNRESET: .connectionReset
        case EPIPE: .brokenPipe
        case ECONNREFUSED: .connectionRefused
        case ETIMEDOUT: .timedOut
        case EINVAL, ENAMETOOLONG, EAFNOSUPPORT: .invalidAddress
        case ENOMEM, ENOBUFS: .outOfMemory
        case ESHUTDOWN: .shutDown
        default: .io
        }
    }

    /// The operation, the code and the system's name of the error number.
    public var description: String {
        guard errno != 0, let name = unsafe el_error_name(errno) else { return "\(operation): \(code)" }
        return unsafe "\(operation): \(code) (\(String(cString: name)))"
    }
}
