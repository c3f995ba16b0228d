import Asyngular
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the key files again on SIGHUP, for whoever does not want to wait for the change to be noticed.
struct KeyReloadService: Service {
    let files: AGKeyFileSource
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            let isGood = files.reload()
            logger.notice("The key files were read again", metadata: ["inForce": "\(isGood)"])
        }
    }
}
