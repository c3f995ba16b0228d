import COpenSSL
import JSONWebToken

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The files of a key source as they were read.
struct KeyFileContents {
    /// All files together, bytes.
    static let maximumLength = 512 * 1024
    /// Files in a folder.
    static let maximumFiles = 128
    /// What names a key file in a folder; others are left alone.
    static let extensions = ["pem", "key", "crt", "cer", "jwk", "jwks", "json"]

    struct File {
        let path: String
        fileprivate(set) var bytes: [UInt8]
        /// Whether others than its owner can read it.
        let isExposed: Bool
        /// Whether it was found in a folder.
        let isInFolder: Bool
    }

    /// What tells one version of a file from another without reading it.
    struct Stamp: Hashable {
        let path: String
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modified: Int64
        let changed: Int64

        /// - Parameter status: of an open file or of a path.
        init(_ path: String, _ status: stat) {
            self.path = path
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            modified = Self.nanoseconds(status.st_mtim)
            changed = Self.nanoseconds(status.st_ctim)
        }

        private static func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
    }

    private(set) var files: [File]

    /// Reads the files; folders are replaced by the key files in them, by name.
    init(paths: [String]) throws(KeyError) {
        var files: [File] = []
        var length = 0
        for (path, isInFolder) in Self.expand(paths) {
            let file = try Self.read(path, isInFolder: isInFolder, limit: Self.maximumLength - length)
            length += file.bytes.count
            files.append(file)
        }
        self.files = files
    }

    /// The stamps of the files, as many as there are.
    static func stamps(paths: [String]) -> [Stamp] {
        expand(paths).compactMap { path, _ in
            var status = stat()
            return unsafe stat(path, &status) == 0 ? Stamp(path, status) : nil
        }
    }

    /// Differs with the contents, as far as one process can tell.
    var fingerprint: Int {
        var hasher = Hasher()
        for file in files {
            hasher.combine(file.path)
            hasher.combine(file.bytes)
        }
        return hasher.finalize()
    }

    /// Overwrites what was read once it is not needed any more.
    mutating func wipe() {
        for index in files.indices { Self.wipe(&files[index].bytes) }
    }

    private static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
        bytes = []
    }

    private static func expand(_ paths: [String]) -> [(path: String, isInFolder: Bool)] {
        paths.flatMap { path -> [(String, Bool)] in
            guard let names = names(inFolder: path) else { return [(path, false)] }
            return names.prefix(maximumFiles + 1).map { ("\(path)/\($0)", true) }
        }
    }

    /// - Returns: nil unless it is a folder.
    private static func names(inFolder path: String) -> [String]? {
        guard let folder = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            // A dot hides what is being written, and what Kubernetes keeps beside its links.
            guard !name.hasPrefix("."), extensions.contains(where: { name.hasSuffix(".\($0)") }) else { continue }
            names.append(name)
        }
        return names.sorted()
    }

    private static func read(_ path: String, isInFolder: Bool, limit: Int) throws(KeyError) -> File {
        // A pipe must not keep the server waiting.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw KeyError(.noKey, "the key file \(path) cannot be read") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw KeyError(.noKey, "the key file \(path) is no file")
        }
        // One buffer from the start: growing would leave copies of keys behind. One byte more tells a file that grew.
        guard status.st_size <= limit else {
            throw KeyError(.tooLarge, "the key files have more than \(maximumLength) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var length = 0
        while length < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress! + length, buffer.count - length)
            }
            guard count >= 0 else { throw KeyError(.noKey, "the key file \(path) cannot be read") }
            if count == 0 { break }
            length += count
        }
        guard length < bytes.count else { throw KeyError(.malformed, "the key file \(path) is being written") }
        bytes.removeLast(bytes.count - length)
        return File(path: path, bytes: bytes, isExposed: status.st_mode & 0o077 != 0, isInFolder: isInFolder)
    }
}
