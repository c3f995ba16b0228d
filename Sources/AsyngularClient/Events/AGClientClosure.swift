import SocketProtocol

/// Why a connection ended, or an attempt failed.
public struct AGClientClosure: Sendable, Hashable {
    /// The close code, see `CloseCode`. 1006 also stands for every attempt that failed before the WebSocket was open.
    public let code: CloseCode
    /// The reason that came with the close, or the contract's text for the code (§13). For an attempt that failed, what failed.
    public let reason: String
}
