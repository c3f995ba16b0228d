import ArgumentParser
import Asyngular

/// `asyngular-server token generate-key`.
struct TokenGenerateKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-key",
        abstract: "Make a key and print it as a JWK Set with its private part.",
        discussion: """
            Whoever reads the output can sign tokens. For --auth-keys-file:
            (umask 077; asyngular-server token generate-key --algorithm ES256 --kid 2026-12 > keys.json)
            """
    )

    @Option(help: "The algorithm the key is for: HS256, RS256, PS256, ES256, EdDSA, …")
    var algorithm = "ES256"

    @Option(name: .customLong("kid"), help: "The key's identifier (default: random).")
    var keyID: String?

    @Option(help: "Bits of an RSA key.")
    var bits = SigningKey.defaultModulusBits

    func run() throws {
        let algorithm = try TokenAlgorithm.parse(algorithm)
        let random = { (0..<8).map { _ in String(UInt8.random(in: 0x10...0xFF), radix: 16) }.joined() }
        do throws(KeyError) {
            let key = try SigningKey.generate(algorithm, kid: keyID ?? random(), modulusBits: bits)
            guard let jwk = key.privateJWK else { throw KeyError(.unsupported, "the key cannot be written as a JWK") }
            Console.line(TokenOutput.line(JSONValue.object(["keys": [.object(jwk)]]).serialized()) ?? "")
        } catch {
            Console.errorLine("error: \(error.message)")
            throw ExitCode(1)
        }
    }
}

/// `asyngular-server token public-keys`.
struct TokenPublicKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "public-keys",
        abstract: "Print the public keys of key files as a JWK Set, to be published.",
        discussion: "Secrets have no public part and are left out."
    )

    @Argument(help: "Files and folders with JWK Sets, JWKs and PEM.")
    var files: [String]

    func run() throws {
        var keys: [JSONValue] = []
        for file in files {
            do throws(KeyError) {
                let source = AGKeyFileSource(file, passphrase: Environment["AUTH_PRIVATE_KEY_PASSPHRASE"])
                keys += (try source.initialKeys()?.verification.keys ?? []).compactMap(\.jwk).map(JSONValue.object)
            } catch {
                Console.errorLine("error: \(error.message)")
                throw ExitCode(1)
            }
        }
        Console.line(TokenOutput.line(JSONValue.object(["keys": .array(keys)]).serialized()) ?? "")
    }
}
