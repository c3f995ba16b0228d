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

        var size: Int {
            switch self {
            case .request(let request): request.event.utf8.count + (request.data?.bytes.count ?? 0)
            case .transmission(let event): event.event.utf8.count + (event.data?.bytes.count ?? 0)
            }
        }
    }

    private(set) var items: [Item] = []
    /// When their callers have given up.
    var deadline = TimerID.none

    /// - Returns: false if there is no room.
    mutating func append(_ item: Item) -> Bool {
        guard items.count < Self.limit, items.reduce(item.size, { $0 + $1.size }) <= Self.byteLimit else {
            return false
        }
        items.append(item)
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
                    cid: CallID(bytes.extracting(packet.cid)),
                    socket: self
                )
            )
            : .transmission(AGTransmission(socket: self, event: Bytes.string(name), data: data))
        guard kept.append(item) else { return }
        if early == nil { kept.deadline = schedule(.early, after: settings.options.ackTimeout) }
        early = kept
    }

    /// A stream was made: what waits for it goes there.
    nonisolated func claimEarlyPackets() {
        context.loop.execute { self.assumeIsolated { $0.deliverEarlyPackets() } }
    }

    /// Also called before a packet goes to a stream, so that it does not overtake those that wait for the same stream.
    func deliverEarlyPackets() {
        guard var kept = early else { return }
        let taken = kept.take { item in
            let name = Array(item.event.utf8)
            switch item {
            case .request: return hub?.procedure(named: name.rawBytes) != nil
            case .transmission: return hub?.receiver(named: name.rawBytes) != nil
            }
        }
        early = kept
        if kept.items.isEmpty { dropEarlyPackets() }
        for item in taken {
            let name = Array(item.event.utf8)
            switch item {
            case .request(let request): _ = hub?.procedure(named: name.rawBytes)?.emit(request)
            case .transmission(let event): _ = hub?.receiver(named: name.rawBytes)?.emit(event)
            }
        }
    }

    func dropEarlyPackets() {
        if let early { context.loop.cancel(early.deadline) }
        early = nil
    }
}
