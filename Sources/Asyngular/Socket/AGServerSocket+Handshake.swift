import EventLoop
import JSONWebToken
import SocketProtocol
import StrictJSON
import WebSocket

/// A token that is being verified, and the packet that brought it.
struct PendingVerification {
    enum Purpose {
        case handshake
        case authenticate
    }

    let purpose: Purpose
    let ticket: UInt32
    let cid: [UInt8]
    let signedToken: String
}

extension AGServerSocket {
    // MARK: #handshake (contract §4)

    func handleHandshake(_ packet: Packet, of bytes: RawSpan) {
        guard state == .connecting, verifying == nil else {
            // Contract §20.2: a second handshake must not disturb the socket.
            let error = AGError.invalidAction("Handshake was already completed")
            emitError(error)
            respond(to: packet, of: bytes, error: error)
            return
        }
        guard packet.kind == .invoke else {
            emitError(.handshakeMalformatted)
            close(forProtocol: .handshakeRejected)
            return
        }
        context.loop.cancel(handshakeTimer)
        let cid = Bytes.array(bytes.extracting(packet.cid))
        switch PresentedToken(handshakeData: packet.data, of: bytes) {
        case .none: finishHandshake(cid: cid, signedToken: nil, result: nil)
        case .notText(let json): finishHandshake(cid: cid, signedToken: json, result: .failure(.notText))
        case .token(let token): verify(token, for: .handshake, cid: cid)
        }
    }

    private func finishHandshake(cid: [UInt8], signedToken: String?, result: Result<VerifiedToken, AuthFailure>?) {
        var presented: AGAuthToken?
        var authError: AGError?
        switch result {
        case .success(let verified): presented = AGAuthToken(verified)
        case .failure(let failure): authError = failure.error
        case nil: break
        }
        if settings.filters(.handshakeSC) {
            var action = AGAction(.handshakeSC, request: request, socket: self)
            action.authToken = presented
            action.authTokenError = authError
            let verdict = settings.decide(action)
            // A filter runs on the loop and may have closed the socket.
            guard state == .connecting else { return }
            if let error = verdict.visibleError(for: .handshakeSC) {
                if settings.options.middlewareEmitFailures, let local = verdict.localError {
                    context.server.emit(.warning, AGServerWarning(socket: self, error: local))
                }
                rejectHandshake(cid: cid, error)
                return
            }
        }
        if let presented, let signedToken {
            authError = adopt(presented, signedToken: signedToken)
        } else if let authError {
            refuse(authError, signedToken: signedToken, wasAuthenticated: nil)
        }
        guard state == .connecting else { return }
        open(cid: cid, authError: authError)
    }

    private func open(cid: [UInt8], authError: AGError?) {
        state = .open
        context.opened(self)
        let isAuthenticated = authState == .authenticated
        let reply = PacketWriter.handshakeResponse(
            rid: cid.rawBytes,
            id: id,
            pingTimeout: settings.options.pingTimeout,
            isAuthenticated: isAuthenticated,
            authError: authError
        )
        transport.send(.text, reply.rawBytes)
        let isHeard =
            hub.isListening(to: AGSocketEventID.connect.rawValue)
            || context.server.hub.isListening(to: AGServerEventID.connection.rawValue)
        if isHeard || settings.trace != nil {
            let status = AGConnectStatus(
                id: id,
                pingTimeout: settings.options.pingTimeout,
                isAuthenticated: isAuthenticated,
                authError: authError
            )
            emit(.connect, status, as: .connection)
        }
        for handler in context.connectionHandlers where state == .open { handler(self) }
        if isAuthenticated, state == .open { announceAuthentication(from: .unauthenticated) }
    }

    /// The error goes out with the close code in it, and the socket closes with that code (contract §4).
    private func rejectHandshake(cid: [UInt8], _ error: AGError) {
        var error = error
        var code = CloseCode.handshakeRejected
        if error.primitive != nil {
            // Contract §11: a bare string is sent as it is, and the close is a normal one.
            code = .normal
        } else if let own = error.statusCode {
            code = CloseCode(rawValue: own)
        } else {
            error.properties["statusCode"] = .integer(Int64(code.rawValue))
        }
        transport.sendErrorResponse(cid: cid.rawBytes, error: error)
        close(forProtocol: code)
    }

