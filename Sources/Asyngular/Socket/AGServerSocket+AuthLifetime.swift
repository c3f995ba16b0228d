import EventLoop
import SocketProtocol
import StrictJSON

/// What time does to an identity: it expires, and it may be renewed before.
extension AGServerSocket {
    /// The longest that one timer runs: the time of day may be set meanwhile. A day.
    private static let longestDelay: Double = 24 * 60 * 60 * 1000

    // MARK: The timer

    /// Sets the timer for what comes first, renewal or expiry. To be called when the identity changes.
    func armAuthTimer() {
        if authTimer != .none {
            context.loop.cancel(authTimer)
            authTimer = .none
        }
        guard state != .closed, authExpiry > -.infinity, authExpiry < .infinity else { return }
        let now = Double(context.wallClock())
        // Strictly later than `exp` (contract §9.5).
        var due = settings.options.authExpiryTimer ? authExpiry + 1 : .infinity
        if !isRefreshing, let refresh = context.authRefresh {
            authRefreshDue = refresh.due(expiry: authExpiry, now: now)
            due = min(due, authRefreshDue)
        }
        guard due < .infinity else { return }
        authTimer = schedule(.auth, after: Int(min(max(due - now, 0), Self.longestDelay).rounded(.up)))
    }

    func authTimerFired() {
        authTimer = .none
        let now = context.wallClock()
        if settings.options.authExpiryTimer, let expiry = authToken?.expiresAt, expireAuthToken(at: now) != nil {
            // The next thing the client does is told of it, as if that had found it out.
            expiredClaim = expiry
            authExpiry = -.infinity
            return
        }
        if let refresh = context.authRefresh, !isRefreshing, Double(now) >= authRefreshDue {
            startRefresh(refresh)
        }
        armAuthTimer()
    }

    // MARK: Expiry (contract §9.5)

    /// Takes an expired identity away before something the peer does is judged.
    ///
    /// - Returns: what a filter is told about it; nil if nothing expired.
    @discardableResult
    func expireAuthToken() -> AGError? {
        guard authExpiry < .infinity else { return nil }
        guard authExpiry == -.infinity else { return expireAuthToken(at: context.wallClock()) }
        authExpiry = .infinity
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
