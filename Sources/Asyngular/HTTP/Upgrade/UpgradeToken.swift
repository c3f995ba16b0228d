import WebSocket

/// The token in an upgrade request. A value without I/O.
struct UpgradeToken: Equatable {
    /// The token as it was sent. A secret.
    let text: String

    /// Looks where tokens may be, in the order given; the first place that has one decides.
    ///
    /// - Throws: 401 when a place has two: which of them counts would be a guess.
    static func find(
        in sources: [AGUpgradeTokenSource],
        _ head: HTTPRequestHead,
        _ upgrade: UpgradeRequest
    ) throws(HTTPError) -> UpgradeToken? {
        for source in sources {
            let found: [String]
            switch source {
            case .authorizationHeader: found = bearers(head.all("authorization"))
            case .cookie(let name): found = cookies(named: name, head.all("cookie"))
            case .subprotocol(let prefix):
                found = upgrade.subprotocols.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            }
            guard found.count < 2 else {
                throw refusal(status: 401, message: "More than one token was presented")
            }
            if let text = found.first, !text.isEmpty { return UpgradeToken(text: text) }
        }
        return nil
    }

    /// The subprotocol that the answer may name: the first one offered that carries no token.
    static func subprotocol(_ offered: [String], _ sources: [AGUpgradeTokenSource]) -> String? {
        offered.first { name in
            !sources.contains { source in
                if case .subprotocol(let prefix) = source { name.hasPrefix(prefix) } else { false }
            }
        }
    }

    /// An answer of RFC 6750 §3: what is wrong and how it would be right, without a word of the token.
    static func refusal(status: Int, message: String) -> HTTPError {
        switch status {
        case 401:
            HTTPError(
                status: 401,
                message: message,
                headers: [HTTPHeaderField(name: "WWW-Authenticate", value: #"Bearer error="invalid_token""#)]
            )
        default:
            HTTPError(status: status, message: message, headers: [HTTPHeaderField(name: "Retry-After", value: "1")])
        }
    }

    /// Credentials of the scheme `Bearer`, in any case of letters; those of another scheme are not for this server.
    private static func bearers(_ values: [String]) -> [String] {
        values.compactMap { value in
            let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return String(parts[1].drop { $0 == " " })
        }
    }

    /// The values of a cookie (RFC 6265 §4.2.1); quotes around one do not belong to it.
    private static func cookies(named name: String, _ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, trimmed(parts[0]) == name else { return nil }
            let value = trimmed(parts[1])
            guard value.utf8.count >= 2, value.first == "\"", value.last == "\"" else { return value }
            return String(value.dropFirst().dropLast())
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
