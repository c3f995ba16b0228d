/// The objects of one loop in one stage of their lives, eight bytes each.
///
/// Each object keeps its place, so a set costs no hashing. An object may be in one set at a time.
struct PlacedSet<Element: Placed> {
    /// In no order.
    private(set) var values: ContiguousArray<Element> = []

    var count: Int { values.count }
    var isEmpty: Bool { values.isEmpty }

    mutating func insert(_ element: Element) {
        element.place = values.count
        values.append(element)
    }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ element: Element) -> Bool {
        let place = element.place
        guard place < values.count, values[place] === element else { return false }
        let last = values.removeLast()
        if place < values.count {
            values[place] = last
            last.place = place
        } else if values.isEmpty, values.capacity > 1024 {
            values = []
        }
        return true
    }
}

/// What can be in a ``PlacedSet``.
protocol Placed: AnyObject {
    /// The place in the set that the object is in.
    nonisolated var place: Int { get set }
}
