import ArgumentParser
import AsyngularClient

/// Why a command did not succeed, and its exit status.
struct ToolFailure: Error {
    /// The server answered with an error.
    static let refused: Int32 = 1
    /// There is no connection any more, or none came to be.
    static let disconnected: Int32 = 2
    /// No answer came in time.
    static let timedOut: Int32 = 3

    let status: Int32
    let message: String

    init(_ status: Int32, _ message: String) {
        self.status = status
        self.message = message
    }

    /// An error of the client or of the server.
    init(_ error: AGError) {
        switch error.name {
        case "BadConnectionError":
            let reason = error.properties["reason"]?.stringValue ?? ""
            self.init(Self.disconnected, reason.isEmpty ? "\(error)" : reason)
        case "TimeoutError": self.init(Self.timedOut, "\(error)")
        default: self.init(Self.refused, "\(error)")
        }
    }

    /// Says on standard error what is wrong.
    ///
    /// - Returns: what ends the program.
    func report() -> ExitCode {
        Output.error("error: \(message)")
        return ExitCode(status)
    }
}
