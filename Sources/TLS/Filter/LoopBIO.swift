import COpenSSLTLS

/// OpenSSL's way to a filter's input and output: an I/O object that copies from the loop's receive buffer and to the
/// connection's output, with no buffer of its own.
enum LoopBIO {
    /// Made once, for all connections; nil if OpenSSL had no memory for it.
    private nonisolated(unsafe) static let method: OpaquePointer? = unsafe makeMethod()

    /// Connects OpenSSL's state with a filter, which must outlive it.
    @unsafe
    static func install(_ filter: TLSFilter, in ssl: OpaquePointer) -> Bool {
        guard let method = unsafe method, let bio = unsafe BIO_new(method) else { return false }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(filter).toOpaque())
        unsafe BIO_set_init(bio, 1)
        // Takes the one reference for both directions.
        unsafe SSL_set_bio(ssl, bio, bio)
        return true
    }

    /// The filter that a connection's state belongs to.
    @unsafe
    static func filter(of ssl: OpaquePointer) -> TLSFilter? {
        guard let bio = unsafe SSL_get_rbio(ssl) else { return nil }
        return unsafe filter(behind: bio)
    }

    @unsafe
    private static func filter(behind bio: OpaquePointer?) -> TLSFilter? {
        guard let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<TLSFilter>.fromOpaque(data).takeUnretainedValue()
    }

    private static func makeMethod() -> OpaquePointer? {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "event loop") else {
            return nil
        }
        unsafe BIO_meth_set_read_ex(method) { bio, target, count, read in
            unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            guard let target = unsafe target, let filter = unsafe LoopBIO.filter(behind: bio) else { return 0 }
            let taken = unsafe filter.takeInput(UnsafeMutableRawBufferPointer(start: target, count: count))
            unsafe read?.pointee = taken
            guard taken == 0 else { return 1 }
            // Not the end: the end is the filter's business.
            unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return 0
        }
        unsafe BIO_meth_set_write_ex(method) { bio, bytes, count, written in
            unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            guard let bytes = unsafe bytes, let filter = unsafe LoopBIO.filter(behind: bio) else { return 0 }
            unsafe filter.putOutput(UnsafeRawBufferPointer(start: bytes, count: count))
            unsafe written?.pointee = count
            return 1
        }
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in
            // Nothing is held back. Whatever else is asked for is not offered.
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return unsafe method
    }
}
