import JSONWebToken
import StrictJSON

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Signs tokens before a storm.
public enum TokenFactory {
    /// Signs `count` different tokens of about 290 bytes (with HS256), good for an hour, on the processors there are.
    public static func sign(
        _ count: Int,
        algorithm: Algorithm,
        key: SigningKey,
        workers: Int
    ) async throws -> [String] {
        let now = Int64(time(nil))
        var generator = SystemRandomNumberGenerator()
        let run = String(generator.next(upperBound: UInt64(1) << 40), radix: 36)
        let share = (count + workers - 1) / max(workers, 1)
        return try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for worker in 0..<max(workers, 1) {
                let range = min(worker * share, count)..<min((worker + 1) * share, count)
                group.addTask {
                    let signer = TokenSigner()
                    var options = SigningOptions(algorithm: algorithm, expiresIn: .seconds(3600))
                    options.issuer = "asyngular-bench"
                    return try (
                        worker, range.map { try signer.sign(claims($0, run), key: key, options: options, now: now) }
                    )
                }
            }
            var parts = [[String]](repeating: [], count: max(workers, 1))
            for try await (worker, tokens) in group { parts[worker] = tokens }
            return parts.flatMap(\.self)
        }
    }

    private static func claims(_ number: Int, _ run: String) -> JSONObject {
        [
            "sub": .string("user-\(run)-\(number)"), "jti": .string("\(run)-\(number)"),
            "username": "alice", "channels": ["room/7", "room/8"], "role": "member",
        ]
    }
}
