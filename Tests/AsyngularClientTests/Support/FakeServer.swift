import AsyngularSupport
import EventLoop
import Synchronization

@testable import AsyngularClient

/// The other end of clients whose WebSockets are this object: it opens them, accepts handshakes, and notes what is sent.
final class FakeServer: ClientConnector {
    private struct State {
        var links: [Link] = []
        var sent: [String] = []
        var closed: [UInt16] = []
        var waiters: [(isSo: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
        var refusals = 0
    }

    /// One WebSocket.
    final class Link: ClientTransport, @unchecked Sendable {
        let attempt: UInt32
        weak var core: ClientCore?
        private let server: FakeServer

        init(_ attempt: UInt32, _ core: ClientCore, _ server: FakeServer) {
            self.attempt = attempt
            self.core = core
            self.server = server
        }

        func send(text: RawSpan) {
            let text = Bytes.string(text)
            server.note { $0.sent.append(text) }
            guard text.contains("#handshake") else { return }
            let cid = text.split(separator: ":").last.map { $0.dropLast() } ?? ""
            deliver(#"{"rid":\#(cid),"data":{"id":"fake","pingTimeout":20000,"isAuthenticated":false}}"#)
        }

        func close(code: UInt16, reason: String) {
            server.note { $0.closed.append(code) }
            core = nil
        }

        /// Lets the client receive a message. From any thread.
        func deliver(_ text: String) {
            guard let core else { return }
            core.loop.execute { [attempt] in core.received(attempt, Array(text.utf8).rawBytes, isBinary: false) }
        }

        /// Ends the WebSocket. From any thread.
        func end(_ code: UInt16) {
            guard let core else { return }
            core.loop.execute { [attempt] in core.transportEnded(attempt, code: code, reason: "") }
        }
    }

    private let state = Mutex(State())

    init(refusals: Int = 0) {
        state.withLock { $0.refusals = refusals }
    }

    func open(_ attempt: UInt32, for core: ClientCore) -> any ClientTransport {
        let link = Link(attempt, core, self)
        let isRefused = state.withLock { state in
            state.links.append(link)
            guard state.refusals > 0 else { return false }
            state.refusals -= 1
            return true
        }
        core.loop.execute {
            guard link.core != nil else { return }
            if isRefused {
                core.transportEnded(attempt, code: 1006, reason: "refused")
            } else {
                core.transportOpened(attempt, link)
            }
        }
        return link
    }

    private func note(_ change: (inout State) -> Void) {
        let ready = state.withLock { state in
            change(&state)
            let now = state
            let ready = state.waiters.filter { $0.isSo(now) }.map(\.continuation)
            state.waiters.removeAll { $0.isSo(now) }
            return ready
        }
        for waiter in ready { waiter.resume() }
    }

    private func wait(until isSo: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if isSo(state) { return true }
                state.waiters.append((isSo, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    // MARK: For tests

    var sent: [String] { state.withLock { $0.sent } }
    var closed: [UInt16] { state.withLock { $0.closed } }
    var attempts: Int { state.withLock { $0.links.count } }
    var link: Link? { state.withLock { $0.links.last } }

    func waitForClose() async { await wait { !$0.closed.isEmpty } }

    func waitForSent(_ text: String) async { await wait { $0.sent.contains { $0.contains(text) } } }

    /// A client of this server, on a loop of its own.
    func client(_ configure: (inout AGClientOptions) -> Void = { _ in }) throws -> AGClientSocket {
        var options = AGClientOptions()
        configure(&options)
        return AsyngularClient.create(options, on: try SharedLoop.get(), connector: self)
    }
}
