import StrictJSON

/// Reads one JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
struct JSONWebKey {
    /// The longest text of one key looked at, in bytes.
    static let maximumLength = 64 * 1024
    /// Deep enough for `oth` and what others may add.
    static let maximumDepth = 8
    /// The longest number or secret in a key, in bytes: a modulus of 16384 bits.
    static let maximumValueLength = 2048

    let object: JSONObject
    let keyID: String?
    /// The algorithms the key is restricted to by `alg`; `nil` for all of its type.
    let algorithms: Set<Algorithm>?

    /// Parses the text of a key; a member given twice is refused (RFC 7517 §4).
    init(parsing text: [UInt8]) throws(KeyError) {
        guard text.count <= Self.maximumLength else {
            throw KeyError(.tooLarge, "the JWK is longer than \(Self.maximumLength) bytes")
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text, maximumDepth: Self.maximumDepth, duplicates: .refuse)
        } catch {
            throw KeyError(.malformed, "the JWK is not JSON, or names a member twice")
        }
        guard let object = value.objectValue else { throw KeyError(.malformed, "the JWK is not a JSON object") }
        try self.init(object)
    }

    init(_ object: JSONObject) throws(KeyError) {
        self.object = object
        keyID = try Self.string(object, "kid")
        guard let name = try Self.string(object, "alg") else {
            algorithms = nil
            return
        }
        guard let algorithm = Algorithm(rawValue: name) else {
            throw KeyError(.unsupported, "the JWK's \"alg\" is not a supported signature algorithm")
        }
        algorithms = [algorithm]
    }

    /// Whether the key is a shared secret.
    var isSecret: Bool { object["kty"] == .string("oct") }

    /// Makes what the key stands for.
    ///
    /// - Parameters:
    ///   - purpose: `use` and `key_ops` must allow it; without them everything is allowed.
    ///   - wanted: restricts the algorithms further.
    func material(for purpose: KeyDecoder.Purpose, _ wanted: Set<Algorithm>?) throws(KeyError) -> KeyMaterial {
        try checkUse(purpose)
        let fitting = algorithms.map { own in wanted.map(own.intersection) ?? own } ?? wanted
        switch try Self.string(object, "kty") {
        case "oct"?: return try secret(fitting)
        case "RSA"?: return try material(rsa(purpose), fitting)
        case "EC"?: return try material(ellipticCurve(purpose), fitting)
        case "OKP"?: return try material(edwards(purpose), fitting)
        case nil: throw KeyError(.malformed, "the JWK has no \"kty\"")
        default: throw KeyError(.unsupported, "the JWK's \"kty\" is none of oct, RSA, EC and OKP")
        }
    }

    private func checkUse(_ purpose: KeyDecoder.Purpose) throws(KeyError) {
        if let use = try Self.string(object, "use"), use != "sig" {
            throw KeyError(.notPermitted, "the JWK's \"use\" is not \"sig\"")
        }
        guard let operations = object["key_ops"] else { return }
        let names = operations.arrayValue?.compactMap(\.stringValue) ?? []
        guard let count = operations.arrayValue?.count, names.count == count, Set(names).count == count else {
            throw KeyError(.malformed, "the JWK's \"key_ops\" is not an array of different names")
        }
        let needed = purpose == .signing ? "sign" : "verify"
        guard names.contains(needed) else {
            throw KeyError(.notPermitted, "the JWK's \"key_ops\" does not contain \"\(needed)\"")
        }
    }

    private func material(_ key: ParsedKey?, _ algorithms: Set<Algorithm>?) throws(KeyError) -> KeyMaterial {
        guard let key else { throw KeyError(.malformed, "the numbers in the JWK do not make a key") }
        return try KeyMaterial(key: key, algorithms: algorithms)
    }

    private func secret(_ wanted: Set<Algorithm>?) throws(KeyError) -> KeyMaterial {
        var bytes = try bytes("k")
        defer { KeyDecoder.wipe(&bytes) }
        try SharedSecret.check(bytes)
        let fitting = AlgorithmMask(wanted ?? KeyType.secret.algorithms).intersection(.hmac)
        guard !fitting.isEmpty else { throw .algorithmMismatch(.secret, wanted ?? []) }
        return KeyMaterial(secret: bytes, algorithms: fitting)
    }

    private func rsa(_ purpose: KeyDecoder.Purpose) throws(KeyError) -> ParsedKey? {
        guard let parameters = KeyParameters() else { throw .unavailable }
        parameters.add("n", number: try bytes("n"))
        parameters.add("e", number: try bytes("e"))
        guard purpose == .signing else { return try parameters.makeKey("RSA", isPrivate: false) }
        try requirePrivate()
        guard !object.contains("oth") else {
            throw KeyError(.unsupported, "RSA keys with more than two primes are not supported")
        }
        try add("d", as: "d", to: parameters)
        // RFC 7518 §6.3.2: all of them or none.
        let names: [(String, StaticString)] = [
            ("p", "rsa-factor1"), ("q", "rsa-factor2"), ("dp", "rsa-exponent1"), ("dq", "rsa-exponent2"),
            ("qi", "rsa-coefficient1"),
        ]
        if names.contains(where: { object.contains($0.0) }) {
            for (name, parameter) in names { try add(name, as: parameter, to: parameters) }
        }
        return try parameters.makeKey("RSA", isPrivate: true)
    }

    private func ellipticCurve(_ purpose: KeyDecoder.Purpose) throws(KeyError) -> ParsedKey? {
        let name = try Self.string(object, "crv")
        guard let type = [KeyType.p256, .p384, .p521].first(where: { $0.rawValue == name }), let curve = type.curveName
        else { throw KeyError(.unsupported, "the JWK's \"crv\" is none of P-256, P-384 and P-521") }
        guard let parameters = KeyParameters() else { throw .unavailable }
        let length = type.coordinateLength
        parameters.add("group", text: curve)
        parameters.add("pub", octets: [0x04] + (try bytes("x", length: length)) + (try bytes("y", length: length)))
        if purpose == .signing {
            try requirePrivate()
            try add("d", as: "priv", to: parameters, length: length)
        }
        return try parameters.makeKey("EC", isPrivate: purpose == .signing)
    }

    private func edwards(_ purpose: KeyDecoder.Purpose) throws(KeyError) -> ParsedKey? {
        guard try Self.string(object, "crv") == KeyType.ed25519.rawValue else {
            throw KeyError(.unsupported, "the JWK's \"crv\" is not Ed25519")
        }
        guard let parameters = KeyParameters() else { throw .unavailable }
        parameters.add("pub", octets: try bytes("x", length: 32))
        if purpose == .signing {
            try requirePrivate()
            var bytes = try bytes("d", length: 32)
            defer { KeyDecoder.wipe(&bytes) }
            parameters.add("priv", octets: bytes)
        }
        return try parameters.makeKey("ED25519", isPrivate: purpose == .signing)
    }

    private func requirePrivate() throws(KeyError) {
        guard object.contains("d") else { throw .privateKeyRequired }
    }

    private func add(
        _ name: String,
        as parameter: StaticString,
        to parameters: KeyParameters,
        length: Int? = nil
    ) throws(KeyError) {
        var bytes = try bytes(name, length: length)
        defer { KeyDecoder.wipe(&bytes) }
        parameters.add(parameter, number: bytes)
    }

    /// A member's bytes; of `length` when the RFCs fix one, otherwise between one and ``maximumValueLength``.
    private func bytes(_ name: String, length: Int? = nil) throws(KeyError) -> [UInt8] {
        guard let text = try Self.string(object, name) else {
            throw KeyError(.malformed, "the JWK has no \"\(name)\"")
        }
        guard text.utf8.count <= Base64URL.encodedLength(Self.maximumValueLength) else {
            throw KeyError(.tooLarge, "the JWK's \"\(name)\" is longer than \(Self.maximumValueLength) bytes")
        }
        guard let bytes = Base64URL.decode(text.utf8), !bytes.isEmpty else {
            throw KeyError(.malformed, "the JWK's \"\(name)\" is empty or not base64url")
        }
        guard length == nil || bytes.count == length else {
            throw KeyError(.malformed, "the JWK's \"\(name)\" has not the length of its curve")
        }
        return bytes
    }

    private static func string(_ object: JSONObject, _ name: String) throws(KeyError) -> String? {
        guard let value = object[name] else { return nil }
        guard let string = value.stringValue else {
            throw KeyError(.malformed, "the JWK's \"\(name)\" is not a string")
        }
        return string
    }
}
