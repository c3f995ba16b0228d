import ArgumentParser
import JSONWebToken

/// The algorithms the commands offer.
enum TokenAlgorithm {
    static func parse(_ name: String) throws -> Algorithm {
        guard let algorithm = Algorithm(rawValue: name) else {
            let names = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("unknown algorithm \(name): use one of \(names)")
        }
        return algorithm
    }
}
