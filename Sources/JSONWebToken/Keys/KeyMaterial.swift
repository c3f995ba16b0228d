import COpenSSL
import Synchronization

/// What a key is made of, shared by all copies of a ``SigningKey`` or ``VerificationKey`` and wiped with the last one.
///
/// Immutable after `init`, hence safe to share. It prints and reflects as `<redacted>`.
@safe
final class KeyMaterial: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of key, which decides the algorithm families it can serve.
    enum Kind: Sendable {
        case secret
    }

    /// Differs for every key made in this process, so that kept contexts can be found again without comparing secrets.
    let id: UInt64
    let kind: Kind
    /// The only algorithms this key may be used with (RFC 8725 §3.1).
    let algorithms: AlgorithmMask

    private let secret: UnsafeMutableRawBufferPointer

    private static let nextID = Atomic<UInt64>(1)

    /// Copies an HMAC secret. The caller's own copy is the caller's to wipe.
    init(secret bytes: [UInt8], algorithms: AlgorithmMask) {
        id = Self.nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        kind = .secret
        self.algorithms = algorithms.intersection(.hmac)
        unsafe secret = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        unsafe secret.copyBytes(from: bytes)
    }

    deinit {
        if let base = unsafe secret.baseAddress { unsafe OPENSSL_cleanse(base, secret.count) }
        unsafe secret.deallocate()
    }

    /// The secret's length in bytes.
    var secretLength: Int { unsafe secret.count }

    /// Lends the secret's bytes; they must not outlive `body`.
    @unsafe
    func withSecret<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(secret))
    }

    /// True when the key may and can be used with `algorithm`. An empty secret counts as no key.
    func isUsable(for algorithm: Algorithm) -> Bool { algorithms.contains(algorithm) && secretLength > 0 }

    /// True when the key is shorter than RFC 7518 §3.2 asks for `algorithm`.
    func isWeak(for algorithm: Algorithm) -> Bool { secretLength < algorithm.minimumSecretLength }

    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
