/// A request head in as little memory as it goes without losing a byte, for heads that are kept long and read seldom.
///
/// Lines that nearly every WebSocket client sends are kept as one byte: a control character, which no head can contain.
/// Where the fields are is found again by parsing.
public struct PackedRequestHead: Sendable {
    /// How many bytes, and the bytes: an array's own head is twice as long.
    private final class Storage: ManagedBuffer<UInt32, UInt8> {
        static func make(_ bytes: UnsafeRawBufferPointer) -> Storage {
            let buffer = create(minimumCapacity: bytes.count) { _ in UInt32(bytes.count) }
            unsafe buffer.withUnsafeMutablePointerToElements { output in
                unsafe UnsafeMutableRawBufferPointer(start: output, count: bytes.count).copyMemory(from: bytes)
            }
            return unsafe unsafeDowncast(buffer, to: Storage.self)
        }

        var bytes: [UInt8] {
            unsafe withUnsafeMutablePointers { count, bytes in
                unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count.pointee)))
            }
        }
    }

    // Never changed once it is made.
    @safe private nonisolated(unsafe) let storage: Storage

    /// Packs a head.
    public init(_ head: HTTPRequestHead) {
        let lookup = Self.lookup
        storage = unsafe head.bytes.withUnsafeBytes { source in
            unsafe withUnsafeTemporaryAllocation(byteCount: source.count, alignment: 1) { output in
                let count = unsafe lookup.pack(source, into: output)
                return unsafe .make(UnsafeRawBufferPointer(rebasing: output[..<count]))
            }
        }
    }

    /// The bytes it takes.
    var byteCount: Int { Int(storage.header) }

    /// The head, parsed anew.
    public var head: HTTPRequestHead {
        let bytes = storage.bytes
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2 + 64)
        for byte in bytes {
            let index = Int(Self.indices[Int(byte)])
            if index < Self.phrases.count {
                text += Self.phrases[index]
            } else {
                text.append(byte)
            }
        }
        var parser = HTTPRequestParser(
            limits: .init(maximumHeadBytes: .max, maximumLineBytes: .max, maximumHeaders: .max)
        )
        var position = 0
        guard let head = try? unsafe parser.receive(text.span.bytes, at: &position) else {
            preconditionFailure("a head that was accepted once is accepted again")
        }
        return head
    }

    private static let lookup = PhraseLookup(phrases, codes: codes)

    /// Controls but HTAB, LF and CR.
    private static let codes: [UInt8] = (1...31).filter { ![9, 10, 13].contains($0) }

    /// For each byte the phrase that it stands for; 255 for itself.
    private static let indices: [UInt8] = {
        var indices = [UInt8](repeating: 255, count: 256)
        for (index, code) in zip(0..., codes.prefix(phrases.count)) { indices[Int(code)] = UInt8(index) }
        return indices
    }()

    /// At the beginning of a line; one that begins with another stands before it.
    static let phrases: [[UInt8]] = [
        "GET /socketcluster/ HTTP/1.1\r\n",
        "Host: ",
        "Upgrade: websocket\r\n",
        "Connection: Upgrade\r\n",
        "Connection: keep-alive, Upgrade\r\n",
        "Sec-WebSocket-Key: ",
        "Sec-WebSocket-Version: 13\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        "Sec-WebSocket-Protocol: ",
        "Origin: https://",
        "Origin: http://",
        "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
        "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:",
        "User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64",
        "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS ",
        "User-Agent: Mozilla/5.0 (Linux; Android ",
        "User-Agent: ",
        "Accept-Encoding: gzip, deflate, br, zstd\r\n",
        "Accept-Encoding: gzip, deflate, br\r\n",
        "Accept-Language: ",
        "Cache-Control: no-cache\r\n",
        "Pragma: no-cache\r\n",
        "Cookie: ",
        "Authorization: Bearer ",
        "X-Forwarded-For: ",
        "X-Forwarded-Proto: https\r\n",
    ].map { Array($0.utf8) }
}
