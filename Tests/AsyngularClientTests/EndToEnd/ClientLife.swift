import SocketProtocol
import StrictJSON

@testable import AsyngularClient

/// A program that uses one client at random, beside a model of it, and checks how each of its calls ends.
final class ClientLife: @unchecked Sendable {
    static let channels = ["all", "a", "b", "c"]
    /// The server refuses it.
    static let refused = "refused"

    /// What all lives count.
    struct Counts {
        var begun = 0
        var ended = 0
        var faults: [String] = []
        /// How calls ended, by the error's name.
        var outcomes: [String: Int] = [:]
    }

    private(set) var socket: AGClientSocket?
    let model = LifeModel()
    let store: TestTokenStore
    private let counts: Locked<Counts>
    private var generator: SeededGenerator
    /// Calls that are not answered; each is cancelled some time later.
    private var hanging: [Task<Void, Never>] = []
    private var readers: [Task<Void, Never>] = []

    init(port: UInt16, seed: UInt64, counts: Locked<Counts>) throws {
        self.counts = counts
        generator = SeededGenerator(seed: seed)
        var options = AGClientOptions(hostname: "127.0.0.1", port: port)
        options.autoReconnectOptions = AGReconnectOptions(initialDelay: 1, randomness: 3, multiplier: 1.5, maxDelay: 20)
        options.streamBufferLimit = 100_000
        store = TestTokenStore()
        options.authTokenStore = store
        let client = AsyngularClient.create(options, on: try SharedLoop.get(), connector: DialerConnector()) {
            [model] in model.take($0)
        }
        socket = client
        // What is published carries numbers; none may come twice.
        let numbers = client.core.channelStreams.data(of: "all", bufferLimit: 100_000)
        readers.append(
            Task { [weak self] in
                var seen: Set<JSONText> = []
                for await number in numbers where !seen.insert(number).inserted { self?.fault("\(number) came twice") }
            }
        )
    }

    private func fault(_ text: String) {
        counts.change { if $0.faults.count < 10 { $0.faults.append(text) } }
    }

    // MARK: Random deeds

    /// Acts at random until there are no more cuts.
    func run(while isOn: Locked<Bool>) async {
        while isOn.value {
            await act()
            guard let socket else { return }
            await socket.compare(with: model)
        }
        for call in hanging { call.cancel() }
        for call in hanging { await call.value }
        hanging = []
    }

