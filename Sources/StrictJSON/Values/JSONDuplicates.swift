/// What to do with a member name that an object uses twice (RFC 8259 §4 leaves it open).
@frozen
public enum JSONDuplicates: Sendable, Hashable {
    /// Keep the last value, in the first one's place, as JavaScript's `JSON.parse` does.
    case lastWins
    /// Refuse the text with ``JSONError/duplicateMember(_:)``, as RFC 7515 §4 and RFC 7519 §4 allow for tokens.
    case refuse
}
