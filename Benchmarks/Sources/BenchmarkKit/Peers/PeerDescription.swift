/// A server that the standard set can start and measure.
public struct PeerDescription: Sendable, Codable, Equatable {
    /// What it is called in reports.
    public var name: String
    /// One line for the report, for example what it does not do.
    public var note: String?
    /// The program and its arguments, with placeholders such as `{port}`. A path with a slash is relative to the package's
    /// root directory; a name without one is looked up in PATH.
    public var command: [String]
    /// Added to the environment, with the same placeholders.
    public var environment: [String: String]?
    /// How the line begins that the server prints when it listens.
    public var ready: String
    /// `socketcluster` or `plain`.
    public var `protocol`: String
    /// Where it listens, with placeholders.
    public var url: String
    /// A further address that echoes plain messages, with placeholders; nil if it has none.
    public var echoURL: String?
    /// Sections of the standard set that it cannot do, such as `fan-out`; nil if it does all.
    public var lacks: [String]?
    /// Whether it checks the tokens it is shown.
    public var verifiesTokens: Bool?
    /// Arguments that give it its keys, with placeholders: `secret` for HMAC, `keyPair` for the others. A family that is
    /// missing is not measured.
    public var keys: [String: [String]]?
    /// Arguments that say where tokens are verified, with the placeholder `{scheduling}`; nil if it has no such choice.
    public var scheduling: [String]?
    /// Arguments that say how many event loops it runs, with the placeholder `{loops}`; nil if it has no such choice.
    public var loops: [String]?

    /// Fills placeholders in.
    public static func fill(_ text: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let inside = rest[rest.index(after: open)...]
            guard let close = inside.firstIndex(of: "}"), let value = values[String(inside[..<close])] else {
                result += "{"
                rest = inside
                continue
            }
            result += value
            rest = inside[inside.index(after: close)...]
        }
        return result + rest
    }
}
