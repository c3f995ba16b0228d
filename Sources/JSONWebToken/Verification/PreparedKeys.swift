#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// One key set prepared for one verifier: an OpenSSL context per key and algorithm in use, and the headers seen before.
final class PreparedKeys {
    struct Slot {
        let key: Int
        let algorithm: Algorithm
        let engine: SignatureEngine
        let isWeak: Bool
    }

    /// Headers remembered. An issuer has one per key and algorithm, so that this holds a set of many keys in rotation.
    static let maximumHeaders = 16

    let keys: KeySet
    @safe @exclusivity(unchecked) private(set) var slots: [Slot] = []
    @safe @exclusivity(unchecked) private var headers: [KnownHeader] = []

    init(_ keys: KeySet) {
        self.keys = keys
    }

    /// The header seen before in exactly these bytes.
    @unsafe
    func knownHeader(_ encoded: UnsafeRawBufferPointer) -> KnownHeader? {
        guard let wanted = encoded.baseAddress else { return nil }
        for index in headers.indices where headers[index].encoded.count == encoded.count {
            let isEqual = unsafe headers[index].encoded.withUnsafeBytes { known in
                guard let known = known.baseAddress else { return false }
                return unsafe memcmp(known, wanted, encoded.count) == 0
            }
            guard isEqual else { continue }
            let header = headers[index]
            // Headers in use drift to the front, one place per hit.
            if index > 0 { headers.swapAt(index, index - 1) }
            return header
        }
        return nil
    }

    /// Remembers a header. Only those of verified tokens are worth it: an attacker must not be able to push them out.
    func remember(_ header: KnownHeader) {
        if headers.count >= Self.maximumHeaders { headers.removeLast() }
        headers.append(header)
    }

    /// Matches a header that was just read with the keys.
    func match(_ header: JOSEHeader, encoded: [UInt8]) -> KnownHeader {
        let candidates = keys.candidates(keyID: header.keyID)
        var fitting: [Int] = []
        var isUnavailable = false
        if let algorithm = header.algorithm {
            for key in candidates where keys.keys[key].material.isUsable(for: algorithm) {
                if let slot = slot(key, algorithm) {
                    fitting.append(slot)
                } else {
                    isUnavailable = true
                }
            }
        }
        return KnownHeader(
            encoded: encoded,
            header: header,
            isKeyKnown: !candidates.isEmpty,
            slots: fitting,
            isUnavailable: isUnavailable,
            first: candidates.first.map { keys.keys[$0].material }
        )
    }

    /// The prepared key, made on first use. There are never more slots than keys times algorithms of a key.
    private func slot(_ key: Int, _ algorithm: Algorithm) -> Int? {
        if let index = slots.firstIndex(where: { $0.key == key && $0.algorithm == algorithm }) { return index }
        let material = keys.keys[key].material
        guard let engine = SignatureEngine(material, algorithm) else { return nil }
        slots.append(
            Slot(key: key, algorithm: algorithm, engine: engine, isWeak: material.isWeak(for: algorithm))
        )
        return slots.count - 1
    }
}
