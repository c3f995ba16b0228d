import AsyngularSupport
import SocketProtocol
import StrictJSON

@testable import AsyngularClient

/// A machine whose surroundings are this test, with its actions as lines of text.
final class MachineRig {
    var machine: ClientMachine<Int>
    var turn: ClientTurn<Int>
    /// What the renewal of tokens takes for the time of day, milliseconds.
    let wallClock: Locked<Int64>
    private var lastCaller: UInt32 = 0

    /// No attempt is made by itself and chance is always the least, unless the test says so.
    init(_ configure: (inout AGClientOptions) -> Void = { _ in }) {
        var options = AGClientOptions()
        configure(&options)
        let wallClock = Locked<Int64>(1_700_000_000_000)
        self.wallClock = wallClock
        let settings = ClientSettings(options) { wallClock.value }
        machine = ClientMachine(settings: settings, seed: 1)
        turn = ClientTurn(now: 1_000_000)
    }

    // MARK: Inputs

    /// Gives an input and takes what the machine wants done.
    @discardableResult
    func input(_ body: (inout ClientMachine<Int>, inout ClientTurn<Int>) -> Void) -> [String] {
        body(&machine, &turn)
        defer { turn.actions.removeAll() }
        return turn.actions.map { Self.line($0) }
    }

    @discardableResult func connect() -> [String] { input { $0.connect(&$1) } }

    @discardableResult func open() -> [String] { input { $0.transportOpened($0.attempt, &$1) } }

    @discardableResult
    func end(_ code: UInt16, _ reason: String = "") -> [String] {
        input { $0.transportEnded($0.attempt, code: CloseCode(rawValue: code), reason: reason, &$1) }
    }

    @discardableResult
    func load(_ token: String?) -> [String] { input { $0.tokenLoaded($0.attempt, .success(token), &$1) } }

    @discardableResult
    func receive(_ text: String) -> [String] {
        input { machine, turn in
            let bytes = Array(text.utf8)
            machine.received(machine.attempt, bytes.rawBytes, isBinary: false, &turn)
        }
    }

    @discardableResult
    func disconnect(_ code: UInt16 = 1000, _ reason: String = "") -> [String] {
        input { $0.disconnect(CloseCode(rawValue: code), reason: reason, &$1) }
    }

    @discardableResult
    func invoke(_ event: String, _ data: String? = nil, timeout: UInt64? = nil) -> [String] {
        lastCaller += 1
        let id = lastCaller
        return input { machine, turn in
            let text = data.map { JSONText(unchecked: Array($0.utf8)) }
            machine.invoke(id, Int(id), event, text, timeout: timeout, &turn)
        }
    }

    @discardableResult
    func authenticate(_ token: String) -> [String] {
        lastCaller += 1
        let id = lastCaller
        return input { $0.authenticate(id, Int(id), token: token, &$1) }
    }

    @discardableResult
    func transmit(_ event: String, _ data: String? = nil, timeout: UInt64? = nil) -> [String] {
        input { machine, turn in
            machine.transmit(event, data.map { JSONText(unchecked: Array($0.utf8)) }, timeout: timeout, &turn)
        }
    }

    @discardableResult
    func subscribe(_ name: String, _ options: AGSubscribeOptions = .init()) -> [String] {
        input { $0.subscribe(name, options, &$1) }
    }

    @discardableResult func unsubscribe(_ name: String) -> [String] { input { $0.unsubscribe(name, &$1) } }

    /// Lets time pass, deadline by deadline.
    @discardableResult
    func advance(_ milliseconds: UInt64) -> [String] {
        let end = turn.now + milliseconds
        var lines: [String] = []
        while machine.nextDue <= end {
            turn.now = max(turn.now, machine.nextDue)
            lines += input { $0.timePassed(&$1) }
        }
        turn.now = end
        return lines
    }

    // MARK: Whole passages

