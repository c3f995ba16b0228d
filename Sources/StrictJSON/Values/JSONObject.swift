/// The members of a JSON object, in order, with distinct names.
///
/// Names are compared code unit by code unit. Two objects are equal if they have equal members in any order.
public struct JSONObject: Sendable {
    /// One member.
    public struct Member: Sendable, Hashable {
        /// The member's name, decoded.
        public let name: String
        /// The member's value.
        public var value: JSONValue

        /// A member.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }

        /// Whether name and value are equal.
        public static func == (left: Member, right: Member) -> Bool {
            ExactName.equal(left.name, right.name) && left.value == right.value
        }

        /// Hashes name and value.
        public func hash(into hasher: inout Hasher) {
            ExactName.hash(name, into: &hasher)
            hasher.combine(value)
        }
    }

    /// The members in order of first appearance.
    public private(set) var members: [Member] = []
    /// Positions by name, kept once a linear search would cost more; it also keeps an object with a million members
    /// from costing a trillion comparisons.
    private var positions: [ExactName: Int]?
    private static let linearSearchLimit = 16

    /// An object without members.
    public init() {}

    /// An object with the given members; of two with the same name the later one's value is kept, in the earlier one's
    /// place (as by `JSON.parse`).
    public init(members: some Sequence<(String, JSONValue)>) {
        for (name, value) in members { self[name] = value }
    }

    /// The number of members.
    public var count: Int { members.count }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of the member called `name`; nil if there is none. Setting adds or replaces a member, setting nil
    /// removes it.
    public subscript(name: String) -> JSONValue? {
        get { position(of: name).map { members[$0].value } }
        set {
            if let newValue {
                set(name, to: newValue)
            } else {
                removeValue(forName: name)
            }
        }
    }

    /// Adds a member, or replaces the value of the one of that name; whether it was added.
    @discardableResult
    public mutating func set(_ name: String, to value: JSONValue) -> Bool {
        if let position = position(of: name) {
            members[position].value = value
            return false
        }
        members.append(Member(name: name, value: value))
        if positions != nil {
            positions?[ExactName(name: name)] = members.count - 1
        } else if members.count > JSONObject.linearSearchLimit {
            index()
        }
        return true
    }

    /// Removes the member called `name`; its value, or nil if there was none. Time proportional to the number of
    /// members.
    @discardableResult
    public mutating func removeValue(forName name: String) -> JSONValue? {
        guard let position = position(of: name) else { return nil }
        let value = members.remove(at: position).value
        if positions != nil { index() }
        return value
    }

    /// Whether there is a member called `name`.
    public func contains(_ name: String) -> Bool { position(of: name) != nil }

    private mutating func index() {
        var positions = [ExactName: Int](minimumCapacity: members.count * 2)
        for (position, member) in members.enumerated() { positions[ExactName(name: member.name)] = position }
        self.positions = positions
    }

    private func position(of name: String) -> Int? {
        if let positions { return positions[ExactName(name: name)] }
        return members.firstIndex { ExactName.equal($0.name, name) }
    }
}

extension JSONObject: Hashable {
    /// Whether both hold equal members, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.members.allSatisfy { right[$0.name] == $0.value }
    }

    /// Hashes the members without regard to their order.
    public func hash(into hasher: inout Hasher) {
        var combined = 0
        for member in members { combined ^= member.hashValue }
        hasher.combine(combined)
        hasher.combine(count)
    }
}

extension JSONObject: RandomAccessCollection {
    /// The position of the first member.
    public var startIndex: Int { 0 }

    /// The position behind the last member.
    public var endIndex: Int { members.count }

    /// The member at a position.
    public subscript(position: Int) -> Member { members[position] }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object with the members of a literal, in order.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(members: elements)
    }
}

extension JSONObject: CustomStringConvertible {
    /// The object as JSON text.
    public var description: String { JSONValue.object(self).description }
}
