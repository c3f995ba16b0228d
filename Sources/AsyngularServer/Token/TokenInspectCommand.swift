import ArgumentParser
import JSONWebToken

/// `asyngular-server token inspect`.
struct TokenInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Print a token's header and claims without verifying anything.",
        discussion: "Prints the header in one line and the claims in the next. Needs no key, and proves nothing."
    )

    @Argument(help: "The token; read from standard input when left out or \"-\".")
    var token: String?

    func run() throws {
        let input = try TokenInput.read(token)
        do throws(TokenError) {
            let parts = try TokenInspector.inspect(input)
            Console.line(TokenOutput.line(parts.header) ?? "(\(parts.header.count) bytes that are not JSON)")
            Console.line(TokenOutput.line(parts.payload) ?? "(\(parts.payload.count) bytes that are not JSON)")
        } catch {
            Console.errorLine("\(error.name): \(error.message)")
            throw ExitCode(1)
        }
        Console.errorLine("note: nothing was verified; anybody can write such a token")
    }
}
