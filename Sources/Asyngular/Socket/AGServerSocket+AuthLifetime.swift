import EventLoop
import SocketProtocol
import StrictJSON

/// What time does to an identity: it expires, and it may be renewed before.
extension AGServerSocket {
    /// When the token in force expires, milliseconds since 1970; looked at with every message. Minus infinity when the clock
    /// found that it has.
    var authExpiry: Double {
        hasClockFoundExpiry ? -.infinity : authToken?.expiryMilliseconds ?? .infinity
    }

    // MARK: The clock

    /// When the clock has something to do for the identity, milliseconds since 1970; infinity for never.
    var authDue: Double {
        guard authExpiry > -.infinity, authExpiry < .infinity else { return .infinity }
        // Strictly later than `exp` (contract §9.5).
        let expiry = settings.options.authExpiryTimer ? authExpiry + 1 : .infinity
        return isRefreshing ? expiry : min(expiry, authRefreshDue)
    }

    /// Finds when to renew the token in force.
    func planRefresh() {
        guard let refresh = context.authRefresh, authExpiry > -.infinity, authExpiry < .infinity else {
            authRefreshDue = .infinity
            return
        }
        authRefreshDue = refresh.due(expiry: authExpiry, now: Double(context.wallClock()))
    }

    /// What time has done to the identity: found by the clock.
    func checkIdentity() {
        let now = context.wallClock()
        if settings.options.authExpiryTimer, let expiry = authToken?.expiresAt, expireAuthToken(at: now) != nil {
            // The next thing the client does is told of it, as if that had found it out.
            expiredClaim = expiry
            hasClockFoundExpiry = true
            return
        }
        if let refresh = context.authRefresh, !isRefreshing, Double(now) >= authRefreshDue {
            startRefresh(refresh)
        }
    }

    // MARK: Expiry (contract §9.5)

    /// Takes an expired identity away before something the peer does is judged.
    ///
    /// - Returns: what a filter is told about it; nil if nothing expired.
    @discardableResult
    func expireAuthToken() -> AGError? {
        // Asked before the token: that would be counted as a reference to it, for each message.
        guard authState == .authenticated || hasClockFoundExpiry, authExpiry < .infinity else { return nil }
        guard authExpiry == -.infinity else { return expireAuthToken(at: context.wallClock()) }
        hasClockFoundExpiry = false
        return .socketAuthTokenExpired(expiry: expiredClaim)
    }

    /// A pong is a moment to look at the clock, and tells nobody.
    func expireAuthTokenOnPong() {
        guard authExpiry > -.infinity, authExpiry < .infinity else { return }
        _ = expireAuthToken(at: context.wallClock())
    }

    /// - Parameter now: milliseconds since 1970.
    func expireAuthToken(at now: Int64) -> AGError? {
        // Strictly later than `exp`, whereas verification refuses the very second (contract §9.5).
        guard Double(now) > authExpiry, let expiry = authToken?.expiresAt else { return nil }
        deauthenticateSelf()
        sendEvent(PacketWriter.removeAuthToken())
        return .socketAuthTokenExpired(expiry: expiry)
    }

    // MARK: Renewal

    private func startRefresh(_ refresh: AuthRefresh) {
        guard state == .open, let token = authToken else { return }
        isRefreshing = true
        let ticket = tokenTicket
        Task {
            do {
                guard let claims = try await refresh.handler(self, token) else { return }
                // Whatever happened to the identity meanwhile counts more than its renewal.
                guard state == .open, tokenTicket == ticket else { return }
                try await setAuthToken(
                    AuthRefresh.renewed(claims, replacing: token),
                    rejectOnFailedDelivery: false
                )
            } catch {
                // A failure to sign has been reported and has closed the socket.
                if state == .open { emitError(AGError(reporting: error)) }
            }
        }
    }
}
