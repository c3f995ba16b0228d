import Logging
import Synchronization

/// Keeps everything that is logged, at trace level.
struct RecordingLogHandler: LogHandler {
    final class Log: Sendable {
        private let storage = Mutex<[String]>([])

        var lines: [String] { storage.withLock { $0 } }

        func append(_ line: String) {
            storage.withLock { $0.append(line) }
        }
    }

    let log: Log
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    init(_ log: Log) {
        self.log = log
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        log.append("\(event.level): \(event.message) \(event.metadata ?? [:]) \(event.error.map { "\($0)" } ?? "")")
    }
}
