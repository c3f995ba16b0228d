import EventLoop
import SocketProtocol
import StrictJSON
import WebSocket

/// A connection that still speaks HTTP: reads one request head and answers it, or upgrades to a WebSocket.
///
/// The decision order and the answers are those of contract §1. The head has a deadline, counted from accept, because the
/// protocol's own handshake timeout begins only with the upgrade.
final class HTTPHandler: ConnectionHandler {
    private static let deadlineTag: UInt32 = 1

    private let context: LoopContext
    private var parser: HTTPRequestParser
    private var deadline = TimerID.none
    private var isAnswered = false

    init(context: LoopContext) {
        self.context = context
        parser = HTTPRequestParser(limits: context.settings.headLimits)
    }

    override func connected() {
        guard !context.isDraining else {
            connection?.abort()
            return
        }
        context.httpConnections[ObjectIdentifier(self)] = self
        deadline = context.loop.schedule(
            self,
            tag: Self.deadlineTag,
            afterMilliseconds: UInt64(context.settings.options.handshakeTimeout)
        )
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        // What follows an answer is not read: the connection is closing.
        guard !isAnswered else { return }
        var position = 0
        do throws(HTTPError) {
            guard let head = try parser.receive(bytes.bytes, at: &position) else { return }
            try handle(head, rest: &bytes, from: position)
        } catch {
            answer(error.response())
        }
    }

    private func handle(_ head: HTTPRequestHead, rest: inout MutableRawSpan, from position: Int) throws(HTTPError) {
        switch WebSocketUpgrade.evaluate(head) {
        case .rejected(let error): throw error
        case .notUpgrade: answer(try respond(to: head))
        case .accept(let upgrade):
            let transport = try accept(upgrade, head)
            write(upgrade.response())
            release()
            connection?.setHandler(transport)
            if let socket = (transport as? SocketTransport)?.socket { socket.assumeIsolated { $0.begin() } }
            if position < rest.byteCount {
                unsafe rest.withUnsafeMutableBytes { all in
                    var span = unsafe MutableRawSpan(
                        _unsafeBytes: UnsafeMutableRawBufferPointer(rebasing: all[position...])
                    )
                    transport.receive(&span)
                }
            }
        }
    }

    /// Path, filter, origin, in the contract's order.
    private func accept(_ upgrade: UpgradeRequest, _ head: HTTPRequestHead) throws(HTTPError) -> WebSocketTransport {
        let settings = context.settings
        if let echo = settings.options.plainEchoPath, head.isPath(echo) {
            return EchoTransport(context: context)
        }
        guard head.isPath(settings.options.path) else { throw WebSocketUpgrade.wrongPath }
        if settings.filters(.handshakeWS) {
            let verdict = settings.decide(AGAction(.handshakeWS, request: head, socket: nil))
            if let error = verdict.visibleError(for: .handshakeWS) {
                if settings.options.middlewareEmitFailures, let local = verdict.localError {
                    context.server.emit(.warning, AGServerWarning(socket: nil, error: local))
                }
                throw HTTPError(status: 401, message: error.message.isEmpty ? "Unauthorized" : error.message)
            }
        }
        guard settings.origins.allows(upgrade.origin) else {
            let error = OriginPolicy.rejection(of: upgrade.origin)
            context.server.emit(.warning, AGServerWarning(socket: nil, error: .serverProtocol(error.message)))
            throw error
        }
        let transport = SocketTransport(context: context)
        transport.socket = AGServerSocket(context: context, transport: transport, request: head)
        return transport
    }

    /// Plain HTTP: `GET /health`, and what is said to everything else.
    private func respond(to head: HTTPRequestHead) throws(HTTPError) -> [UInt8] {
        if head.hasBody { throw HTTPError(status: 413) }
        if head.isPath("/health") {
            guard head.isMethod("GET") || head.isMethod("HEAD") else {
                throw HTTPError(status: 405, headers: [HTTPHeaderField(name: "Allow", value: "GET, HEAD")])
            }
            return HealthReport(context.server, isDraining: context.isDraining).response(
                omitsBody: head.isMethod("HEAD")
            )
        }
        let isWebSocketPath = head.isPath(context.settings.options.path)
        if isWebSocketPath, head.isMethod("GET") { throw WebSocketUpgrade.upgradeRequired }
        if isWebSocketPath {
            throw HTTPError(
                status: 405,
                message: "Invalid HTTP method",
                headers: [HTTPHeaderField(name: "Allow", value: "GET")]
            )
        }
        throw HTTPError(status: 404)
    }

    private func answer(_ response: [UInt8]) {
        isAnswered = true
        write(response)
        release()
        connection?.close()
    }

    private func write(_ bytes: [UInt8]) {
        connection?.write(bytes.rawBytes)
    }

    /// Shutdown: a request that is still coming is not waited for.
    func drain() {
        giveUp(status: 503)
    }

    private func giveUp(status: Int) {
        guard !isAnswered else { return }
        guard parser.isMidHead else {
            // Not a byte came: there is no request to answer.
            isAnswered = true
            release()
            connection?.close()
            return
        }
        answer(HTTPError(status: status).response())
    }

    private func release() {
        context.loop.cancel(deadline)
        context.httpConnections[ObjectIdentifier(self)] = nil
    }

    override func timerFired(_ tag: UInt32) {
        giveUp(status: 408)
    }

    override func closed(_ reason: ConnectionCloseReason) {
        release()
    }
}
