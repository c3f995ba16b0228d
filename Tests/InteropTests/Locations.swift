import Foundation

/// Where the built server, the package and the peers of these tests are.
enum Locations {
    /// The package's root folder.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The server built with these tests: it lies beside the test bundle, so it has the same configuration and sanitizer.
    /// ASYNGULAR_SERVER names another one, for example a release build.
    static let serverBinary: URL = {
        if let path = ProcessInfo.processInfo.environment["ASYNGULAR_SERVER"] { return URL(fileURLWithPath: path) }
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return own.deletingLastPathComponent().appendingPathComponent("asyngular-server")
    }()

    /// `asyngular`, built with these tests.
    static let tool = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("asyngular")

    /// Thousands of clients in one process, built with these tests.
    static let clientProbe = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("ClientProbe")

    /// The echoing client for Autobahn, built with these tests.
    static let conformanceClient = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("ConformanceClient")

    /// The release build of `AllocationProbe`, named by `Scripts/test`.
    static let allocationProbe = ProcessInfo.processInfo.environment["ASYNGULAR_ALLOCATION_PROBE"].map {
        URL(fileURLWithPath: $0)
    }

    /// The sanitizer that `Scripts/sanitize` is running, if any: memory figures mean nothing then.
    static let sanitizer = ProcessInfo.processInfo.environment["ASYNGULAR_SANITIZER"]

    /// The folder of the peer scripts.
    static let peers = root.appendingPathComponent("Tests/InteropTests/Peers")

    /// The Autobahn runner that `Scripts/setup --conformance` installs.
    static let wstest = root.appendingPathComponent(".build-peers/autobahn/bin/wstest")

    /// The Python that has the peers.
    static func python() throws -> URL {
        let python = root.appendingPathComponent(".build-peers/venv/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw MissingPeers(
                description: "\(python.path) is missing: run Scripts/test (or Scripts/setup --tests) first"
            )
        }
        return python
    }

    /// Whether a Python 2.7 that starts is on the PATH or under pyenv; the Autobahn TestSuite needs one.
    static let hasPython27: Bool = {
        let environment = ProcessInfo.processInfo.environment
        let pyenv = environment["PYENV_ROOT"] ?? (environment["HOME"] ?? "") + "/.pyenv"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: pyenv + "/versions")) ?? []
        let folders =
            (environment["PATH"] ?? "").split(separator: ":").map(String.init).filter { !$0.hasSuffix("/shims") }
            + versions.filter { $0.hasPrefix("2.7") }.map { "\(pyenv)/versions/\($0)/bin" }
        return folders.contains { FileManager.default.isExecutableFile(atPath: $0 + "/python2.7") }
    }()
}

/// The Python environment of the peers has not been made.
struct MissingPeers: Error, CustomStringConvertible {
    let description: String
}
