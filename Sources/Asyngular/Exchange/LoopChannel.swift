import EventLoop

/// A channel on one event loop: those of the loop's sockets that are subscribed to it.
@safe
final class LoopChannel {
    let name: String
    /// Swapped about on removal, so that leaving costs the same however many there are.
    private(set) var subscribers: ContiguousArray<AGServerSocket> = []
    /// The subscribers' transports, which they keep, so that a delivery neither counts references nor looks at the sockets.
    private var transports: ContiguousArray<Unmanaged<SocketTransport>> = unsafe []

    init(name: String) {
        self.name = name
    }

    var isEmpty: Bool { subscribers.isEmpty }

    /// - Returns: the socket's place.
    func add(_ socket: AGServerSocket) -> Int {
        subscribers.append(socket)
        unsafe transports.append(Unmanaged.passUnretained(socket.transport))
        return subscribers.count - 1
    }

    /// - Returns: the socket that now has that place, if it was moved there.
    func remove(at index: Int) -> AGServerSocket? {
        let last = subscribers.removeLast()
        let lastTransport = unsafe transports.removeLast()
        guard index < subscribers.count else { return nil }
        subscribers[index] = last
        unsafe transports[index] = lastTransport
        return last
    }

    /// Gives a whole frame to every subscriber's output. Sending calls nobody who could change the subscribers.
    func send(_ frame: RawSpan) {
        unsafe transports.withUnsafeBufferPointer { transports in
            for index in transports.indices {
                unsafe transports[index]._withUnsafeGuaranteedRef { $0.send(frame: frame) }
            }
        }
    }
}
