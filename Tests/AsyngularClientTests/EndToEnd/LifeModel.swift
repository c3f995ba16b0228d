import SocketProtocol
import StrictJSON

@testable import AsyngularClient

/// What a client may tell, and what it must be like in between: a few sets and one stage, fed with each event in order and with what the program
/// does. It knows nothing of how the client works. Confined to the client's loop.
final class LifeModel: @unchecked Sendable {
    struct Loss: Hashable {
        let type: String
        let code: Int
    }

    private(set) var stage = AGClientState.closed
    private(set) var isAuthenticated = false
    private(set) var token: String?
    /// Channels that the program wants, with whether they wait for authentication.
    private(set) var wanted: [String: Bool] = [:]
    private(set) var asked: Set<String> = []
    private(set) var subscribed: Set<String> = []
    /// Ways in which connections, or attempts, have ended.
    private(set) var losses: Set<Loss> = []
    /// The program has closed the client with 1000: nothing may happen until it does something again.
    private var isParked = false
    /// The client has been let go of.
    private var isOver = false

    private(set) var faults: [String] = []
    private var recent: [String] = []
    /// What the next event has to begin with, one of these; empty for anything.
    private var next: [String] = []

    // MARK: What the program does

    func wants(_ channel: String, waitForAuth: Bool) {
        if wanted.updateValue(waitForAuth, forKey: channel) == nil { asked.remove(channel) }
    }

    func leaves(_ channel: String) {
        wanted[channel] = nil
        asked.remove(channel)
    }

    func acts() { isParked = false }

    func parks() { isParked = true }

    func ends() { isOver = true }

    /// Between two turns of the loop nothing is owed, and the client says of itself what the model says of it.
    func compare(_ socket: isolated AGClientSocket) {
        check(next.isEmpty, "\(next) never came")
        check(socket.state == stage, "state \(socket.state)")
        check((socket.id != nil) == (stage == .open), "id \(socket.id ?? "none")")
        check((socket.authState == .authenticated) == isAuthenticated, "authState \(socket.authState)")
        check(socket.signedAuthToken == token, "token")
        check(Set(socket.subscriptions()) == subscribed, "subscriptions \(socket.subscriptions())")
        let all = socket.subscriptions(includePending: true)
        check(all.count == wanted.count && Set(all) == Set(wanted.keys), "channels \(all)")
        check(stage != .closed || !isParked || !socket.pendingReconnect, "wants to come back from 1000")
    }

    private func check(_ isSo: Bool, _ what: @autoclosure () -> String) {
        guard !isSo, faults.count < 5 else { return }
        faults.append(
            "\(what()) while \(stage), authenticated \(isAuthenticated), wanted \(wanted), asked \(asked), "
                + "subscribed \(subscribed), after \(recent.suffix(12))"
        )
    }

    // MARK: What the client tells

    func take(_ event: ClientEvent) {
        let line = MachineRig.line(event)
        check(!isOver, "\(line) after the end")
        check(next.isEmpty || next.contains { line.hasPrefix($0) }, "\(line) instead of \(next)")
        next = []
        switch event {
        case .connecting:
            check(stage == .closed && !isParked, line)
            stage = .connecting
        case .connect(let status): connected(status, line)
        case .connectAbort(let closure):
            check(stage == .connecting, line)
            lost("connectAbort", closure)
        case .disconnect(let closure):
            check(stage == .open, line)
            lost("disconnect", closure)
        case .close(let closure):
            check(
                stage == .closed && recent.last?.hasSuffix("\(closure.code.rawValue) \(closure.reason)") == true,
                line
            )
            if ![1000, 1001].contains(closure.code.rawValue) { next = ["error SocketProtocolError"] }
        case .authStateChange(let change):
            let becomes = change.newAuthState == .authenticated
            check(becomes != isAuthenticated && stage != .closed || !becomes, line)
            isAuthenticated = becomes
            next = becomes ? ["authenticate "] : ["deauthenticate "]
        case .authenticate(let event):
            check(isAuthenticated && stage != .closed, line)
            token = event.signedAuthToken
        case .deauthenticate(let event):
            check(!isAuthenticated && event.oldSignedAuthToken == token, line)
            token = nil
        case .subscribeRequest(let subscription): requested(subscription.channel, line)
        case .subscribe(let subscription):
            check(stage == .open && subscribed.contains(subscription.channel), line)
        case .subscribeFail(let failure):
            check(stage == .open && wanted.removeValue(forKey: failure.channel) != nil, line)
            check(asked.remove(failure.channel) != nil, line)
        case .subscribeStateChange(let change): changed(change, line)
        case .unsubscribe: break
        case .kickOut(let kick):
            check(stage == .open && wanted.removeValue(forKey: kick.channel) != nil, line)
            asked.remove(kick.channel)
            if subscribed.contains(kick.channel) { next = ["subscribeStateChange \(kick.channel) subscribed>unsub"] }
        case .error, .removeAuthToken: break
        case .raw: check(false, line)
        }
        recent = recent.suffix(40) + [line]
    }

    private func connected(_ status: AGClientConnectStatus, _ line: String) {
        check(stage == .connecting && status.isAuthenticated == isAuthenticated, line)
        check(!isAuthenticated || status.authToken?.signed == token, line)
        stage = .open
        for (channel, waitForAuth) in wanted where !waitForAuth || isAuthenticated {
            check(asked.contains(channel), "\(line): \(channel) was not asked for")
        }
    }

    private func lost(_ type: String, _ closure: AGClientClosure) {
        // Each channel's loss was told.
        check(subscribed.isEmpty, type)
        stage = .closed
        asked = []
        losses.insert(Loss(type: type, code: Int(closure.code.rawValue)))
        next = ["close! "]
    }

    private func requested(_ channel: String, _ line: String) {
        check(wanted[channel] != nil && !subscribed.contains(channel) && stage != .closed, line)
        asked.insert(channel)
        // Contract §9.1: with an identity, what waited for it is asked for before that is told.
        if wanted[channel] == true, !isAuthenticated {
            next = ["subscribeRequest ", "authStateChange unauthenticated>authenticated"]
        } else if stage == .connecting {
            next = ["subscribeRequest ", "connect "]
        }
    }

    private func changed(_ change: AGChannelStateChange, _ line: String) {
        let channel = change.channel
        if change.newChannelState == .subscribed {
            check(stage == .open && change.oldChannelState == .pending && asked.contains(channel), line)
            check(wanted[channel] != nil && subscribed.insert(channel).inserted, line)
            next = ["subscribe \(channel)"]
        } else {
            check(change.oldChannelState == .subscribed && subscribed.remove(channel) != nil, line)
            check((wanted[channel] != nil) == (change.newChannelState == .pending), line)
            next = ["unsubscribe \(channel)"]
        }
    }
}
