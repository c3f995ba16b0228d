import COpenSSLTLS
import EventLoop

extension TLSFilter {
    /// A peer that sends more than this while its handshake waits for its turn has not understood the protocol.
    private static var heldHandshakeLimit: Int { 128 * 1024 }
    /// The most plain bytes of a record (RFC 8446 §5.1).
    private static var recordSize: Int { 16 * 1024 }

    /// Bytes of records from the peer.
    @unsafe
    func decrypt(_ bytes: UnsafeRawBufferPointer) {
        guard phase != .finished, !hasInputEnded, !(isClosing && phase == .open) else { return }
        if isHolding || isResuming {
            unsafe held.append(contentsOf: bytes)
            if phase == .handshaking, held.count > Self.heldHandshakeLimit {
                fail(TLSError(.handshakeFailed, "too much input before the handshake"))
            }
            return
        }
        if phase == .handshaking, let loop = connection?.loop, loop.hasLengthyWork || loop.isTurnSpent {
            // A handshake takes up to some milliseconds of public-key operations: those who are connected go first.
            unsafe held.append(contentsOf: bytes)
            isResuming = true
            loop.executeLengthy { self.resume() }
            return
        }
        unsafe run(bytes)
    }

    /// Goes on with what was held.
    private func resume() {
        isResuming = false
        guard connection != nil, phase != .finished else { return }
        isHolding = false
        let bytes = held
        held = []
        unsafe bytes.withUnsafeBytes { unsafe run($0) }
        if hasWireEnded, !isHolding { finishInput() }
    }

    @unsafe
    private func run(_ bytes: UnsafeRawBufferPointer) {
        let rest = unsafe withInput(bytes) {
            if phase == .handshaking { handshake() }
            if phase == .open { deliverPlainBytes() }
        }
        if isHolding { unsafe held.append(contentsOf: rest) }
    }

    /// The handler asked for bytes again.
    func resumeHeld() {
        guard isHolding, phase == .open, !isResuming else { return }
        isResuming = true
        connection?.loop.executeAfterPoll { self.resume() }
    }

    /// The socket's input ended: with a close notification before, all is well.
    func endWire() {
        hasWireEnded = true
        if !isHolding, !isResuming { finishInput() }
    }

    private func finishInput() {
        switch phase {
        case .handshaking: fail(TLSError(.closed, "the peer ended the connection during the handshake"))
        case .open where !hasInputEnded && !isClosing:
            fail(TLSError(.truncated, "the peer ended the stream without a close notification"), abort: true)
        default: break
        }
    }

    /// Takes the handshake as far as the input allows.
    func handshake() {
        guard let ssl = unsafe ssl else { return }
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        if result == 1 {
            unsafe opened(ssl)
        } else if unsafe SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ {
            unsafe fail(OpenSSLFailure.take(ssl, isHandshaking: true))
        }
    }

    /// Decrypts the input and delivers it, several records at a time.
    private func deliverPlainBytes() {
        guard let ssl = unsafe ssl, let buffer = unsafe sharedBuffer, let base = buffer.baseAddress else { return }
        ERR_clear_error()
        var filled = 0
        while let connection, connection.isOpen, phase == .open {
            guard isInputWanted else {
                isHolding = true
                return
            }
            var count = 0
            let result = unsafe SSL_read_ex(ssl, base + filled, buffer.count - filled, &count)
            let stop = unsafe result == 1 ? nil : InputStop(ssl, result)
            filled += count
            // A record does not leave OpenSSL in parts.
            if stop == nil, buffer.count - filled >= Self.recordSize { continue }
            if case .failed(let error) = stop { inputFailure = error }
            if filled > 0 {
                var span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: filled)
                filled = 0
                deliver(&span)
            }
            switch stop {
            case nil: continue
            case .exhausted: return
            case .failed(let error): return fail(error)
            case .ended:
                // OpenSSL says it again when the handler wants to hear it.
                if isInputWanted { endInput() } else { isHolding = true }
                return
            }
        }
    }

    /// Why OpenSSL gives no more plain bytes.
    private enum InputStop {
        case exhausted
        case ended
        case failed(TLSError)

        @unsafe
        init(_ ssl: OpaquePointer, _ result: Int32) {
            switch unsafe SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ: self = .exhausted
            case SSL_ERROR_ZERO_RETURN: self = .ended
            default: self = unsafe .failed(OpenSSLFailure.take(ssl, isHandshaking: false))
            }
        }
    }

    /// False while the handler has paused. Once the socket's input has ended it cannot.
    private var isInputWanted: Bool { hasWireEnded || connection?.isReading == true }

    private func endInput() {
        hasInputEnded = true
        deliverEnd()
    }
}
