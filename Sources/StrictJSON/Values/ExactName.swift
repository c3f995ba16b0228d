/// A member name compared by its code units, as RFC 8259 §8.3 asks: Swift's own `==` takes canonically equivalent
/// strings (`é` in one scalar or two) for equal.
struct ExactName: Hashable {
    let name: String

    static func == (left: ExactName, right: ExactName) -> Bool {
        equal(left.name, right.name)
    }

    func hash(into hasher: inout Hasher) {
        ExactName.hash(name, into: &hasher)
    }

    static func equal(_ left: String, _ right: String) -> Bool {
        // Equal bytes imply canonical equivalence, so the cheap test settles almost every difference.
        left.utf8.count == right.utf8.count && left == right && left.utf8.elementsEqual(right.utf8)
    }

    static func hash(_ string: String, into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}
