import ArgumentParser
import JSONWebToken

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// `asyngular-server token verify`.
struct TokenVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a token and print its claims.",
        discussion: "Prints the name and message of the error and exits with 1 when the token is not accepted."
    )

    @OptionGroup(title: "Key") var key: TokenKeyOptions

    @Argument(help: "The token; read from standard input when left out or \"-\".")
    var token: String?

    @Option(help: "An algorithm accepted; may be given several times (default: what fits the key).")
    var algorithm: [String] = []

    @Option(help: "How far \"exp\" may be in the past and \"nbf\" in the future, seconds.")
    var clockTolerance = 0

    @Option(help: "Verify as if it were this time, seconds since 1970.")
    var at: Int64?

    func validate() throws {
        guard clockTolerance >= 0 else { throw ValidationError("--clock-tolerance must not be negative") }
    }

    func run() throws {
        var policy = VerificationPolicy()
        policy.clockToleranceSeconds = clockTolerance
        if !algorithm.isEmpty { policy.algorithms = Set(try algorithm.map(TokenAlgorithm.parse)) }
        let keys = try key.verificationKeys()
        let input = try TokenInput.read(token)
        let now = at ?? Int64(time(nil))
        do throws(TokenError) {
            let verified = try TokenVerifier().verify(input, keys: keys, policy: policy, now: now)
            Console.line(TokenOutput.line(verified.payload) ?? "")
        } catch {
            Console.errorLine("\(error.name): \(error.message)")
            throw ExitCode(1)
        }
    }
}
