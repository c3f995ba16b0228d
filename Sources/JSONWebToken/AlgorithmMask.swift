/// A set of algorithms in one word, so that asking it costs no hashing on the verification path.
struct AlgorithmMask: Sendable, Hashable {
    private var bits: UInt16

    init(_ algorithms: some Sequence<Algorithm>) {
        bits = algorithms.reduce(0) { $0 | Self.bit($1) }
    }

    static let hmac = AlgorithmMask([.HS256, .HS384, .HS512])

    func contains(_ algorithm: Algorithm) -> Bool { bits & Self.bit(algorithm) != 0 }

    var isEmpty: Bool { bits == 0 }

    func intersection(_ other: AlgorithmMask) -> AlgorithmMask {
        var result = self
        result.bits &= other.bits
        return result
    }

    var algorithms: Set<Algorithm> { Set(Algorithm.allCases.filter(contains)) }

    private static func bit(_ algorithm: Algorithm) -> UInt16 {
        switch algorithm {
        case .HS256: 1 << 0
        case .HS384: 1 << 1
        case .HS512: 1 << 2
        case .RS256: 1 << 3
        case .RS384: 1 << 4
        case .RS512: 1 << 5
        case .PS256: 1 << 6
        case .PS384: 1 << 7
        case .PS512: 1 << 8
        case .ES256: 1 << 9
        case .ES384: 1 << 10
        case .ES512: 1 << 11
        case .EdDSA: 1 << 12
        }
    }
}
