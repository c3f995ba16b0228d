import SocketProtocol
import StrictJSON

extension ClientMachine {
    // MARK: The two states (contract §9.1, A and U)

    mutating func becomeAuthenticated(_ token: AGClientAuthToken?, _ turn: inout Turn) {
        authToken = token
        planRefresh(turn.now)
        if authState != .authenticated {
            authState = .authenticated
            if state == .open { becameStable(turn.now) }
            if !isPreparingSubscriptions { processPendingSubscriptions(&turn) }
            turn.emit(
                .authStateChange(
                    AGClientAuthStateChange(
                        oldAuthState: .unauthenticated,
                        newAuthState: .authenticated,
                        authToken: token
                    )
                )
            )
        }
        turn.emit(.authenticate(AGClientAuthentication(authToken: token)))
    }

    mutating func becomeUnauthenticated(_ turn: inout Turn) {
        guard authState != .unauthenticated else { return }
        let old = authToken
        authState = .unauthenticated
        authToken = nil
        refreshDue = .max
        if options.autoReconnectOptions.stableAfter != nil { stableSince = .max }
        turn.emit(
            .authStateChange(
                AGClientAuthStateChange(oldAuthState: .authenticated, newAuthState: .unauthenticated, authToken: nil)
            )
        )
        turn.emit(.deauthenticate(AGClientDeauthentication(oldAuthToken: old)))
    }

    // MARK: What the program wants

    /// Presents a token (contract §9.3). Whatever is not refused as bad is stored.
    ///
    /// - Parameter caller: who waits; nil if nobody does, and then a failure is reported as an error.
    mutating func authenticate(
        _ id: UInt32,
        _ caller: Caller?,
        token: String,
        timeout: UInt64? = nil,
        _ turn: inout Turn
    ) {
        enqueue(
            Outbox.Entry(
                event: ReservedEvent.authenticate.rawValue,
                data: JSONText(.string(token)),
                kind: .authenticate(id, caller, token: token),
                deadline: turn.now + (timeout ?? UInt64(options.ackTimeout))
            ),
            &turn
        )
    }

    /// Forgets the token, here and at the server (contract §9.5).
    mutating func deauthenticate(_ turn: inout Turn) {
        turn.actions.append(.removeToken)
        if state != .closed { transmit(ReservedEvent.removeAuthToken.rawValue, nil, &turn) }
        becomeUnauthenticated(&turn)
    }

    // MARK: What the server says

    mutating func authenticateAnswered(
        _ caller: Caller?,
        token: String,
        _ result: Result<JSONText?, AGError>,
        _ turn: inout Turn
    ) {
        switch result {
        case .failure(let error):
            // A connection that fails says nothing about a token.
            if error.name != "BadConnectionError", error.name != "TimeoutError" { becomeUnauthenticated(&turn) }
            finishAuthentication(caller, .failure(error), &turn)
        case .success(let data):
            let value = try? data?.value()
            var status = AGAuthenticationStatus(isAuthenticated: true, authError: nil)
            if let isAuthenticated = value?["isAuthenticated"], !isAuthenticated.isNull {
                status = AGAuthenticationStatus(
                    isAuthenticated: isAuthenticated.isTruthy,
                    authError: value?["authError"].flatMap { AGError.hydrate(from: $0) }
                )
            }
            if status.isAuthenticated {
                becomeAuthenticated(AGClientAuthToken(signed: token), &turn)
            } else {
                becomeUnauthenticated(&turn)
            }
            turn.actions.append(.saveToken(token))
            finishAuthentication(caller, .success(status), &turn)
        }
    }

    func finishAuthentication(
        _ caller: Caller?,
        _ result: Result<AGAuthenticationStatus, AGError>,
        _ turn: inout Turn
    ) {
        if let caller {
            turn.actions.append(.finishAuthentication(caller, result))
        } else if case .failure(let error) = result {
            turn.emit(.error(error))
        }
    }

    /// `#setAuthToken`, with or without a call number.
    mutating func handleSetAuthToken(_ packet: Packet, of bytes: RawSpan, _ turn: inout Turn) {
        let data = packet.data.flatMap { try? JSONValue(parsing: bytes.extracting($0)) }
        // Contract §20.6: without a token nobody becomes authenticated.
        guard let token = data?["token"]?.stringValue else {
            return answer(packet, of: bytes, error: .authTokenMissing, &turn)
        }
        becomeAuthenticated(AGClientAuthToken(signed: token), &turn)
        turn.actions.append(.saveToken(token))
        answer(packet, of: bytes, error: nil, &turn)
    }

    /// `#removeAuthToken`, with or without a call number.
    mutating func handleRemoveAuthToken(_ packet: Packet, of bytes: RawSpan, _ turn: inout Turn) {
        turn.actions.append(.removeToken)
        becomeUnauthenticated(&turn)
        answer(packet, of: bytes, error: nil, &turn)
    }

    // MARK: What the store says

    func tokenSaved(_ error: AGError?, _ turn: inout Turn) {
        if let error { turn.emit(.error(error)) }
    }

    func tokenRemoved(_ old: Result<String?, AGError>, _ turn: inout Turn) {
        switch old {
        case .success(let old): turn.emit(.removeAuthToken(AGAuthTokenRemoval(old)))
        case .failure(let error): turn.emit(.error(error))
        }
    }

    // MARK: Renewal

    /// The longest that a deadline runs towards a time of day, which may be set meanwhile. A day.
    private static var longestDelay: Double { 24 * 60 * 60 * 1000 }

    private mutating func planRefresh(_ now: UInt64) {
        refreshDue = .max
        guard let refresh = options.authTokenRefresh, state == .open, let left = timeLeft else { return }
        refreshDue = now + UInt64(max(0, min(left - Double(refresh.leeway), Self.longestDelay)).rounded(.up))
    }

    /// Milliseconds until the token expires; negative once it has; nil if it does not.
    private var timeLeft: Double? {
        authToken?.expiresAt.map { $0 * 1000 - Double(settings.wallClock()) }
    }

    mutating func refreshToken(_ turn: inout Turn) {
        refreshDue = .max
        guard let token = authToken, let left = timeLeft, let refresh = options.authTokenRefresh else { return }
        // The deadline was put off, or the clock set.
        guard left <= Double(refresh.leeway) else { return planRefresh(turn.now) }
        turn.actions.append(.refreshToken(token))
    }

    /// The program has a newer token, or none, or failed to get one.
    mutating func tokenRefreshed(_ token: Result<String?, AGError>, _ turn: inout Turn) {
        // Without a connection the next handshake will ask again.
        guard state == .open, authState == .authenticated else { return }
        switch token {
        case .success(let token?):
            authenticate(0, nil, token: token, &turn)
        case .success(nil):
            break
        case .failure(let error):
            turn.emit(.error(error))
            guard let left = timeLeft, left > 0 else { return }
            refreshDue = turn.now + UInt64(max(1000, min(left / 2, Self.longestDelay)).rounded(.up))
        }
    }
}
