import StrictJSON

@testable import AsyngularClient

/// A simple account of what a client may do, kept beside a machine and much simpler than it: from the inputs and the lines of the
/// machine's actions it knows what state everything is in, and notes each line that does not fit.
struct ClientModel {
    enum Link: Equatable { case none, dialled, open }

    struct Sent {
        let event: String
        let data: JSONValue?
    }

    private(set) var faults: [String] = []

    // What the machine has made of the world.
    private(set) var link = Link.none
    private(set) var state = AGClientState.closed
    private(set) var isAuthenticated = false
    private(set) var stored: String?
    /// Callers that wait.
    private(set) var waiting: Set<Int> = []
    /// Packets with a number that went out on this connection and were not answered yet.
    private(set) var unanswered: [Int: Sent] = [:]
    private(set) var handshake = 0
    private(set) var subscribed: Set<String> = []
    /// Loads that were asked for and not answered.
    private(set) var loads: [Int] = []
    private var lastCID = 0
    private var attempts = 0
    private var previous = ""

    mutating func called(_ caller: Int) { waiting.insert(caller) }

    mutating func linkEnded() { link = .none }

    mutating func linkOpened() { link = .open }

    mutating func loaded() { loads.removeAll() }

    mutating func answered(_ cid: Int) { unanswered[cid] = nil }

    private mutating func check(_ isSo: Bool, _ line: String) {
        if !isSo { faults.append("\(line) while \(state), \(link), after \(previous)") }
    }

    // MARK: Lines

    mutating func take(_ lines: [String]) {
        for line in lines {
            take(line)
            previous = line
        }
    }

    private mutating func take(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let rest = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "dial":
            attempts += 1
            check(link == .none && state == .connecting && rest == "\(attempts)", line)
            link = .dialled
        case "close":
            check(link != .none && state == .closed, line)
            link = .none
        case "load":
            check(link == .open && state == .connecting && loads.isEmpty, line)
            loads.append(attempts)
        case "save": stored = rest
        case "remove": stored = nil
        case "send":
            check(link == .open, line)
            sent(rest)
        case "finish":
            let caller = Int(rest.prefix { $0 != " " }) ?? 0
            check(waiting.remove(caller) != nil, line)
        case "request", "receive": check(link == .open, line)
        case "publication": check(link == .open, line)
        default: take(event: words[0], rest, line)
        }
    }

    private mutating func take(event: String, _ rest: String, _ line: String) {
        switch event {
        case "connecting":
            check(state == .closed, line)
            state = .connecting
        case "connect":
            check(state == .connecting && handshake != 0, line)
            state = .open
            handshake = 0
        case "connectAbort":
            check(state == .connecting, line)
            ended()
        case "disconnect":
            check(state == .open && subscribed.isEmpty, line)
            ended()
        case "close!":
            check(state == .closed && (previous.hasPrefix("disconnect ") || previous.hasPrefix("connectAbort ")), line)
        case "authStateChange":
            let becomes = rest.hasPrefix("unauthenticated>authenticated")
            check(becomes != isAuthenticated, line)
            isAuthenticated = becomes
        case "authenticate": check(isAuthenticated, line)
        case "deauthenticate": check(!isAuthenticated && previous.hasPrefix("authStateChange"), line)
        case "subscribe":
            check(subscribed.insert(rest).inserted && state == .open, line)
        case "unsubscribe":
            check(subscribed.remove(rest) != nil, line)
        case "subscribeStateChange", "subscribeRequest", "subscribeFail", "kickOut", "error", "raw", "removeAuthToken":
            break
        case "refresh": check(state == .open && isAuthenticated, line)
        default: check(false, "unknown \(line)")
        }
    }

    private mutating func ended() {
        state = .closed
        handshake = 0
        unanswered = [:]
        loads = []
    }

    // MARK: Packets

    private mutating func sent(_ text: String) {
        if text.isEmpty { return }
        guard let message = try? JSONValue(parsing: text) else { return check(false, "not JSON: \(text)") }
        for packet in message.arrayValue ?? [message] { sent(packet, text) }
    }

    private mutating func sent(_ packet: JSONValue, _ text: String) {
        let event = packet["event"]?.stringValue
        if let event, state == .connecting {
            // The first packet is the handshake. Behind its answer subscriptions go before the connect event, tokens may take them along.
            let isFirst = handshake == 0
            check(isFirst ? event == "#handshake" : event == "#subscribe", "send \(text)")
        } else if event != nil {
            check(state == .open && event != "#handshake", "send \(text)")
        }
        guard let cid = packet["cid"]?.integerValue.map(Int.init), let event else { return }
        check(cid > lastCID, "number of \(text)")
        lastCID = cid
        if event == "#handshake" { handshake = cid } else { unanswered[cid] = Sent(event: event, data: packet["data"]) }
    }
}
