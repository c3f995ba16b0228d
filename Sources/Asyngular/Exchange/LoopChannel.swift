import EventLoop

/// A channel on one event loop: those of the loop's sockets that are subscribed to it.
final class LoopChannel {
    let name: String
    /// Swapped about on removal, so that leaving costs the same however many there are.
    private(set) var subscribers: ContiguousArray<AGServerSocket> = []

    init(name: String) {
        self.name = name
    }

    var isEmpty: Bool { subscribers.isEmpty }

    /// - Returns: the socket's place.
    func add(_ socket: AGServerSocket) -> Int {
        subscribers.append(socket)
        return subscribers.count - 1
    }

    /// - Returns: the socket that now has that place, if it was moved there.
    func remove(at index: Int) -> AGServerSocket? {
        let last = subscribers.removeLast()
        guard index < subscribers.count else { return nil }
        subscribers[index] = last
        return last
    }
}
