import AsyngularSupport
import SocketProtocol
import StrictJSON

extension ClientCore {
    /// Does one thing that the machine wants done.
    func execute(_ action: ClientAction<ClientCaller>) {
        switch action {
        case .send(let packet): transport?.send(text: packet.rawBytes)
        case .finish(let caller, let result): caller.finish(result)
        case .finishAuthentication(let caller, let result): caller.finish(result)
        case .publication(let channel, let data): channelStreams.publish(data, to: channel)
        case .receive(let name, let data): receive(name, data)
        case .request(let name, let data, let cid, let attempt): request(name, data, cid, attempt)
        case .emit(let event): emit(event)
        case .dial(let attempt): transport = connector.open(attempt, for: self)
        case .close(let code, let reason): closeTransport(code, reason)
        case .loadToken(let attempt): loadToken(attempt)
        case .saveToken(let token): saveToken(token)
        case .removeToken: removeToken()
        case .refreshToken(let token): refreshToken(token)
        }
    }

    private func closeTransport(_ code: UInt16, _ reason: String) {
        let closed = transport
        transport = nil
        closed?.close(code: code, reason: reason)
    }

    // MARK: To the program

    private func receive(_ name: [UInt8], _ data: JSONText?) {
        guard let demux = streams.receiver(named: name.rawBytes) else { return }
        let event = String(decoding: name, as: UTF8.self)
        guard demux.emit(AGClientTransmission(event: event, data: data)) == 0 else { return }
        emit(.error(.resourceLimit("Too many events are waiting")))
    }

    /// Where nobody listens nothing is answered, and the server's call times out (contract §6).
    private func request(_ name: [UInt8], _ data: JSONText?, _ cid: [UInt8], _ attempt: UInt32) {
        guard let demux = streams.procedure(named: name.rawBytes) else { return }
        let event = String(decoding: name, as: UTF8.self)
        let request = AGClientRequest(event: event, data: data, cid: cid, attempt: attempt, core: self)
        if demux.emit(request) == 0 { request.error(.resourceLimit("Too many requests are waiting")) }
    }

    func emit(_ event: ClientEvent) {
        trace?(event)
        switch event {
        case .connecting: emit(.connecting, ())
        case .connect(let status): emit(.connect, status)
        case .connectAbort(let closure): emit(.connectAbort, closure)
        case .disconnect(let closure): emit(.disconnect, closure)
        case .close(let closure): emit(.close, closure)
        case .error(let error): emit(.error, error)
        case .authStateChange(let change): emit(.authStateChange, change)
        case .authenticate(let authentication): emit(.authenticate, authentication)
        case .deauthenticate(let deauthentication): emit(.deauthenticate, deauthentication)
        case .removeAuthToken(let removal): emit(.removeAuthToken, removal)
        case .subscribeRequest(let subscription): emit(.subscribeRequest, subscription)
        case .subscribe(let subscription):
            channelStreams.emit(.subscribe, subscription.channel, subscription)
            emit(.subscribe, subscription)
        case .subscribeFail(let failure):
            channelStreams.emit(.subscribeFail, failure.channel, failure)
            emit(.subscribeFail, failure)
        case .subscribeStateChange(let change):
            channelStreams.emit(.subscribeStateChange, change.channel, change)
            emit(.subscribeStateChange, change)
        case .unsubscribe(let channel):
            channelStreams.emit(.unsubscribe, channel, ())
            emit(.unsubscribe, channel)
        case .kickOut(let kick):
            channelStreams.emit(.kickOut, kick.channel, kick)
            emit(.kickOut, kick)
        case .raw(let message): emit(.raw, message)
        }
    }

    private func emit<Payload: Sendable>(_ event: AGClientEvent<Payload>, _ payload: Payload) {
        streams.emit(event.id.rawValue, payload)
    }
}
