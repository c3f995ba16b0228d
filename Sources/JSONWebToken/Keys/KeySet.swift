import Synchronization

/// The keys a verifier may use, fixed at construction; replacing a set is how keys rotate.
///
/// A token finds its key like this:
/// - In a set where any key has an identifier, a token with `kid` matches only the keys of exactly that identifier, and
///   a token without `kid` only the keys without one. Nothing falls back to another key (RFC 8725 §3.10).
/// - In a set where no key has an identifier every key is tried in order, whatever the token's `kid` says; with one key
///   this is what stock servers do.
public struct KeySet: Sendable, CustomStringConvertible {
    private let storage: Storage

    /// Makes a set of `keys`, with a generation of its own.
    public init(_ keys: [VerificationKey]) {
        storage = Storage(keys)
    }

    private init(_ storage: Storage) {
        self.storage = storage
    }

    /// A set whose keys are not known yet, or not known any more: every token that is not malformed is answered with
    /// ``TokenError/unavailable``, which says nothing about the token.
    public static var pending: KeySet { KeySet(Storage([], isPending: true)) }

    /// Whether this is a ``pending`` set.
    public var isPending: Bool { storage.isPending }

    /// Differs for every set constructed in this process; results and contexts kept for one generation are not used
    /// for another.
    public var generation: UInt64 { storage.generation }

    /// The keys, in the order given.
    public var keys: [VerificationKey] { storage.keys }

    /// True when there is no key to verify with.
    public var isEmpty: Bool { storage.keys.isEmpty }

    /// True when some key can be used at all; an empty secret cannot.
    var isUsable: Bool { storage.isUsable }

    /// Whether a token with this `kid` finds a key that has it.
    public func contains(keyID: String) -> Bool { storage.index[Array(keyID.utf8)] != nil }

    /// The positions of the keys a token with this `kid` may be verified with.
    func candidates(keyID: String?) -> [Int] {
        guard storage.hasKeyIDs else { return Array(storage.keys.indices) }
        return storage.index[keyID.map { Array($0.utf8) }] ?? []
    }

    /// The number of keys and the generation; no key.
    public var description: String { "KeySet(\(keys.count) keys, generation \(generation))" }

    private final class Storage: Sendable {
        let keys: [VerificationKey]
        let generation: UInt64
        let hasKeyIDs: Bool
        let isUsable: Bool
        let isPending: Bool
        /// By the identifier's bytes: equality of strings would also accept canonically equivalent ones.
        let index: [[UInt8]?: [Int]]

        private static let nextGeneration = Atomic<UInt64>(1)

        init(_ keys: [VerificationKey], isPending: Bool = false) {
            self.keys = keys
            self.isPending = isPending
            generation = Self.nextGeneration.wrappingAdd(1, ordering: .relaxed).oldValue
            hasKeyIDs = keys.contains { $0.keyID != nil }
            isUsable = keys.contains { $0.material.isPresent }
            index = Dictionary(grouping: keys.indices) { keys[$0].keyID.map { Array($0.utf8) } }
        }
    }
}
