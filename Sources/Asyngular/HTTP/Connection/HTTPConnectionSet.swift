/// The connections of one loop that speak HTTP, without hashing: each knows its place.
struct HTTPConnectionSet {
    /// In no order.
    private(set) var values: ContiguousArray<HTTPHandler> = []

    var count: Int { values.count }
    var isEmpty: Bool { values.isEmpty }

    mutating func insert(_ handler: HTTPHandler) {
        handler.place = values.count
        values.append(handler)
    }

    /// Does nothing if it is not there.
    mutating func remove(_ handler: HTTPHandler) {
        let place = handler.place
        guard place < values.count, values[place] === handler else { return }
        handler.place = .max
        let last = values.removeLast()
        if place < values.count {
            values[place] = last
            last.place = place
        }
    }
}
