import EventLoop
import SocketProtocol
import StrictJSON

/// Requests and events that came before the program had asked for them.
///
/// A program that learns of a socket from `server.listener(.connection)` calls `socket.procedure("x")` a moment after the
/// handshake was answered, and a client that calls at once would find nobody. So, while the program listens for
/// connections, what nobody wants yet is kept: at most ``limit`` packets of together ``byteLimit`` bytes per socket, for
/// the time of the ack timeout, after which their callers have given up.
struct EarlyPackets {
    /// 64 packets.
    static let limit = 64
    /// 64 KiB.
    static let byteLimit = 64 * 1024

    enum Item {
        case request(AGRequest)
        case transmission(AGTransmission)

        var event: String {
            switch self {
            case .request(let request): request.event
            case .transmission(let transmission): transmission.event
            }
        }
    }

    private(set) var items: [Item] = []
    private var bytes = 0

    /// - Returns: false if there is no room.
    mutating func append(_ item: Item, size: Int) -> Bool {
        guard items.count < Self.limit, bytes + size <= Self.byteLimit else { return false }
        items.append(item)
        bytes += size
        return true
    }

    /// Takes out what `isWanted`, in order.
    mutating func take(where isWanted: (Item) -> Bool) -> [Item] {
        let taken = items.filter(isWanted)
        items.removeAll(where: isWanted)
        return taken
    }
}

extension AGServerSocket {
    func holdEarly(_ packet: Packet, named name: RawSpan, of bytes: RawSpan) {
        guard context.server.hub.isListening(to: AGServerEventID.connection.rawValue) else { return }
        var kept = early ?? EarlyPackets()
        let data = packet.data.map { JSONText(unchecked: Bytes.array(bytes.extracting($0))) }
        let item: EarlyPackets.Item =
            packet.kind == .invoke
            ? .request(
                AGRequest(
                    event: Bytes.string(name),
                    data: data,
                    cid: Bytes.array(bytes.extracting(packet.cid)),
                    socket: self
                )
            )
            : .transmission(AGTransmission(socket: self, event: Bytes.string(name), data: data))
        let isFirst = early == nil
        guard kept.append(item, size: name.byteCount + (data?.bytes.count ?? 0)) else { return }
        early = kept
        if isFirst { _ = schedule(.early, after: settings.options.ackTimeout) }
    }

    /// A stream was made: what waits for it goes there.
    nonisolated func claimEarlyPackets() {
        context.loop.execute { self.assumeIsolated { $0.deliverEarlyPackets() } }
    }

    private func deliverEarlyPackets() {
        guard var kept = early else { return }
        let taken = kept.take { item in
            let name = Array(item.event.utf8)
            switch item {
            case .request: return hub.procedure(named: name.rawBytes) != nil
            case .transmission: return hub.receiver(named: name.rawBytes) != nil
            }
        }
        early = kept.items.isEmpty ? nil : kept
        for item in taken {
            let name = Array(item.event.utf8)
            switch item {
            case .request(let request): _ = hub.procedure(named: name.rawBytes)?.emit(request)
            case .transmission(let event): _ = hub.receiver(named: name.rawBytes)?.emit(event)
            }
        }
    }

    func dropEarlyPackets() {
        early = nil
    }
}