    private func act() async {
        guard let socket else { return }
        await socket.acts(model)
        let channel = Self.channels.randomElement(using: &generator)!
        switch Int.random(in: 0..<24, using: &generator) {
        case 0..<8:
            let text = String(repeating: "x", count: Int.random(in: 0..<300, using: &generator))
            let data = JSONText(.string(text))
            await call("echo", data, allows: []) { $0 == data }
        case 8, 9:
            hanging.append(Task { await call("hang", nil, allows: ["AbortError"]) { _ in false } })
            if hanging.count > 2 {
                let old = hanging.removeFirst()
                old.cancel()
                await old.value
            }
        case 10:
            let timeout = Duration.milliseconds(Int.random(in: 0..<10, using: &generator))
            await call("hang", nil, timeout: timeout, allows: ["TimeoutError"]) { _ in false }
        case 11..<14:
            await socket.wants(channel, waitForAuth: Bool.random(using: &generator), model)
        case 14: await socket.wants(Self.refused, waitForAuth: false, model)
        case 15: await socket.leaves(channel, model)
        case 16: await call("kick", JSONText(.string(channel)), allows: []) { $0 == nil }
        case 17: await call("login", JSONText(["password": "right"]), allows: []) { $0 == nil }
        case 18: await call("login", JSONText(["password": "wrong"]), allows: ["LoginError"]) { _ in false }
        case 19: await call("brief", nil, allows: []) { $0 == nil }
        case 20: await present()
        case 21: await socket.deauthenticate()
        case 22: await socket.transmit("publish")
        default:
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: await socket.reconnect()
            case 1: await socket.disconnect(CloseCode(rawValue: 4200))
            case 2:
                await socket.parks(model)
                for _ in 0..<20 { await Task.yield() }
                await socket.compare(with: model)
            default: await call("logout", nil, allows: []) { $0 == nil }
            }
        }
    }

    /// Presents a token that is good, has expired, is about to, or is nonsense.
    private func present() async {
        guard let socket else { return }
        let now = WallClock.seconds()
        let claims: JSONObject? = [
            ["username": "y", "exp": 4_102_444_800], ["exp": .integer(now)], ["exp": .integer(now + 1)], nil,
        ].randomElement(using: &generator)!
        let token = claims.flatMap { try? EndToEnd.token($0) } ?? "nonsense"
        await ending(allows: ["AuthTokenExpiredError", "AuthTokenInvalidError"]) {
            _ = try await socket.authenticate(token)
        }
    }

    private func call(
        _ event: String,
        _ data: JSONText?,
        timeout: Duration = .seconds(60),
        allows: Set<String>,
        _ isRight: @escaping @Sendable (JSONText?) -> Bool
    ) async {
        guard let socket else { return }
        await ending(allows: allows) { [self] in
            let answer = try await socket.invoke(event, data, ackTimeout: timeout)
            if !isRight(answer) { fault("\(event) was answered with \(answer?.description ?? "nothing")") }
        }
    }

    /// A call ends once: well, as the server may refuse it, or with one of the ways in which connections have ended.
    private func ending(allows: Set<String>, _ body: () async throws -> Void) async {
        counts.change { $0.begun += 1 }
        var name = "none"
        do {
            try await body()
        } catch let error as AGError {
            name = error.name ?? ""
            if name == "BadConnectionError" {
                let type = error.properties["type"]?.stringValue ?? ""
                let loss = LifeModel.Loss(type: type, code: Int(error.properties["code"]?.integerValue ?? 0))
                if let socket, await !socket.knows(loss, model) { fault("a call ended with the unknown \(loss)") }
            } else if !allows.contains(name) {
                fault("a call ended with \(error)")
            }
        } catch {
            fault("\(error)")
        }
        counts.change { [name] in
            $0.ended += 1
            $0.outcomes[name, default: 0] += 1
        }
    }

    // MARK: The end

    /// Without cuts: whatever it was before, the client has this identity, or none, and these channels.
    func settle(isAuthenticated: Bool) async throws {
        guard let socket else { return }
        await socket.acts(model)
        // A kick that crossed a subscription has left the server with one that the client knows nothing of.
        await socket.reconnect()
        // Of a channel that is known only the options would change.
        await socket.leaves("all", model)
        await socket.wants("all", waitForAuth: false, model)
        await socket.wants("auth", waitForAuth: true, model)
        try await socket.invoke("echo")
        if isAuthenticated {
            _ = try await socket.authenticate(try EndToEnd.token())
        } else {
            await socket.deauthenticate()
        }
        // Subscriptions sent before this are answered before it.
        try await socket.invoke("echo")
        await socket.compare(with: model)
    }

    /// Lets the client go, and what waits for it end.
    func end() async {
        await socket?.storageIdle()
        await socket?.end(model)
        socket = nil
        for reader in readers { await reader.value }
        readers = []
    }
}

/// Deeds and the model's knowledge of them in one turn of the loop.
extension AGClientSocket {
    func acts(_ model: LifeModel) { model.acts() }

    func compare(with model: LifeModel) { model.compare(self) }

    func knows(_ loss: LifeModel.Loss, _ model: LifeModel) -> Bool { model.losses.contains(loss) }

    func wants(_ channel: String, waitForAuth: Bool, _ model: LifeModel) {
        model.wants(channel, waitForAuth: waitForAuth)
        subscribe(channel, waitForAuth: waitForAuth)
    }

    func leaves(_ channel: String, _ model: LifeModel) {
        model.leaves(channel)
        unsubscribe(channel)
    }

    func parks(_ model: LifeModel) {
        disconnect()
        model.parks()
    }

    func end(_ model: LifeModel) {
        disconnect()
        model.ends()
    }
}
