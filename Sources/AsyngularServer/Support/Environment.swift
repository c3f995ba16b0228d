#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The options of the environment: `ASYNGULAR_` and the option's name.
enum Environment {
    static subscript(_ name: String) -> String? {
        guard let value = unsafe getenv("ASYNGULAR_\(name)") else { return nil }
        return unsafe String(cString: value)
    }

    /// A whole number. One that is none ends the program: starting with a default instead would hide the mistake.
    static func integer(_ name: String) -> Int? {
        guard let text = self[name] else { return nil }
        guard let value = Int(text) else {
            Console.errorLine("error: ASYNGULAR_\(name) must be a whole number")
            exit(64)
        }
        return value
    }

    /// Whether it is set to `1`, `true` or `yes`.
    static func flag(_ name: String) -> Bool {
        ["1", "true", "yes"].contains(self[name])
    }
}
