import ArgumentParser
import Asyngular

/// Where else a token may come from, and what becomes of an identity; see `AGServerOptions`.
struct IdentityOptions: ParsableArguments {
    @Flag(help: "Take a token from the upgrade request's Authorization: Bearer; a bad one is refused with 401.")
    var upgradeBearer = false

    @Option(help: "Take a token from a cookie of this name in the upgrade request; only with restricted --origins.")
    var upgradeCookie: String?

    @Option(help: "Take a token from a subprotocol offered with this prefix, e.g. \"bearer.\".")
    var upgradeSubprotocol: String?

    @Flag(help: "Take a client that loses its identity out of its channels.")
    var kickOutOnDeauthentication = false

    @Flag(help: "End an identity when its next pong or message is looked at, as the JavaScript server, not at its exp.")
    var lazyExpiry = false

    func apply(to options: inout AGServerOptions) {
        if upgradeBearer || Environment.flag("UPGRADE_BEARER") {
            options.authUpgradeTokens.append(.authorizationHeader)
        }
        if let name = upgradeCookie ?? Environment["UPGRADE_COOKIE"] {
            options.authUpgradeTokens.append(.cookie(name))
        }
        if let prefix = upgradeSubprotocol ?? Environment["UPGRADE_SUBPROTOCOL"] {
            options.authUpgradeTokens.append(.subprotocol(prefix: prefix))
        }
        options.kickOutOnDeauthentication =
            kickOutOnDeauthentication || Environment.flag("KICK_OUT_ON_DEAUTHENTICATION")
        options.authExpiryTimer = !(lazyExpiry || Environment.flag("LAZY_EXPIRY"))
    }
}