    // MARK: Verification

    /// Verifies a token at once or through the pool; the answer comes to ``tokenVerified(_:ticket:)``.
    func verify(_ token: [UInt8], for purpose: PendingVerification.Purpose, cid: [UInt8]) {
        tokenTicket &+= 1
        verifying = PendingVerification(
            purpose: purpose,
            ticket: tokenTicket,
            cid: cid,
            signedToken: String(decoding: token, as: UTF8.self)
        )
        // The pool counts tokens, not bytes: one that is refused for its length is not queued.
        guard context.server.verifiesOffLoop, token.count <= settings.policy.maximumTokenLength else {
            tokenVerified(context.verifyInline(token), ticket: tokenTicket)
            return
        }
        // The peer's next message waits for this one (contract §2).
        transport.holdInput()
        context.enqueueVerification(
            VerificationPool.Job(token: token, socket: self, ticket: tokenTicket, result: nil)
        )
    }

    /// The verification is done. The peer may have gone meanwhile (contract §20.3).
    func tokenVerified(_ result: Result<VerifiedToken, TokenError>, ticket: UInt32) {
        guard let pending = verifying, pending.ticket == ticket else { return }
        verifying = nil
        guard state != .closed else { return }
        let outcome = result.mapError(AuthFailure.token)
        switch pending.purpose {
        case .handshake: finishHandshake(cid: pending.cid, signedToken: pending.signedToken, result: outcome)
        case .authenticate: finishAuthenticate(cid: pending.cid, signedToken: pending.signedToken, result: outcome)
        }
        resumeInput()
    }

    /// The pool had no room: the client is told to come back later, and keeps its token.
    func verificationRefused(ticket: UInt32) {
        guard let pending = verifying, pending.ticket == ticket else { return }
        verifying = nil
        close(forProtocol: .tryAgainLater, reason: "Too many tokens are waiting to be verified")
    }
}

/// Why a presented token is not accepted.
enum AuthFailure: Error {
    case token(TokenError)
    case notText
    case missing

    var error: AGError {
        switch self {
        case .token(let error): AGError(error)
        case .notText: .authTokenNotString
        case .missing: AGError(TokenError.notProvided)
        }
    }
}

/// The token in a packet's data.
enum PresentedToken {
    case none
    case token([UInt8])
    /// Neither a string nor null: the value's JSON.
    case notText(String)

    /// `{"authToken":token}`; anything else than an object, and an empty or null token, is no token (contract §4).
    init(handshakeData range: Range<Int>?, of bytes: RawSpan) {
        self = .none
        guard let range else { return }
        let data = bytes.extracting(range)
        var cursor = JSONMemberCursor()
        while let member = try? cursor.next(in: data) {
            if member.name.equals("authToken", in: data) { self = PresentedToken(member, in: data) }
        }
    }

    /// The token itself as `data` (contract §5, `#authenticate`).
    init(authenticateData range: Range<Int>?, of bytes: RawSpan) {
        self = .none
        guard let range else { return }
        let data = bytes.extracting(range)
        switch JSONScanner.kind(of: data) {
        case .string?: self = .token(PresentedToken.text(data))
        case .null?, nil: self = .none
        default: self = .notText(Bytes.string(data))
        }
    }

    private init(_ member: JSONMember, in data: RawSpan) {
        switch member.kind {
        case .null: self = .none
        case .string:
            let token = PresentedToken.text(data.extracting(member.value))
            self = token.isEmpty ? .none : .token(token)
        default: self = .notText(Bytes.string(data.extracting(member.value)))
        }
    }

    /// The bytes of a JSON string given with its quotes.
    private static func text(_ quoted: RawSpan) -> [UInt8] {
        let content = quoted.extracting(1..<(quoted.byteCount - 1))
        // A token has no character that JSON escapes, but a peer may escape what it likes.
        for index in 0..<content.byteCount
        where unsafe content.unsafeLoad(fromByteOffset: index, as: UInt8.self) == 0x5C {
            return Array(JSONScanner.unescape(content).utf8)
        }
        return Bytes.array(content)
    }
}
