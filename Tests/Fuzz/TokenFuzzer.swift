import COpenSSL
import JSONWebToken
import StrictJSON

private let secret = Array("0123456789abcdef0123456789abcdef".utf8)
private nonisolated(unsafe) let verifier = TokenVerifier()
private let keys = KeySet([.hmac(secret: secret)])
private let now: Int64 = 1_700_000_000

/// Any bytes as a token, and any header and payload under a right HS256 signature: no trap, and only claims accepted that
/// contract §8 and RFC 8725 allow.
///
/// Setting 0 chooses: even, the bytes are the token; odd, they are a header and, behind the first LF, a payload to sign.
@c
public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput(data, count, settings: 1)
    guard input.settings[0] & 1 != 0 else {
        if let token = verify(input.bytes) { finding("an unsigned token is accepted: \(token)") }
        return 0
    }
    let parts = input.bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    let header = Array(parts[0])
    let payload = parts.count > 1 ? Array(parts[1]) : []
    let signingInput = base64URL(header) + [UInt8(ascii: ".")] + base64URL(payload)
    let token = signingInput + [UInt8(ascii: ".")] + base64URL(hmac(signingInput))
    // Twice, since the second time the header is recognised by its bytes.
    let first = verify(token)
    require(first == verify(token), "a known header changes the outcome")
    if let first { check(first, header, payload) }
    var forged = token
    forged[forged.count - 2] ^= 1
    require(verify(forged) == nil, "a forged token is accepted")
    return 0
}

private func verify(_ token: [UInt8]) -> VerifiedToken? {
    withExactCopy(of: token) { copy in
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(copy))
        return try? verifier.verify(span, keys: keys, now: now)
    }
}

private func check(_ token: VerifiedToken, _ header: [UInt8], _ payload: [UInt8]) {
    require(token.payload == payload, "payload")
    require(token.algorithm == .HS256, "algorithm")
    guard let headers = try? JSONValue(parsing: header, duplicates: .refuse).objectValue else {
        finding("the header is no object")
    }
    require(headers["alg"] == "HS256", "alg")
    require(headers["crit"] == nil, "crit")
    require(headers["b64"] == nil || headers["b64"] == true, "b64")
    require((headers["kid"]?.stringValue).map { $0.utf8.elementsEqual(token.keyID?.utf8 ?? "".utf8) } ?? true, "kid")
    guard let claims = try? JSONValue(parsing: payload, duplicates: .refuse).objectValue else {
        finding("the payload is no object without duplicates")
    }
    for name in ["exp", "nbf", "iat"] {
        require(claims[name] == nil || claims[name]?.doubleValue?.isFinite == true, "\(name) is no finite number")
    }
    require((claims["exp"]?.doubleValue ?? .infinity) > Double(now), "expired")
    require((claims["nbf"]?.doubleValue ?? 0) <= Double(now), "not yet active")
    require(token.expiresAt == claims["exp"]?.doubleValue, "exp")
    require(token.subject == claims["sub"]?.stringValue && token.tokenID == claims["jti"]?.stringValue, "sub and jti")
}

private func hmac(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: 32)
    var length = 0
    let done = unsafe EVP_Q_mac(
        nil,
        "HMAC",
        nil,
        "SHA256",
        nil,
        secret,
        secret.count,
        bytes,
        bytes.count,
        &result,
        result.count,
        &length
    )
    require(unsafe done != nil && length == 32, "HMAC")
    return result
}

private func base64URL(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        bits <<= UInt32(8 * (3 - group.count))
        for digit in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * digit) & 0x3F)]) }
    }
    return text
}
