import JSONWebToken

/// What an ``AGAuthToken`` is made of, in one block: the claims, then what of the signed token does not follow from them.
///
/// A signed token is the claims again in base64, which a socket does not keep twice; nor does an array's head, of twice the
/// size, lie before the bytes. Nothing changes once it is made.
final class TokenStorage: ManagedBuffer<TokenStorage.Header, UInt8> {
    struct Header {
        /// `exp`, which is looked at with every message; NaN without one.
        let expiry: Double
        let claimsCount: UInt32
        let restCount: UInt32
        let rest: Rest
    }

    /// What follows the claims.
    enum Rest {
        case nothing
        /// The token's first segment, of so many bytes, and its last one.
        case segments(first: UInt16)
        /// The last segment; the first is that of ``firstSegments``.
        case last(first: UInt8)
        /// The same, and what the last segment stands for.
        case signature(first: UInt8)
        /// The whole token.
        case token
    }

    var expiry: Double { parts.expiry }

    /// Asking for `header` itself is checked for exclusivity each time.
    private var parts: Header { unsafe withUnsafeMutablePointerToHeader { unsafe $0.pointee } }

    /// Claims without a token.
    static func make(_ claims: RawSpan, expiry: Double) -> TokenStorage {
        unsafe make(claims, expiry, .nothing, count: 0) { _ in }
    }

    /// Claims and the token they are from.
    ///
    /// - Parameter isFound: whether the claims were found in this very token.
    static func make(_ claims: RawSpan, signedAs token: [UInt8], isFound: Bool, expiry: Double) -> TokenStorage {
        guard let parts = unsafe token.withUnsafeBytes({ unsafe TokenParts($0) }), parts.header.count <= UInt16.max,
            // What is decoded strictly has one text only.
            isFound || Base64URL.isText(token.rawBytes.extracting(parts.payload), of: claims)
        else { return make(claims, expiry, .token, token[...]) }
        let first = token.rawBytes.extracting(parts.header)
        guard let known = firstSegments.firstIndex(where: { Bytes.equal($0.rawBytes, first) }) else {
            return make(
                claims,
                expiry,
                .segments(first: UInt16(parts.header.count)),
                token[parts.header] + token[parts.signature]
            )
        }
        let last = token[parts.signature]
        guard let count = Base64URL.decodedLength(last.count) else {
            return make(claims, expiry, .last(first: UInt8(known)), last)
        }
        var isDecoded = false
        let storage = unsafe make(claims, expiry, .signature(first: UInt8(known)), count: count) { output in
            guard let output = output.baseAddress else { return }
            isDecoded = unsafe last.withUnsafeBytes { unsafe Base64URL.decode($0, into: output) == count }
        }
        return isDecoded ? storage : make(claims, expiry, .last(first: UInt8(known)), last)
    }

    private static func make(
        _ claims: RawSpan,
        _ expiry: Double,
        _ rest: Rest,
        _ bytes: ArraySlice<UInt8>
    ) -> TokenStorage {
        unsafe make(claims, expiry, rest, count: bytes.count) { unsafe $0.copyBytes(from: bytes) }
    }

    private static func make(
        _ claims: RawSpan,
        _ expiry: Double,
        _ rest: Rest,
        count: Int,
        _ write: (UnsafeMutableRawBufferPointer) -> Void
    ) -> TokenStorage {
        let header = Header(
            expiry: expiry,
            claimsCount: UInt32(claims.byteCount),
            restCount: UInt32(count),
            rest: rest
        )
        let buffer = create(minimumCapacity: claims.byteCount + count) { _ in header }
        let storage = unsafe unsafeDowncast(buffer, to: TokenStorage.self)
        unsafe storage.withUnsafeMutablePointerToElements { elements in
            let output = UnsafeMutableRawPointer(elements)
            unsafe claims.withUnsafeBytes { claims in
                guard let source = claims.baseAddress else { return }
                unsafe output.copyMemory(from: source, byteCount: claims.count)
            }
            unsafe write(UnsafeMutableRawBufferPointer(start: output + claims.byteCount, count: count))
        }
        return storage
    }

    // MARK: Reading

    /// Gives access to the claims.
    func withClaims<Value>(_ body: (RawSpan) -> Value) -> Value {
        unsafe withUnsafeMutablePointers { header, elements in
            let claims = unsafe UnsafeRawBufferPointer(start: elements, count: Int(header.pointee.claimsCount))
            return unsafe body(RawSpan(_unsafeBytes: claims))
        }
    }

    private var rest: [UInt8] {
        unsafe withUnsafeMutablePointers { header, elements in
            let start = unsafe elements + Int(header.pointee.claimsCount)
            return unsafe Array(UnsafeBufferPointer(start: start, count: Int(header.pointee.restCount)))
        }
    }

    /// The token; nil if there was none.
    var token: String? {
        switch parts.rest {
        case .nothing: nil
        case .token: String(decoding: rest, as: UTF8.self)
        case .segments(let first): text(rest[..<Int(first)], String(decoding: rest[Int(first)...], as: UTF8.self))
        case .last(let first): text(Self.firstSegments[Int(first)][...], String(decoding: rest, as: UTF8.self))
        case .signature(let first): text(Self.firstSegments[Int(first)][...], Base64URL.encode(rest))
        }
    }

    private func text(_ first: ArraySlice<UInt8>, _ last: String) -> String {
        String(decoding: first, as: UTF8.self) + "." + Base64URL.encode(withClaims(Bytes.array)) + "." + last
    }

    /// What signers make of `{"alg":…,"typ":"JWT"}`, and the other way round.
    private static let firstSegments: [[UInt8]] = Algorithm.allCases.flatMap { algorithm in
        [#"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#, #"{"typ":"JWT","alg":"\#(algorithm.rawValue)"}"#].map {
            Array(Base64URL.encode(Array($0.utf8)).utf8)
        }
    }
}
