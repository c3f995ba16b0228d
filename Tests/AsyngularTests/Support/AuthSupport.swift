import JSONWebToken
import SocketProtocol
import StrictJSON
import Synchronization

@testable import Asyngular
@testable import JSONWebToken

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension AGAuthScheduling {
    /// Whatever verifies a token is tested both ways.
    static let tested: [AGAuthScheduling] = [.inline, .offloaded]
}

/// Tokens that no signer makes.
enum ForgedToken {
    /// 2026-01-01T00:00:00Z
    static let past = 1_767_225_600
    /// 2100-01-01T00:00:00Z
    static let future = 4_102_444_800

    /// Signs any two texts with HMAC.
    ///
    /// - Parameter signature: the third part as it is to be; nil for a good one.
    static func make(
        header: String = #"{"alg":"HS256","typ":"JWT"}"#,
        payload: String,
        algorithm: Algorithm = .HS256,
        key: String = TestServer.key,
        signature: String? = nil
    ) -> String {
        let key = SigningKey.hmac(secret: Array(key.utf8))
        return make(header: header, payload: payload, algorithm: algorithm, signedBy: key, signature: signature)
    }

    /// Signs any two texts.
    static func make(
        header: String,
        payload: String,
        algorithm: Algorithm,
        signedBy key: SigningKey,
        signature: String? = nil
    ) -> String {
        let input = base64URL(Array(header.utf8)) + "." + base64URL(Array(payload.utf8))
        if let signature { return "\(input).\(signature)" }
        let engine = SignatureEngine(key.material, algorithm)!
        var bytes = [UInt8](repeating: 0, count: engine.maximumSignatureLength)
        let count = unsafe bytes.withUnsafeMutableBufferPointer { output in
            unsafe Array(input.utf8).withUnsafeBytes { unsafe engine.sign($0, into: output.baseAddress!) ?? 0 }
        }
        return "\(input).\(base64URL(Array(bytes[..<count])))"
    }

    static func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".unicodeScalars)
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = Array(bytes[start..<min(start + 3, bytes.count)])
            let padded = group + [UInt8](repeating: 0, count: 3 - group.count)
            let bits = padded.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            for index in 0...group.count { text.unicodeScalars.append(alphabet[Int(bits >> (18 - 6 * index)) & 63]) }
        }
        return text
    }
}

/// Keeps the verification pool from judging tokens until it is opened: its workers wait for the keys.
final class KeyGate: Sendable {
    private let entered = WorkerSignal()
    private let opened = WorkerSignal()
    private let keys: KeyStore
    private let change: @Sendable (inout AGKeyRing) -> Void

    /// - Parameter change: made to the keys when the gate opens.
    init(_ server: AGServer, change: @escaping @Sendable (inout AGKeyRing) -> Void = { _ in }) {
        keys = server.keys
        self.change = change
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        unsafe pthread_create(
            &thread,
            nil,
            { context in
                let gate = unsafe Unmanaged<KeyGate>.fromOpaque(context!).takeRetainedValue()
                gate.keys.update { keys in
                    gate.entered.signal()
                    gate.opened.wait()
                    gate.change(&keys)
                }
                return nil
            },
            context
        )
        pthread_detach(thread)
        entered.wait()
    }

    func open() {
        opened.signal()
    }
}

/// Collects values from handlers.
final class Collected<Value: Sendable>: Sendable {
    private let storage = Mutex<[Value]>([])

    var values: [Value] { storage.withLock { $0 } }

    func append(_ value: Value) {
        storage.withLock { $0.append(value) }
    }
}

extension TestServer {
    static func run(
        _ scheduling: AGAuthScheduling,
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        setUp: (AGServer) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await run(
            { options in
                options.authScheduling = scheduling
                configure(&options)
            },
            setUp: setUp,
            body
        )
    }

    /// Sends a handshake and reads the answer, whose id is put as `ID`.
    ///
    /// - Parameter token: the JSON of `authToken`.
    func handshake(_ client: TestClient, token: String) async throws -> (id: String, reply: String) {
        try client.send(##"{"event":"#handshake","data":{"authToken":\##(token)},"cid":1}"##)
        let reply = try await client.text()
        let prefix = #"{"rid":1,"data":{"id":""#
        guard reply.hasPrefix(prefix) else { throw TestClient.Failure(message: reply) }
        let id = String(reply.dropFirst(prefix.count).prefix { $0 != "\"" })
        guard id.utf8.count == 20 else { throw TestClient.Failure(message: "id of \(id.utf8.count) bytes") }
        return (id, reply.replacing(id, with: "ID", maxReplacements: 1))
    }

    /// A client and its socket here, the handshake done.
    func pair(token: String? = nil) async throws -> (client: TestClient, socket: AGServerSocket) {
        let connections = server.listener(.connection)
        let client = try await connected(token: token)
        return (client, try await connections.once(timeout: .seconds(10)).socket)
    }

    /// The names of the events that came after the first `count`.
    func eventNames(after count: Int) -> [String] { Array(eventNames.dropFirst(count)) }
}

extension AGServerSocket {
    /// All that says who the peer is.
    var identity: String {
        "\(authState) \(authToken.map { String(decoding: $0.claims.bytes, as: UTF8.self) } ?? "nil") "
            + (signedAuthToken ?? "nil")
    }

    /// Runs `body` on the socket's loop.
    func run<Result: Sendable>(_ body: @Sendable (isolated AGServerSocket) throws -> Result) rethrows -> Result {
        try body(self)
    }
}
