/// Tokens ready to be presented, as `#handshake` frames.
public struct TokenSupply: Sendable {
    private let frames: [[UInt8]]
    private let anonymous: [UInt8]
    /// How many different tokens there are; 0 if connections present none.
    public var count: Int { frames.count }

    /// Connections present no token.
    public static let none = TokenSupply(tokens: [])

    /// Connections present these in turn: one token for all of them, or one each.
    public init(tokens: [String]) {
        frames = tokens.map { ClientFrames.handshake(token: $0) }
        anonymous = ClientFrames.handshake(token: nil)
    }

    func handshake(_ index: Int) -> [UInt8] {
        frames.isEmpty ? anonymous : frames[index % frames.count]
    }
}
