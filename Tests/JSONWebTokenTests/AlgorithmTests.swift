import Testing

@testable import JSONWebToken

@Suite struct AlgorithmTests {
    @Test func onlyHMACIsSymmetric() {
        #expect(Algorithm.allCases.filter(\.isSymmetric) == [.HS256, .HS384, .HS512])
        #expect(Algorithm.allCases.map(\.minimumSecretLength).filter { $0 > 0 } == [32, 48, 64])
        #expect(Algorithm(rawValue: "none") == nil)
    }

    @Test func masksTellAllAlgorithmsApart() {
        for algorithm in Algorithm.allCases {
            let mask = AlgorithmMask([algorithm])
            #expect(mask.algorithms == [algorithm])
            #expect(Algorithm.allCases.filter(mask.contains) == [algorithm])
        }
        #expect(AlgorithmMask.hmac.intersection(AlgorithmMask([.HS384, .RS256])).algorithms == [.HS384])
    }
}
