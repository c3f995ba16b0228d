import ArgumentParser
import JSONWebToken

/// The algorithms the commands offer.
enum TokenAlgorithm {
    static func parse(_ name: String) throws -> Algorithm {
        guard let algorithm = Algorithm(rawValue: name), algorithm.isSymmetric else {
            throw ValidationError("unknown algorithm \(name): use HS256, HS384 or HS512")
        }
        return algorithm
    }
}
