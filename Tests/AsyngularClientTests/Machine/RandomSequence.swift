import SocketProtocol
import StrictJSON

@testable import AsyngularClient

/// One random life of a client: commands, answers, cut-offs, failures of the store and passing time, with a ``ClientModel`` looking on.
final class RandomSequence {
    private static let channels = ["a", "b", "c", "auth/a", "auth/b"]
    private static let codes: [UInt16] = [
        1000, 1001, 1002, 1005, 1006, 1011, 1012, 1013, 4000, 4001, 4008, 4100, 4500, 4501,
    ]

    private var random: SeededGenerator
    private let rig: MachineRig
    private var model = ClientModel()
    private var calls = 0
    /// What the client should think of itself, by what it was told.
    private var isAuthenticated = false
    private var wanted: Set<String> = []
    /// When each call was made.
    private var started: [Int: UInt64] = [:]
    /// Channels whose subscription of this number was asked for on this connection.
    private var asked: [String: Int] = [:]
    private var isPlanned = false
    private(set) var faults: [String] = []
    private var history: [String] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let (isBatching, isStable) = (seed % 4 == 1, seed % 3 == 1)
        rig = MachineRig {
            $0.outboxLimit = 5
            $0.pendingCallLimit = 8
            $0.batchOnHandshake = isBatching
            if isStable { $0.autoReconnectOptions.stableAfter = 3000 }
            $0.authTokenRefresh = AGAuthTokenRefresh(leeway: 5000) { _ in nil }
        }
        rig.machine.random = ClientRandom(seed: seed)
    }

    // MARK: A life

    func run(steps: Int) -> [String] {
        for _ in 0..<steps where faults.isEmpty {
            step()
            compare()
        }
        finish()
        return faults.isEmpty ? [] : faults + ["history: \(history.suffix(25))"]
    }

    private func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private func one<Element>(of elements: [Element]) -> Element? { elements.randomElement(using: &random) }

    private func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<42: world()
        case 42..<55: serverSays()
        case 55..<65: passTime()
        default: program()
        }
    }

    /// Gives an input and looks at what comes of it.
    private func give(_ name: String, _ input: (MachineRig) -> [String]) {
        let lines = input(rig)
        history.append("\(name) → \(lines)")
        model.take(lines)
        for line in lines { follow(line) }
    }

    /// What the lines say about channels and plans.
    private func follow(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        switch words.first {
        case "subscribeFail":
            let name = words[1].prefix { $0 != " " }
            wanted.remove(String(name))
            asked[String(name)] = nil
        case "subscribeRequest": asked[words[1]] = rig.machine.channels[Array(words[1].utf8)]?.pendingCID ?? 0
        case "subscribe": asked[words[1]] = nil
        case "connecting": isPlanned = false
        case "close!":
            asked = [:]
            let code = UInt16(words[1].prefix { $0 != " " }) ?? 0
            isPlanned = code != 1000 && code < 4500
        default: break
        }
    }

    // MARK: The world

    private func world() {
        switch model.link {
        case .none: return passTime()
        case .dialled:
            if chance(70) {
                model.linkOpened()
                give("open") { $0.open() }
            } else {
                end()
            }
        case .open:
            if chance(6) { return end() }
            if model.state == .connecting { handshake() } else { answer() }
        }
    }

    private func end() {
        let code = Self.codes.randomElement(using: &random) ?? 1006
        model.linkEnded()
        give("end \(code)") { $0.end(code, code == 4501 ? "gone" : "") }
    }

    private func handshake() {
        if !model.loads.isEmpty {
            model.loaded()
            if chance(10) {
                return give("load fails") {
                    $0.input { $0.tokenLoaded($0.attempt, .failure(AGError(message: "unreadable")), &$1) }
                }
            }
            let token = model.stored
            return give("load") { $0.load(token) }
        }
        let cid = model.handshake
        guard cid != 0 else { return }
        if chance(10) {
            let code = one(of: ["4008", "4501", "4100"]) ?? ""
            return give("refuse") { $0.receive(#"{"rid":\#(cid),"error":{"message":"no","statusCode":\#(code)}}"#) }
        }
        let isAccepted = chance(50)
        isAuthenticated = isAccepted
        give("accept \(isAccepted)") {
            $0.receive(#"{"rid":\#(cid),"data":{"id":"x","pingTimeout":20000,"isAuthenticated":\#(isAccepted)}}"#)
        }
    }

    private func answer() {
        guard let cid = one(of: model.unanswered.keys.sorted()), let sent = model.unanswered[cid] else {
            return serverSays()
        }
        model.answered(cid)
        let isGood = chance(70)
        switch sent.event {
        case "#authenticate":
            // An answer that comes too late does not count.
            let isAwaited = rig.machine.calls.hasEntry(cid)
            if isGood {
                let isAccepted = chance(70)
                if isAwaited { isAuthenticated = isAccepted }
                give("authenticated \(isAccepted)") {
                    $0.receive(#"{"rid":\#(cid),"data":{"isAuthenticated":\#(isAccepted)}}"#)
                }
            } else {
                if isAwaited { isAuthenticated = false }
                give("token refused") { $0.receive(#"{"rid":\#(cid),"error":{"message":"bad","isBadToken":true}}"#) }
            }
        default:
            if !isGood, let name = sent.data?["channel"]?.stringValue, asked[name] == cid { asked[name] = nil }
            let text = isGood ? #"{"rid":\#(cid),"data":\#(cid)}"# : #"{"rid":\#(cid),"error":"no"}"#
            give("answer \(sent.event) \(cid) \(isGood)") { $0.receive(text) }
        }
    }

    private func serverSays() {
        guard model.link == .open, model.state == .open else { return }
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            isAuthenticated = true
            let token = TestToken.make(#"{"exp":\#(1_700_000_000 + Int.random(in: 0..<100, using: &random))}"#)
            give("token") { $0.receive(##"{"event":"#setAuthToken","data":{"token":"\##(token)"}}"##) }
        case 1:
            isAuthenticated = false
            give("no token") { $0.receive(##"{"event":"#removeAuthToken","cid":9}"##) }
        case 2:
            let name = one(of: Self.channels) ?? ""
            wanted.remove(name)
            asked[name] = nil
            give("kick \(name)") { $0.receive(##"{"event":"#kickOut","data":{"channel":"\##(name)"}}"##) }
        case 3: give("publish") { $0.receive(##"{"event":"#publish","data":{"channel":"a","data":1}}"##) }
        case 4: give("garbage") { $0.receive("garbage") }
        case 5: give("late answer") { $0.receive(#"{"rid":1}"#) }
        case 6: give("call") { $0.receive(#"{"event":"f","cid":3}"#) }
        default: give("ping") { $0.receive("") }
        }
    }

    private func passTime() {
        let milliseconds = one(of: [1, 50, 500, 5000, 30_000, 60_000] as [UInt64]) ?? 0
        rig.wallClock.change { $0 += Int64(milliseconds) }
        // Deadline by deadline, so that what the model takes to be the world follows.
        let end = rig.turn.now + milliseconds
        while rig.machine.nextDue <= end, faults.isEmpty {
            let due = max(rig.machine.nextDue, rig.turn.now) - rig.turn.now
            give("wait \(due)") { $0.advance(due) }
        }
        rig.turn.now = end
    }

    // MARK: The program

    private func program() {
        switch Int.random(in: 0..<24, using: &random) {
        case 0: give("connect") { $0.connect() }
        case 1:
            let code = Self.codes.randomElement(using: &random) ?? 1000
            isPlanned = false
            give("disconnect \(code)") { $0.disconnect(code) }
        case 2: give("reconnect") { $0.input { $0.reconnect(.normal, reason: "again", &$1) } }
        case 3..<9:
            calls += 1
            model.called(calls)
            started[calls] = rig.turn.now
            give("invoke \(calls)") { $0.invoke("work") }
        case 9, 10: give("transmit") { $0.transmit("event") }
        case 11, 12:
            calls += 1
            model.called(calls)
            started[calls] = rig.turn.now
            give("authenticate \(calls)") { $0.authenticate("T\(calls)") }
        case 13:
            isAuthenticated = false
            give("deauthenticate") { $0.input { $0.deauthenticate(&$1) } }
        case 14..<17:
            let name = one(of: Self.channels) ?? ""
            wanted.insert(name)
            give("subscribe \(name)") { $0.subscribe(name, AGSubscribeOptions(waitForAuth: name.hasPrefix("auth"))) }
        case 17:
            let name = one(of: Self.channels) ?? ""
            wanted.remove(name)
            asked[name] = nil
            give("unsubscribe \(name)") { $0.unsubscribe(name) }
        case 18, 19:
            guard let caller = one(of: model.waiting.sorted()) else { return }
            give("abandon \(caller)") { $0.input { $0.abandon(UInt32(caller), &$1) } }
        case 20: give("save fails") { $0.input { $0.tokenSaved(AGError(message: "full"), &$1) } }
        case 21: give("removed") { $0.input { $0.tokenRemoved(.success("old"), &$1) } }
        case 22: give("refreshed") { $0.input { $0.tokenRefreshed(.success("R"), &$1) } }
        default: give("batch") { $0.input { machine, _ in machine.startBatching() } }
        }
    }

    // MARK: Comparing

    private func check(_ isSo: Bool, _ text: @autoclosure () -> String) {
        if !isSo { faults.append(text()) }
    }

    private func compare() {
        faults += model.faults
        let machine = rig.machine
        check(machine.state == model.state, "state \(machine.state), not \(model.state)")
        check((machine.authState == .authenticated) == isAuthenticated, "authState \(machine.authState)")
        check(model.isAuthenticated == isAuthenticated, "authState by events")
        check(machine.calls.count + machine.outbox.count >= 0, "counts")
        check(machine.isReconnecting == (isPlanned && model.state == .closed), "reconnecting \(machine.isReconnecting)")
        check((machine.id != nil) == (model.state == .open), "id")
        for name in Self.channels {
            let state: AGChannelState =
                model.subscribed.contains(name) ? .subscribed : wanted.contains(name) ? .pending : .unsubscribed
            check(machine.channelState(name) == state, "channel \(name) \(machine.channelState(name)), not \(state)")
            // Who can be subscribed to has been asked for.
            if state == .pending, model.state == .open, isAuthenticated || !name.hasPrefix("auth") {
                check(asked[name] != nil, "channel \(name) is forgotten")
            }
        }
        for caller in model.waiting {
            check(rig.turn.now < (started[caller] ?? 0) + 10_000, "call \(caller) waits too long")
        }
        if model.state == .closed { check(model.waiting.isEmpty, "calls wait although it is closed: \(model.waiting)") }
    }

    /// After the end nothing is left.
    private func finish() {
        guard faults.isEmpty else { return }
        isPlanned = false
        give("disconnect at last") { $0.disconnect() }
        compare()
        check(rig.machine.nextDue == .max, "a deadline is left")
        check(rig.machine.calls.count == 0 && rig.machine.outbox.count == 0, "a call is left")
        check(rig.machine.batch.packets.isEmpty, "a batch is left")
        check(model.link == .none, "a WebSocket is left")
        check(model.waiting.isEmpty, "callers are left: \(model.waiting)")
    }
}

extension CallTable {
    func hasEntry(_ cid: Int) -> Bool {
        var copy = self
        return copy.remove(cid) != nil
    }
}
