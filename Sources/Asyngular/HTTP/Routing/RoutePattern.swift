import AsyngularSupport

/// The paths that a route serves: one exactly, or those that fit `:name` segments and a `*` at the end.
struct RoutePattern: Sendable, Hashable {
    private enum Segment: Sendable, Hashable {
        case literal(Substring)
        case parameter(String)
    }

    /// The pattern as written.
    let text: String
    private let segments: [Segment]
    private let hasWildcard: Bool

    /// - Returns: nil if the text does not begin with `/`, has characters that no request's path has, or a `*` elsewhere
    ///   than as its last segment.
    init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "/"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
        else { return nil }
        var parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        hasWildcard = parts.last == "*"
        if hasWildcard { parts.removeLast() }
        guard !parts.contains(where: { $0.contains("*") || $0 == ":" }) else { return nil }
        self.text = text
        segments = parts.map { $0.first == ":" ? .parameter(String($0.dropFirst())) : .literal($0) }
    }

    /// Whether it stands for one path, itself.
    var isExact: Bool {
        !hasWildcard
            && segments.allSatisfy {
                if case .literal = $0 { true } else { false }
            }
    }

    /// What the parameters and the wildcard stand for in a path; nil if the path does not fit. A parameter stands for one
    /// segment that is not empty and is properly encoded.
    func match(_ path: String) -> [String: String]? {
        guard path.first == "/" else { return nil }
        var rest = path.dropFirst()
        var parameters: [String: String] = [:]
        for (index, segment) in segments.enumerated() {
            let part = rest.prefix { $0 != "/" }
            switch segment {
            case .literal(let text): if part != text { return nil }
            case .parameter(let name):
                guard !part.isEmpty, let value = PercentEncoding.decodeSegment(part) else { return nil }
                parameters[name] = value
            }
            rest = rest[part.endIndex...]
            let isLast = index == segments.count - 1 && !hasWildcard
            if isLast { return rest.isEmpty ? parameters : nil }
            guard rest.first == "/" else { return nil }
            rest = rest.dropFirst()
        }
        parameters["*"] = String(rest)
        return parameters
    }
}
