/// A text that is not printed: a field of this type keeps a secret out of what `print`, `dump` and string interpolation
/// make of the struct around it.
struct RedactedText: Sendable, CustomStringConvertible, CustomReflectable {
    var text: String?

    var description: String { text == nil ? "nil" : "<redacted>" }

    var customMirror: Mirror { Mirror(self, children: []) }
}
