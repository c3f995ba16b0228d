import EventLoop
import WebSocket

/// A small server: upgrade, handshake, echo; and what a test wants it to do wrong.
final class ScriptedPeer: ConnectionHandler {
    struct Behaviour: Sendable {
        /// Sends an empty ping before each answer, and the answer only behind the pong.
        var pings = false
        /// Answers with another call's number after so many calls.
        var wrongNumberAfter: Int?
        /// Answers the upgrade with 403.
        var refuses = false
    }

    private let behaviour: Behaviour
    private var head: [UInt8] = []
    private var isUpgraded = false
    private var parser = WebSocketParser(role: .server)
    private var calls = 0
    private var heldBack: [UInt8]?

    init(_ behaviour: Behaviour) {
        self.behaviour = behaviour
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        guard isUpgraded else {
            head += unsafe bytes.withUnsafeBytes { unsafe Array($0) }
            // The client waits for the answer before it goes on.
            guard String(decoding: head, as: UTF8.self).hasSuffix("\r\n\r\n") else { return }
            isUpgraded = true
            send(
                raw: Array(
                    (behaviour.refuses ? "HTTP/1.1 403 Forbidden\r\n\r\n" : "HTTP/1.1 101 Switching Protocols\r\n\r\n")
                        .utf8
                )
            )
            return
        }
        var position = 0
        while let event = try? parser.next(&bytes, at: &position) {
            guard case .message(_, let payload, _) = event else { continue }
            switch payload {
            case .inPlace(let range): message(unsafe bytes.withUnsafeBytes { unsafe Array($0[range]) })
            case .assembled: message(parser.takeAssembled())
            }
        }
    }

    private func message(_ bytes: [UInt8]) {
        if bytes.isEmpty {
            if let heldBack { send(raw: heldBack) }
            heldBack = nil
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let number = text.components(after: "\"cid\":").prefix { $0.isNumber }
        if text.contains("#handshake") {
            return answer(#"{"rid":\#(number),"data":{"id":"x","pingTimeout":20000,"isAuthenticated":false}}"#)
        }
        let isWrong = behaviour.wrongNumberAfter.map { calls >= $0 } ?? false
        calls += 1
        let data = text.components(after: "\"data\":").prefix { $0 != "," }
        answer(#"{"rid":\#(isWrong ? "99999999" : number),"data":\#(data)}"#)
    }

    private func answer(_ text: String) {
        let frame = FrameWriter.frame(.text, payload: Array(text.utf8))
        guard behaviour.pings else { return send(raw: frame) }
        heldBack = frame
        send(raw: FrameWriter.frame(.text))
    }

    private func send(raw bytes: [UInt8]) {
        guard let connection else { return }
        unsafe connection.write(bytes.span.bytes)
    }
}

extension String {
    /// What follows the first occurrence of a text.
    func components(after text: String) -> Substring {
        guard let range = firstRange(of: text) else { return "" }
        return self[range.upperBound...]
    }
}
