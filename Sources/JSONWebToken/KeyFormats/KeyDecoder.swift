import COpenSSL

/// Reads keys in the PEM and DER formats: PKCS#1, PKCS#8 with and without encryption, SEC 1, SubjectPublicKeyInfo and
/// X.509 certificates.
///
/// OpenSSL decodes; it is never in a position to ask anybody for a passphrase.
enum KeyDecoder {
    /// The longest text or encoding looked at, in bytes.
    static let maximumLength = 256 * 1024

    enum Purpose {
        /// A private key is needed.
        case signing
        /// The public key is needed; that of a certificate or of a private key will do.
        case verification
    }

    /// Reads the first fitting block of a PEM text.
    static func key(pem text: [UInt8], passphrase: [UInt8]?, for purpose: Purpose) throws(KeyError) -> ParsedKey {
        try checkLength(text)
        let blocks = PEMBlock.all(in: text)
        let isPrivate = { (block: PEMBlock) in PEMBlock.privateLabels.contains(block.label) }
        let isPublic = { (block: PEMBlock) in
            PEMBlock.publicLabels.contains(block.label) || PEMBlock.certificateLabels.contains(block.label)
        }
        switch purpose {
        case .signing:
            if let block = blocks.first(where: isPrivate) { return try key(block, of: text, passphrase) }
            if blocks.contains(where: isPublic) { throw .privateKeyRequired }
        case .verification:
            if let block = blocks.first(where: isPublic) ?? blocks.first(where: isPrivate) {
                return try publicOnly(key(block, of: text, passphrase))
            }
        }
        guard let block = blocks.first else {
            throw PEMBlock.hasBegin(text)
                ? KeyError(.malformed, "the PEM text is cut off or damaged")
                : KeyError(.noKey, "the text has no PEM block")
        }
        throw KeyError(.unsupported, "the PEM block \"\(block.label)\" is not supported")
    }

    /// Reads a DER encoding, which must be one whole key.
    static func key(der: [UInt8], passphrase: [UInt8]?, for purpose: Purpose) throws(KeyError) -> ParsedKey {
        try checkLength(der)
        guard !der.isEmpty else { throw KeyError(.noKey, "the DER encoding is empty") }
        if let pointer = unsafe decode(der, "DER", ParsedKey.pairSelection, passphrase) {
            let key = try unsafe ParsedKey(adopting: pointer, isPrivate: true)
            return purpose == .signing ? key : try publicOnly(key)
        }
        if let pointer = unsafe decode(der, "DER", ParsedKey.publicSelection, passphrase) ?? certificateKey(der: der) {
            let key = try unsafe ParsedKey(adopting: pointer, isPrivate: false)
            guard purpose == .verification else { throw .privateKeyRequired }
            return key
        }
        guard isEncrypted(der: der) else { throw KeyError(.malformed, "the DER encoding is not that of a key") }
        throw passphraseFailure(passphrase)
    }

    private static func publicOnly(_ key: ParsedKey) throws(KeyError) -> ParsedKey {
        key.isPrivate ? try key.publicHalf() : key
    }

    private static func checkLength(_ input: [UInt8]) throws(KeyError) {
        guard input.count <= maximumLength else {
            throw KeyError(.tooLarge, "the key is longer than \(maximumLength) bytes")
        }
    }

    private static func passphraseFailure(_ passphrase: [UInt8]?) -> KeyError {
        passphrase == nil
            ? KeyError(.passphraseRequired, "the private key is encrypted and no passphrase is given")
            : KeyError(
                .wrongPassphrase,
                "the passphrase does not decrypt the private key, or its cipher is not supported"
            )
    }

    private static func key(
        _ block: PEMBlock,
        of text: [UInt8],
        _ passphrase: [UInt8]?
    ) throws(KeyError) -> ParsedKey {
        var bytes = [UInt8]()
        bytes.reserveCapacity(block.range.count + 1)
        bytes.append(contentsOf: text[block.range])
        bytes.append(0x0A)
        defer { wipe(&bytes) }
        if PEMBlock.certificateLabels.contains(block.label) {
            guard let pointer = unsafe certificateKey(pem: bytes) else {
                throw KeyError(.malformed, "the certificate cannot be read")
            }
            return try unsafe ParsedKey(adopting: pointer, isPrivate: false)
        }
        guard !block.isEncrypted || passphrase != nil else { throw passphraseFailure(nil) }
        let isPrivate = PEMBlock.privateLabels.contains(block.label)
        let selection = isPrivate ? ParsedKey.pairSelection : ParsedKey.publicSelection
        guard let pointer = unsafe decode(bytes, "PEM", selection, passphrase) else {
            throw block.isEncrypted
                ? passphraseFailure(passphrase)
                : KeyError(.malformed, "the PEM block \"\(block.label)\" cannot be read")
        }
        return try unsafe ParsedKey(adopting: pointer, isPrivate: isPrivate)
    }

    /// Overwrites a copy of key bytes.
    static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    }

    /// Overwrites a copy of a passphrase, if there is one.
    static func wipe(_ bytes: inout [UInt8]?) {
        guard bytes != nil else { return }
        wipe(&bytes!)
    }

    @unsafe
    private static func decode(
        _ bytes: [UInt8],
        _ format: String,
        _ selection: Int32,
        _ passphrase: [UInt8]?
    ) -> OpaquePointer? {
        defer { ERR_clear_error() }
        // The decoder keeps this address and writes to it later, so it must not be that of an inout argument.
        let slot = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 1)
        unsafe slot.initialize(to: nil)
        defer { unsafe slot.deallocate() }
        guard let decoder = unsafe OSSL_DECODER_CTX_new_for_pkey(slot, format, nil, nil, selection, nil, nil) else {
            return nil
        }
        defer { unsafe OSSL_DECODER_CTX_free(decoder) }
        // Always set, if only to the empty one: without any, OpenSSL might ask at the terminal.
        let secret = passphrase ?? []
        guard unsafe OSSL_DECODER_CTX_set_passphrase(decoder, secret, secret.count) == 1 else { return nil }
        let isWhole = unsafe bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            var rest = buffer.count
            return unsafe OSSL_DECODER_from_data(decoder, &start, &rest) == 1 && (format == "PEM" || rest == 0)
        }
        let key = unsafe slot.pointee
        guard isWhole else {
            unsafe EVP_PKEY_free(key)
            return nil
        }
        return unsafe key
    }

    @unsafe
    private static func certificateKey(pem: [UInt8]) -> OpaquePointer? {
        defer { ERR_clear_error() }
        return unsafe pem.withUnsafeBytes { buffer in
            guard let bio = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else { return nil }
            defer { unsafe BIO_free(bio) }
            // A certificate with encryption headers does not exist; the callback says so instead of asking.
            guard let certificate = unsafe PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) else { return nil }
            defer { unsafe X509_free(certificate) }
            return unsafe X509_get_pubkey(certificate)
        }
    }

    @unsafe
    private static func certificateKey(der: [UInt8]) -> OpaquePointer? {
        defer { ERR_clear_error() }
        return unsafe der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let certificate = unsafe d2i_X509(nil, &start, buffer.count) else { return nil }
            defer { unsafe X509_free(certificate) }
            guard let base = buffer.baseAddress, unsafe start == base + buffer.count else { return nil }
            return unsafe X509_get_pubkey(certificate)
        }
    }

    private static func isEncrypted(der: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        return unsafe der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let envelope = unsafe d2i_X509_SIG(nil, &start, buffer.count) else { return false }
            unsafe X509_SIG_free(envelope)
            return true
        }
    }
}
