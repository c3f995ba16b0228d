/// Where in a head each ``HTTPKnownField`` is.
struct HTTPKnownFields: Sendable {
    /// For each field one more than the index of its first line; 0 without one.
    private var lines: InlineArray<10, UInt16> = .init(repeating: 0)
    /// One bit for each field that has a second line.
    private var repeated: UInt16 = 0

    /// The most lines of a head that can be told apart.
    static let maximumLines = Int(UInt16.max)

    /// The line at `index` carries `field`.
    mutating func note(_ field: HTTPKnownField, at index: Int) {
        if lines[field.rawValue] == 0 {
            lines[field.rawValue] = UInt16(index + 1)
        } else {
            repeated |= 1 << UInt16(field.rawValue)
        }
    }

    /// The index of the first line that carries `field`; nil if none does.
    func line(of field: HTTPKnownField) -> Int? {
        let line = lines[field.rawValue]
        return line == 0 ? nil : Int(line) - 1
    }

    /// Whether more than one line carries `field`.
    func isRepeated(_ field: HTTPKnownField) -> Bool {
        repeated >> UInt16(field.rawValue) & 1 != 0
    }
}
