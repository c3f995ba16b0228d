import Foundation

/// A folder for the streams of a child process, removed with this object.
final class ScratchFolder: Sendable {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("interop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Makes a file and opens it for reading and writing, from its beginning.
    func open(_ name: String, containing text: String = "") throws -> FileHandle {
        let file = url.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return try FileHandle(forUpdating: file)
    }

    /// What the file holds now.
    func text(_ name: String) -> String {
        String(decoding: (try? Data(contentsOf: url.appendingPathComponent(name))) ?? Data(), as: UTF8.self)
    }
}
