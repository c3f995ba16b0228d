/// A text that is not printed: a field of this type keeps a secret out of what `print`, `dump` and string interpolation
/// make of the struct around it.
package struct RedactedText: Sendable, CustomStringConvertible, CustomReflectable {
    package var text: String?

    package init(text: String? = nil) {
        self.text = text
    }

    package var description: String { text == nil ? "nil" : "<redacted>" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
