import COpenSSLTLS
import Synchronization

/// A client's tickets: the last one of each server, for the servers used last.
final class TLSSessionStore: Sendable {
    /// The most servers remembered.
    static let limit = 64

    @safe
    private struct Entry: @unchecked Sendable {
        let name: String
        /// One of OpenSSL's references.
        let session: OpaquePointer
    }

    /// The one used last at the end.
    private let entries = Mutex<[Entry]>([])

    deinit {
        entries.withLock { entries in
            for entry in entries { unsafe SSL_SESSION_free(entry.session) }
        }
    }

    /// How many there are.
    var count: Int { entries.withLock { $0.count } }

    /// Has the context pass new tickets on to the store of their connection's filter.
    @unsafe
    static func install(in context: OpaquePointer) {
        unsafe SSL_CTX_sess_set_new_cb(context) { ssl, session in
            guard let ssl = unsafe ssl, let session = unsafe session, let filter = unsafe LoopBIO.filter(of: ssl),
                let store = filter.context.sessions, let name = filter.sessionName
            else { return 0 }
            unsafe store.keep(session, for: name)
            // The reference is the store's now.
            return 1
        }
    }

    /// Begins a connection with the last ticket of a server, if there is one.
    @unsafe
    func resume(_ ssl: OpaquePointer, with name: String) {
        entries.withLock { entries in
            guard let index = entries.lastIndex(where: { $0.name == name }) else { return }
            let entry = entries.remove(at: index)
            guard unsafe SSL_SESSION_is_resumable(entry.session) == 1 && SSL_set_session(ssl, entry.session) == 1 else {
                unsafe SSL_SESSION_free(entry.session)
                ERR_clear_error()
                return
            }
            entries.append(entry)
        }
    }

    @unsafe
    private func keep(_ session: OpaquePointer, for name: String) {
        let entry = unsafe Entry(name: name, session: session)
        let forgotten = entries.withLock { entries -> Entry? in
            defer { entries.append(entry) }
            if let index = entries.lastIndex(where: { $0.name == name }) { return entries.remove(at: index) }
            return entries.count < Self.limit ? nil : entries.removeFirst()
        }
        if let forgotten { unsafe SSL_SESSION_free(forgotten.session) }
    }
}
