import AsyngularSupport
import EventLoop
import SocketProtocol
import Synchronization

/// Drives a client's machine: brings it what happens on the loop, and does what it wants done. Confined to the loop.
///
/// Apart from ``AGClientSocket`` because the loop, the WebSocket and the streams refer to this object, so that the socket's end can be its
/// last reference.
final class ClientCore: TimerTarget, @unchecked Sendable {
    typealias Machine = ClientMachine<ClientCaller>
    typealias Turn = ClientTurn<ClientCaller>

    let loop: EventLoop
    let connector: any ClientConnector
    /// How much a stream keeps for a slow reader. Does not change with the connection's options; read from any thread.
    let streamBufferLimit: Int
    let streams = StreamHub<AGClientRequest, AGClientTransmission>()
    let channelStreams = ChannelStreams()
    private let scratch: ClientScratch

    @safe @exclusivity(unchecked) private(set) var machine: Machine
    @safe @exclusivity(unchecked) var transport: (any ClientTransport)?
    /// What the machine wanted done while its last wishes were being carried out.
    @safe @exclusivity(unchecked) private var backlog: [ClientAction<ClientCaller>] = []
    @safe @exclusivity(unchecked) private var isPerforming = false
    /// The client is gone.
    @safe @exclusivity(unchecked) private(set) var isShutDown = false

    @safe @exclusivity(unchecked) private var timer = TimerID.none
    @safe @exclusivity(unchecked) private var timerDue = UInt64.max
    private let lastCall = Atomic<UInt32>(0)

    /// The token where nothing else stores it, under the name it has then.
    var ownToken: String?
    /// The last operation of the store that was begun.
    var storageTail: Task<Void, Never>?

    /// Told each event in one order, for tests.
    let trace: (@Sendable (ClientEvent) -> Void)?

    init(
        options: AGClientOptions,
        loop: EventLoop,
        connector: any ClientConnector,
        trace: (@Sendable (ClientEvent) -> Void)? = nil
    ) {
        self.loop = loop
        self.trace = trace
        self.connector = connector
        streamBufferLimit = options.streamBufferLimit
        scratch = ClientScratch.of(loop)
        var generator = SystemRandomNumberGenerator()
        machine = Machine(settings: ClientSettings(options), seed: generator.next())
    }

    /// A number for a call, by which it can be given up. From any thread.
    func nextCall() -> UInt32 {
        lastCall.wrappingAdd(1, ordering: .relaxed).newValue
    }

    // MARK: Inputs

    /// Gives the machine an input and does what it wants done.
    func perform(_ input: (inout Machine, inout Turn) -> Void) {
        guard !isShutDown else { return }
        var turn = scratch.takeTurn(now: loop.nowMilliseconds)
        input(&machine, &turn)
        carryOut(&turn)
    }

    private func carryOut(_ turn: inout Turn) {
        if isPerforming {
            backlog.append(contentsOf: turn.actions)
        } else {
            isPerforming = true
            for action in turn.actions { execute(action) }
            while !backlog.isEmpty {
                let actions = backlog
                backlog = []
                for action in actions { execute(action) }
            }
            isPerforming = false
            setTimer()
        }
        scratch.returnTurn(&turn)
    }

    /// The WebSocket of an attempt is open.
    func transportOpened(_ attempt: UInt32, _ opened: any ClientTransport) {
        guard !isShutDown, attempt == machine.attempt, machine.state == .connecting else {
            return opened.close(code: 1000, reason: "")
        }
        transport = opened
        perform { $0.transportOpened(attempt, &$1) }
    }

    func received(_ attempt: UInt32, _ bytes: RawSpan, isBinary: Bool) {
        if streams.isListening(to: AGClientEventID.message.rawValue) {
            let message = AGClientMessage(bytes: Bytes.array(bytes), isBinary: isBinary)
            streams.emit(AGClientEventID.message.rawValue, message)
        }
        guard !isShutDown else { return }
        var turn = scratch.takeTurn(now: loop.nowMilliseconds)
        machine.received(attempt, bytes, isBinary: isBinary, &turn)
        carryOut(&turn)
    }

    func transportEnded(_ attempt: UInt32, code: UInt16, reason: String) {
        if attempt == machine.attempt { transport = nil }
        perform { $0.transportEnded(attempt, code: CloseCode(rawValue: code), reason: reason, &$1) }
    }

    // MARK: The clock

    override func timerFired(_ tag: UInt32) {
        timer = .none
        timerDue = .max
        perform { $0.timePassed(&$1) }
    }

    /// One timer for all deadlines. One that has become too early is left to find nothing due, unless there is nothing left to be due.
    private func setTimer() {
        let due = machine.nextDue
        guard due < timerDue || (due == .max && timerDue != .max) else { return }
        loop.cancel(timer)
        timer = .none
        timerDue = due
        guard due != .max else { return }
        let now = loop.nowMilliseconds
        timer = loop.schedule(self, afterMilliseconds: due > now ? due - now : 0)
    }

    // MARK: The end

    /// The client's last reference is gone.
    func shutDown() {
        perform { machine, turn in
            machine.disconnect(.normal, reason: "", &turn)
        }
        isShutDown = true
        loop.cancel(timer)
        timer = .none
        streams.finish()
        channelStreams.finish()
    }
}
