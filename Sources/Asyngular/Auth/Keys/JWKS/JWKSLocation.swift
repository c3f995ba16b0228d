import JSONWebToken

/// The URL of a JWK Set: whoever can change what is read there can sign tokens.
struct JWKSLocation {
    static let maximumLength = 2048

    let url: String

    /// - Parameter allowsPlain: `http` also to other machines.
    /// - Throws: `KeyError` unless it is an `https` URL, or an `http` one of this machine. The URL is not repeated.
    init(_ url: String, allowsPlain: Bool) throws(KeyError) {
        let refused = KeyError(.malformed, "the URL of the key set is not one of http or https with a host")
        guard url.utf8.count <= Self.maximumLength, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw refused
        }
        let isSecure: Bool
        let rest: Substring
        if let own = url.after("https://") {
            (isSecure, rest) = (true, own)
        } else if let own = url.after("http://") {
            (isSecure, rest) = (false, own)
        } else {
            throw refused
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else {
            throw KeyError(.malformed, "the URL of the key set must not contain a user or password")
        }
        guard let host = Self.host(authority) else { throw refused }
        guard isSecure || allowsPlain || Self.isLoopback(host) else {
            throw KeyError(.notPermitted, "the URL of the key set must be https unless it is of this machine")
        }
        self.url = url
    }

    /// The host of an authority whose port, if there is one, is a number.
    private static func host(_ authority: Substring) -> Substring? {
        let host: Substring
        let port: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
            port = authority[authority.index(after: end)...]
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority[host.endIndex...]
        }
        guard !host.isEmpty, port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil) else { return nil }
        return host
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        if host.lowercased() == "localhost" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}

extension String {
    /// What follows an ASCII prefix in any case.
    fileprivate func after(_ prefix: String) -> Substring? {
        guard self.prefix(prefix.count).lowercased() == prefix else { return nil }
        return dropFirst(prefix.count)
    }
}
