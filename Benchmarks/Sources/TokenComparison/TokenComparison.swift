import BenchmarkKit
import JSONWebToken
import LoadGenerator
import StrictJSON

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Verification of one token by this engine, by OpenSSL alone and by vapor/jwt-kit, taking turns.
@main
enum TokenComparison {
    static func main() async throws {
        let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 9
        let keys = try KeyRing()
        defer { keys.remove() }
        var table = [["verification", "µs, median [range]", "ratio to the bare one"]]
        var failures: [String] = []
        for algorithm in [Algorithm.HS256, .RS256, .ES256, .EdDSA] {
            let token = try Self.token(algorithm, keys)
            let contest = try await Contest(algorithm: algorithm, token: token, entry: keys.entry(for: algorithm))
            var times: [String: Sample] = [:]
            for _ in 0..<rounds {
                for name in contest.names { times[name, default: Sample()].add(try await contest.measure(name)) }
            }
            let bare = times[contest.names[0]]?.values ?? []
            for name in contest.names {
                let sample = times[name] ?? Sample()
                let ratio = RatioSample(sample.values, over: bare)
                table.append([
                    "\(algorithm.rawValue), \(token.utf8.count) bytes: \(name)",
                    Figure.range(sample) { Figure.text($0, 2) }, Figure.range(ratio.ratios) { Figure.text($0, 3) },
                ])
                let limit = algorithm == .HS256 ? 3.0 : 1.1
                if name == Contest.ours, let median = ratio.median, median > limit {
                    failures.append(
                        "\(algorithm.rawValue): \(Figure.text(median, 2)) times the bare verification, more than \(limit)"
                    )
                }
                if name == Contest.jwtKit, let ours = times[Contest.ours]?.values {
                    let ratio = RatioSample(sample.values, over: ours)
                    table.append([
                        "  jwt-kit 5.7.1 to this engine", "", Figure.range(ratio.ratios) { Figure.text($0, 1) },
                    ])
                    if let median = ratio.median, median < 20 {
                        failures.append("jwt-kit takes \(Figure.text(median, 1)) times as long, less than 20")
                    }
                }
            }
        }
        print(TextTable.layout(table, leftColumns: 1))
        for failure in failures { print("missed: \(failure)") }
        if !failures.isEmpty { exit(1) }
    }

    /// A token as near to 290 bytes as it gets, for HS256; the others carry the same claims.
    private static func token(_ algorithm: Algorithm, _ keys: KeyRing) throws -> String {
        let options = SigningOptions(algorithm: algorithm, expiresIn: .seconds(3600))
        let claims: JSONObject = [
            "sub": "user-1234567", "username": "alice", "channels": ["room/7", "room/8"], "role": "member",
            "jti": "01234567", "iss": "asyngular",
        ]
        return try TokenSigner().sign(
            claims,
            key: keys.entry(for: algorithm).signing,
            options: options,
            now: Int64(time(nil))
        )
    }
}
