/// Which verified tokens are remembered, so that a client that reconnects costs a lookup.
public enum AGAuthCaching: Sendable {
    /// As measured to be worth it: a lookup takes 0.2 µs and 700 bytes, an asymmetric signature 20 to 130 µs, so those are
    /// remembered; a secret's HMAC takes 1 µs of a handshake's 70 and is not.
    case automatic
    /// All of them.
    case always
    /// None.
    case never
}
