import ArgumentParser
import Asyngular

/// What is asked of tokens, and what verifying them may take; see `AGServerOptions`.
struct VerificationOptions: ParsableArguments {
    @Option(help: "An issuer (iss) that is accepted; may be given more than once. Without it every issuer is.")
    var authIssuer: [String] = []

    @Option(help: "An audience (aud) that is accepted; may be given more than once. Without it aud is not looked at.")
    var authAudience: [String] = []

    @Option(help: "How far the clocks of issuer and server may be apart, seconds.")
    var authClockTolerance: Int = Environment.integer("AUTH_CLOCK_TOLERANCE") ?? 0

    @Option(help: "Where tokens are verified: automatic, inline or offloaded.")
    var authScheduling: String = Environment["AUTH_SCHEDULING"] ?? "automatic"

    @Option(help: "Threads that verify offloaded tokens. Without it one less than there are cores.")
    var authPoolThreads: Int?

    @Option(help: "Tokens that may wait for those threads; who comes then is closed with 1013.")
    var authPoolLimit: Int = Environment.integer("AUTH_POOL_LIMIT") ?? 16384

    @Option(help: "Which verified tokens are remembered: automatic (asymmetric keys' only), always or never.")
    var authCaching: String = Environment["AUTH_CACHING"] ?? "automatic"

    @Option(help: "Verified tokens that are remembered.")
    var authCacheLimit: Int = Environment.integer("AUTH_CACHE_LIMIT") ?? 10000

    func apply(to options: inout AGServerOptions) throws {
        options.authIssuers = list(authIssuer, "AUTH_ISSUER")
        options.authAudiences = list(authAudience, "AUTH_AUDIENCE")
        options.authClockTolerance = authClockTolerance
        options.authPoolThreads = authPoolThreads ?? Environment.integer("AUTH_POOL_THREADS")
        options.authPoolLimit = authPoolLimit
        options.authCacheLimit = authCacheLimit
        switch authScheduling {
        case "automatic": options.authScheduling = .automatic
        case "inline": options.authScheduling = .inline
        case "offloaded": options.authScheduling = .offloaded
        default: throw ValidationError("--auth-scheduling is automatic, inline or offloaded")
        }
        switch authCaching {
        case "automatic": options.authCaching = .automatic
        case "always": options.authCaching = .always
        case "never": options.authCaching = .never
        default: throw ValidationError("--auth-caching is automatic, always or never")
        }
    }

    /// The values given, or those of the environment, separated by blanks.
    private func list(_ given: [String], _ variable: String) -> [String]? {
        let values = given.isEmpty ? (Environment[variable]?.split(separator: " ").map { String($0) } ?? []) : given
        return values.isEmpty ? nil : values
    }
}
