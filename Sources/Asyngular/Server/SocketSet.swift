/// The sockets of one loop in one stage of their lives, eight bytes each.
///
/// Each socket's place is kept with its transport, so a set costs no hashing. A socket may be in one set at a time.
struct SocketSet {
    /// In no order.
    private(set) var values: ContiguousArray<AGServerSocket> = []

    var count: Int { values.count }
    var isEmpty: Bool { values.isEmpty }

    mutating func insert(_ socket: AGServerSocket) {
        socket.transport.place = values.count
        values.append(socket)
    }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ socket: AGServerSocket) -> Bool {
        let place = socket.transport.place
        guard place < values.count, values[place] === socket else { return false }
        let last = values.removeLast()
        if place < values.count {
            values[place] = last
            last.transport.place = place
        } else if values.isEmpty, values.capacity > 1024 {
            values = []
        }
        return true
    }
}
