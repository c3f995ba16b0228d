import BenchmarkKit

/// What a run's connections have in common.
public struct LoadPlan: Sendable {
    /// The server.
    public let target: LoadTarget
    /// The tokens that connections present.
    public let tokens: TokenSupply
    /// Local addresses that connections come from, so that ports in TIME_WAIT do not run out. 32 by default.
    public var sources = 32
    let frames: ClientFrames

    /// A plan.
    public init(target: LoadTarget, tokens: TokenSupply = .none) {
        self.target = target
        self.tokens = tokens
        frames = ClientFrames(target: target)
    }

    /// The `#handshake` of a connection; empty for a plain WebSocket.
    func handshake(_ index: Int) -> [UInt8] {
        target.dialect == .plain ? [] : tokens.handshake(index)
    }

    var expectsAuthentication: Bool { target.dialect == .socketcluster && tokens.count > 0 }
}
