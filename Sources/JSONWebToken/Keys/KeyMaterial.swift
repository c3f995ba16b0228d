import COpenSSL
import Synchronization

/// What a key is made of, shared by all copies of a ``SigningKey`` or ``VerificationKey`` and wiped with the last one.
///
/// Immutable after `init`, hence safe to share. It prints and reflects as `<redacted>`.
@safe
final class KeyMaterial: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Differs for every key made in this process, so that kept contexts can be found again without comparing secrets.
    let id: UInt64
    /// The kind of key, which decides the algorithm families it can serve.
    let kind: KeyType
    /// The only algorithms this key may be used with (RFC 8725 §3.1).
    let algorithms: AlgorithmMask
    /// The parsed key; `nil` for a secret.
    let key: ParsedKey?
    /// What verifies the signatures of a private key. It holds no part of the private one.
    let publicHalf: KeyMaterial?

    private let secret: UnsafeMutableRawBufferPointer

    private static let nextID = Atomic<UInt64>(1)

    /// Copies an HMAC secret. The caller's own copy is the caller's to wipe.
    init(secret bytes: [UInt8], algorithms: AlgorithmMask) {
        id = Self.nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        kind = .secret
        key = nil
        publicHalf = nil
        self.algorithms = algorithms.intersection(.hmac)
        unsafe secret = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        unsafe secret.copyBytes(from: bytes)
    }

    /// Takes a parsed key, for those of `algorithms` that it can serve; `nil` means all.
    ///
    /// - Throws: ``KeyError/Code/algorithmMismatch`` when it can serve none of them.
    init(key: ParsedKey, algorithms wanted: Set<Algorithm>?) throws(KeyError) {
        var fitting = key.algorithms
        if let wanted { fitting = fitting.intersection(AlgorithmMask(wanted)) }
        guard !fitting.isEmpty else { throw .algorithmMismatch(key.type, wanted ?? []) }
        publicHalf = key.isPrivate ? try KeyMaterial(key: key.publicHalf(), algorithms: wanted) : nil
        id = Self.nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        kind = key.type
        self.key = key
        algorithms = fitting
        unsafe secret = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    deinit {
        if let base = unsafe secret.baseAddress { unsafe OPENSSL_cleanse(base, secret.count) }
        unsafe secret.deallocate()
    }

    /// The secret's length in bytes; 0 when the key is none.
    var secretLength: Int { unsafe secret.count }

    /// False for an empty secret, which counts as no key.
    var isPresent: Bool { key != nil || secretLength > 0 }

    /// Lends the secret's bytes; they must not outlive `body`.
    @unsafe
    func withSecret<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(secret))
    }

    /// True when the key may and can be used with `algorithm`.
    func isUsable(for algorithm: Algorithm) -> Bool { algorithms.contains(algorithm) && isPresent }

    /// True when the key is a secret shorter than RFC 7518 §3.2 asks for `algorithm`. Weak keys of other kinds are refused
    /// when they are read.
    func isWeak(for algorithm: Algorithm) -> Bool { kind == .secret && secretLength < algorithm.minimumSecretLength }

    /// Makes a signature and verifies it, which a private key with somebody else's public part does not survive. (Using
    /// such an Ed25519 key would give it away.)
    func checkPair() throws(KeyError) {
        guard let publicHalf, let algorithm = Algorithm.allCases.first(where: algorithms.contains) else { return }
        guard let signer = SignatureEngine(self, algorithm), let verifier = SignatureEngine(publicHalf, algorithm)
        else {
            throw .unavailable
        }
        let message = Array("a message to try the key with".utf8)
        let isValid: Bool? = unsafe message.withUnsafeBytes { message in
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: signer.maximumSignatureLength) { signature in
                guard let base = signature.baseAddress, let count = unsafe signer.sign(message, into: base) else {
                    return false
                }
                return unsafe verifier.isValid(
                    signature: UnsafeRawBufferPointer(start: base, count: count),
                    over: message
                )
            }
        }
        guard isValid == true else { throw .inconsistent }
    }

    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
