import SocketProtocol

extension AGServerSocket {
    /// Emits an event of this socket alone.
    nonisolated func emit<Payload: Sendable>(_ event: AGSocketEvent<Payload>, _ payload: @autoclosure () -> Payload) {
        settings.trace?(id, "\(event.id)")
        hub?.emit(event.id.rawValue, payload())
    }

    /// Emits an event of this socket, then its twin on the server (contract §9.1).
    nonisolated func emit<Payload: Sendable>(
        _ event: AGSocketEvent<Payload>,
        _ payload: @autoclosure () -> Payload,
        as twin: AGServerEvent<AGServerSocketEvent<Payload>>
    ) {
        emit(event, payload())
        settings.trace?(id, "\(twin.id)")
        context.server.hub.emit(twin.id.rawValue, AGServerSocketEvent(socket: self, payload: payload()))
    }

    /// Whether any event of this socket can reach anybody.
    nonisolated var isHeard: Bool { settings.trace != nil || hub != nil || context.server.hub.hasListeners }

    /// Whether ``emitError(_:)`` reaches anybody.
    nonisolated var hearsErrors: Bool {
        settings.trace != nil || hub?.isListening(to: AGSocketEventID.error.rawValue) == true
            || context.server.hub.isListening(to: AGServerEventID.warning.rawValue)
    }

    /// Reports what went wrong: the socket's `error`, then the server's `warning`.
    nonisolated func emitError(_ error: AGError) {
        emit(.error, error)
        context.server.emit(.warning, AGServerWarning(socket: self, error: error))
    }
}
