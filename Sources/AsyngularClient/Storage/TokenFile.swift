import AsyngularSupport

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The file of one token. Its calls block.
struct TokenFile: Sendable {
    static let maximumBytes = 64 * 1024
    /// What file systems take, with room for a temporary name.
    private static let maximumNameBytes = 200

    private let folder: String
    private let fileName: String

    private var path: String { "\(folder)/\(fileName)" }

    init(folder: String, name: String) throws(AuthTokenStoreError) {
        self.folder = folder
        fileName = Self.encode(name)
        guard !name.isEmpty, fileName.utf8.count <= Self.maximumNameBytes else {
            throw AuthTokenStoreError(.invalidName, "A token's name has to have 1 to \(Self.maximumNameBytes) bytes")
        }
    }

    /// A name as a file's: whatever could mean something to a file system or a shell is percent-encoded.
    static func encode(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): bytes.append(byte)
            case UInt8(ascii: ".") where !bytes.isEmpty: bytes.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The token; nil if there is no file.
    func load() throws(AuthTokenStoreError) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            if errno == ELOOP { throw AuthTokenStoreError(.unusable, "\(path) is a symbolic link") }
            throw failure("open", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("examine", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw AuthTokenStoreError(.unusable, "\(path) is not a plain file")
        }
        guard status.st_size <= Self.maximumBytes else { throw AuthTokenStoreError(.unusable, "\(path) is too large") }
        if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 {
            throw failure("protect", path)
        }
        var bytes = try contents(descriptor)
        // A file that a person wrote may end in a line break, which no token does.
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { return nil }
        guard let token = String(validating: bytes, as: UTF8.self) else {
            throw AuthTokenStoreError(.unusable, "\(path) is not text")
        }
        return token
    }

    private func contents(_ descriptor: Int32) throws(AuthTokenStoreError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.maximumBytes + 1)
        var count = 0
        while count < bytes.count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                Self.retrying {
                    unsafe read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
                }
            }
            guard got >= 0 else { throw failure("read", path) }
            if got == 0 { break }
            count += got
        }
        guard count <= Self.maximumBytes else { throw AuthTokenStoreError(.unusable, "\(path) is too large") }
        return Array(bytes[..<count])
    }

    func replace(with token: String) throws(AuthTokenStoreError) {
        let bytes = Array(token.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.maximumBytes else {
            throw AuthTokenStoreError(.invalidToken, "A token has to have 1 to \(Self.maximumBytes) bytes")
        }
        try makeFolder()
        let random = SecureRandom.bytes(8).map { TokenFile.hexadecimal($0) }.joined()
        let temporary = "\(folder)/.\(fileName).\(random)"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        do throws(AuthTokenStoreError) {
            defer { close(descriptor) }
            try fill(descriptor, with: bytes, temporary)
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        guard unsafe rename(temporary, path) == 0 else {
            let error = failure("replace", path)
            unsafe unlink(temporary)
            throw error
        }
    }

    private func fill(_ descriptor: Int32, with bytes: [UInt8], _ path: String) throws(AuthTokenStoreError) {
        // Whatever the process's mask is.
        guard fchmod(descriptor, 0o600) == 0 else { throw failure("protect", path) }
        var done = 0
        while done < bytes.count {
            let sent = unsafe bytes.withUnsafeBytes { buffer in
                Self.retrying {
                    unsafe write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
                }
            }
            guard sent > 0 else { throw failure("write", path) }
            done += sent
        }
        // The rename must not come before the content.
        guard fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    /// - Returns: the token that was there.
    func remove() throws(AuthTokenStoreError) -> String? {
        let token: String?
        do throws(AuthTokenStoreError) {
            token = try load()
        } catch {
            // What cannot be used has to go all the same.
            token = nil
        }
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
        return token
    }

    private func makeFolder() throws(AuthTokenStoreError) {
        guard unsafe mkdir(folder, 0o700) != 0, errno != EEXIST else { return }
        guard errno == ENOENT else { throw failure("create", folder) }
        // Those above it are missing too.
        for (index, character) in zip(folder.indices, folder).dropFirst() where character == "/" {
            guard unsafe mkdir(String(folder[..<index]), 0o700) == 0 || errno == EEXIST else {
                throw failure("create", folder)
            }
        }
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure("create", folder) }
    }

    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private func failure(_ operation: String, _ path: String) -> AuthTokenStoreError {
        let number = errno
        let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return AuthTokenStoreError(.fileSystem, "Cannot \(operation) \(path): \(text)", errno: number)
    }
}
