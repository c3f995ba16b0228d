import Foundation
import Synchronization

/// An HTTP server on 127.0.0.1 that answers as a test says, one thread per connection.
final class LocalServer: Sendable {
    enum Answer: Sendable {
        /// These bytes, then the end of the connection.
        case bytes([UInt8])
        /// Nothing, until the client goes.
        case silence

        static func text(_ status: String, _ body: String = "", _ fields: String...) -> Answer {
            let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + fields
            return .bytes(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
        }
    }

    private struct State {
        var answer: @Sendable (String) -> Answer
        var heads: [String] = []
    }

    let port: Int
    private let descriptor: Int32
    private let state: Mutex<State>

    init(_ answer: @escaping @Sendable (String) -> Answer) {
        state = Mutex(State(answer: answer))
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listening = descriptor
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listening, pointer, length) | listen(listening, 64)
                    | getsockname(listening, pointer, &length)
            }
        }
        precondition(status == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listening, nil, nil)
                guard client >= 0 else {
                    // Here and not by whoever shuts it down: the number must not be another server's while this accepts.
                    close(listening)
                    return
                }
                Thread.detachNewThread { [weak self] in self?.serve(client) }
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    var url: String { "http://127.0.0.1:\(port)/jwks" }

    /// The heads of the requests so far.
    var requests: [String] { state.withLock { $0.heads } }

    func answer(_ answer: @escaping @Sendable (String) -> Answer) {
        state.withLock { $0.answer = answer }
    }

    private func serve(_ client: Int32) {
        defer { close(client) }
        var head: [UInt8] = []
        var byte = [UInt8](repeating: 0, count: 1)
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard unsafe recv(client, &byte, 1, 0) == 1 else { return }
            // TLS begins so.
            guard byte[0] != 0x16 else { return }
            head += byte
        }
        let text = String(decoding: head, as: UTF8.self)
        let answer = state.withLock { state in
            state.heads.append(text)
            return state.answer
        }
        switch answer(text) {
        case .silence: while unsafe recv(client, &byte, 1, 0) == 1 {}
        case .bytes(let bytes):
            var sent = 0
            while sent < bytes.count {
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe send(client, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
            shutdown(client, Int32(SHUT_WR))
            while unsafe recv(client, &byte, 1, 0) == 1 {}
        }
    }
}