    /// Connects, and answers the handshake; the number of its call is the next one.
    @discardableResult
    func establish(token: String? = nil, isAuthenticated: Bool? = nil, error: String? = nil) -> [String] {
        if machine.state == .closed { connect() }
        open()
        load(token)
        let cid = machine.lastCID
        let error = error.map { #","authError":\#($0)"# } ?? ""
        let isAuthenticated = isAuthenticated ?? (token != nil)
        return receive(
            #"{"rid":\#(cid),"data":{"id":"abc","pingTimeout":20000,"isAuthenticated":\#(isAuthenticated)\#(error)}}"#
        )
    }

    // MARK: Lines

    static func line(_ action: ClientAction<Int>) -> String {
        switch action {
        case .dial(let attempt): "dial \(attempt)"
        case .send(let packet): "send \(String(decoding: packet, as: UTF8.self))"
        case .close(let code, let reason): "close \(code)" + (reason.isEmpty ? "" : " \(reason)")
        case .loadToken(let attempt): "load \(attempt)"
        case .saveToken(let token): "save \(token)"
        case .removeToken: "remove"
        case .refreshToken(let token): "refresh \(token.signed)"
        case .finish(let caller, .success(let data)): "finish \(caller) \(data?.description ?? "nothing")"
        case .finish(let caller, .failure(let error)): "finish \(caller) \(text(error))"
        case .finishAuthentication(let caller, .success(let status)):
            "finish \(caller) isAuthenticated=\(status.isAuthenticated)"
                + (status.authError.map { " \(text($0))" } ?? "")
        case .finishAuthentication(let caller, .failure(let error)): "finish \(caller) \(text(error))"
        case .request(let name, let data, let cid, let attempt):
            "request \(string(name)) \(data?.description ?? "nothing") \(string(cid)) \(attempt)"
        case .receive(let name, let data): "receive \(string(name)) \(data?.description ?? "nothing")"
        case .publication(let channel, let data): "publication \(string(channel)) \(data?.description ?? "nothing")"
        case .emit(let event): line(event)
        }
    }

    static func line(_ event: ClientEvent) -> String {
        switch event {
        case .connecting: "connecting"
        case .connect(let status):
            "connect \(status.id) \(status.pingTimeout) \(status.isAuthenticated)"
                + (status.authError.map { " \(text($0))" } ?? "")
                + (status.authToken.map { " with \($0.signed)" } ?? "")
        case .connectAbort(let closure): "connectAbort \(text(closure))"
        case .disconnect(let closure): "disconnect \(text(closure))"
        case .close(let closure): "close! \(text(closure))"
        case .error(let error): "error \(text(error))"
        case .authStateChange(let change):
            "authStateChange \(change.oldAuthState)>\(change.newAuthState)"
                + (change.authToken.map { " \($0.signed)" } ?? "")
        case .authenticate(let event): "authenticate \(event.signedAuthToken ?? "nil")"
        case .deauthenticate(let event): "deauthenticate \(event.oldSignedAuthToken ?? "nil")"
        case .removeAuthToken(let event): "removeAuthToken \(event.oldAuthToken ?? "nil")"
        case .subscribeRequest(let subscription): "subscribeRequest \(subscription.channel)"
        case .subscribe(let subscription): "subscribe \(subscription.channel)"
        case .subscribeFail(let failure): "subscribeFail \(failure.channel) \(text(failure.error))"
        case .subscribeStateChange(let change):
            "subscribeStateChange \(change.channel) \(change.oldChannelState)>\(change.newChannelState)"
        case .unsubscribe(let channel): "unsubscribe \(channel)"
        case .kickOut(let kick): "kickOut \(kick.channel) \(kick.message?.description ?? "nothing")"
        case .raw(let message): "raw \(string(message.bytes))" + (message.isBinary ? " binary" : "")
        }
    }

    private static func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func text(_ closure: AGClientClosure) -> String { "\(closure.code.rawValue) \(closure.reason)" }

    private static func text(_ error: AGError) -> String {
        ([error.description] + error.properties.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    }
}
