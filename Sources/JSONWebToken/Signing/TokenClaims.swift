import StrictJSON

/// Turns the claims an application gives into the payload that is signed, by the rules and in the order of
/// `jsonwebtoken`'s `sign`.
enum TokenClaims {
    static func complete(
        _ claims: JSONObject,
        options: SigningOptions,
        now: Int64
    ) throws(SigningError) -> JSONObject {
        var payload = claims
        for name in ["iat", "exp", "nbf"] {
            guard let value = claims[name] else { continue }
            guard let seconds = value.doubleValue, seconds.isFinite else { throw .notSeconds }
        }
        if options.expiresIn != nil, claims.contains("exp") { throw .givenTwice("expiresIn", claim: "exp") }
        if options.notBefore != nil, claims.contains("nbf") { throw .givenTwice("notBefore", claim: "nbf") }
        if options.expiresIn == .text("") { throw .notTimespan("expiresIn") }
        if options.notBefore == .text("") { throw .notTimespan("notBefore") }
        if let audience = options.audience, audience.kind != .string, audience.kind != .array {
            throw SigningError(#""audience" must be a string or array"#)
        }

        // `payload.iat || now`: a zero counts as none, as in JavaScript.
        var timestamp = claims["iat"]?.doubleValue ?? 0
        if timestamp == 0 { timestamp = Double(now) }
        if options.noTimestamp {
            payload["iat"] = nil
        } else {
            payload["iat"] = value(timestamp)
        }
        if let notBefore = options.notBefore {
            guard let time = notBefore.seconds(after: timestamp) else { throw .unreadableTimespan("notBefore") }
            payload["nbf"] = value(time)
        }
        if let expiresIn = options.expiresIn {
            guard let time = expiresIn.seconds(after: timestamp) else { throw .unreadableTimespan("expiresIn") }
            payload["exp"] = value(time)
        }
        try add("aud", "audience", options.audience, to: &payload)
        try add("iss", "issuer", options.issuer.map(JSONValue.string), to: &payload)
        try add("sub", "subject", options.subject.map(JSONValue.string), to: &payload)
        try add("jti", "jwtid", options.jwtid.map(JSONValue.string), to: &payload)
        return payload
    }

    private static func add(
        _ claim: String,
        _ option: String,
        _ value: JSONValue?,
        to payload: inout JSONObject
    ) throws(SigningError) {
        guard let value else { return }
        guard payload.set(claim, to: value) else { throw .givenTwice(option, claim: claim) }
    }

    private static func value(_ seconds: Double) -> JSONValue {
        Int64(exactly: seconds).map(JSONValue.integer) ?? .number(seconds)
    }
}
