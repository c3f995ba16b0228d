import COpenSSL

/// Collects the numbers of a JWK and makes an OpenSSL key of them; what it holds is wiped with it.
@safe
final class KeyParameters {
    private let builder: OpaquePointer
    private var numbers: [OpaquePointer] = unsafe []
    private var octets: [UnsafeMutableRawBufferPointer] = unsafe []
    private var isComplete = true

    init?() {
        guard let builder = unsafe OSSL_PARAM_BLD_new() else { return nil }
        unsafe self.builder = builder
    }

    deinit {
        unsafe OSSL_PARAM_BLD_free(builder)
        for index in unsafe numbers.indices { unsafe BN_clear_free(numbers[index]) }
        for index in unsafe octets.indices {
            unsafe OPENSSL_cleanse(octets[index].baseAddress, octets[index].count)
            unsafe octets[index].deallocate()
        }
    }

    /// Adds a number given as big-endian bytes.
    ///
    /// All of them are "secure" numbers to OpenSSL, which then wipes its copies too.
    func add(_ name: StaticString, number bytes: [UInt8]) {
        guard let number = unsafe BN_secure_new() else {
            isComplete = false
            return
        }
        unsafe numbers.append(number)
        isComplete =
            unsafe isComplete && BN_bin2bn(bytes, Int32(bytes.count), number) != nil
            && OSSL_PARAM_BLD_push_BN(builder, Self.text(name), number) == 1
    }

    /// Adds bytes.
    func add(_ name: StaticString, octets bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        unsafe copy.copyBytes(from: bytes)
        unsafe octets.append(copy)
        isComplete =
            unsafe isComplete
            && OSSL_PARAM_BLD_push_octet_string(builder, Self.text(name), copy.baseAddress, bytes.count) == 1
    }

    /// Adds a text that lives as long as the process.
    func add(_ name: StaticString, text: StaticString) {
        isComplete =
            unsafe isComplete
            && OSSL_PARAM_BLD_push_utf8_string(builder, Self.text(name), Self.text(text), text.utf8CodeUnitCount) == 1
    }

    /// Makes the key; `nil` when the numbers are none, such as a point that is not on its curve.
    func makeKey(_ algorithm: String, isPrivate: Bool) throws(KeyError) -> ParsedKey? {
        defer { ERR_clear_error() }
        guard isComplete, let parameters = unsafe OSSL_PARAM_BLD_to_param(builder) else { return nil }
        defer { unsafe OSSL_PARAM_free(parameters) }
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, algorithm, nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        let selection = isPrivate ? ParsedKey.pairSelection : ParsedKey.publicSelection
        guard
            unsafe EVP_PKEY_fromdata_init(context) == 1
                && EVP_PKEY_fromdata(context, &key, selection, parameters) == 1,
            let key = unsafe key
        else { return nil }
        return try unsafe ParsedKey(adopting: key, isPrivate: isPrivate)
    }

    /// OpenSSL keeps the pointers it is given, hence literals.
    private static func text(_ name: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
