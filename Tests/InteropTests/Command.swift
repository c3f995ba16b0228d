import Foundation

/// A finished run of another program.
struct Command: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a program to its end without blocking a thread of the test runner.
    static func run(
        _ executable: URL,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> Command {
        // Files, not pipes: no reader is needed while the program runs, however much it writes.
        let folder = try ScratchFolder()
        let child: ChildProcess
        do {
            let input = try folder.open("input")
            let output = try folder.open("output")
            let errors = try folder.open("errors")
            child = try ChildProcess.start(
                executable,
                arguments,
                environment: environment,
                input: input.fileDescriptor,
                output: output.fileDescriptor,
                errors: errors.fileDescriptor
            )
        }
        let status = await child.exitStatus()
        return Command(status: status, output: folder.text("output"), errors: folder.text("errors"))
    }
}
