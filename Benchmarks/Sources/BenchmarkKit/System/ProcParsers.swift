/// Readers of the texts under /proc, free of I/O.
public enum ProcParsers {
    /// Clock ticks a second in /proc, on every Linux of today.
    public static let ticksPerSecond = 100.0

    /// The time a thread has run, from its `schedstat`: nanoseconds.
    public static func schedstat(_ text: String) -> UInt64? {
        text.split(separator: " ").first.flatMap { UInt64($0) }
    }

    /// User and system time, seconds, from `/proc/PID/stat`. The command's name may contain anything, so what follows the
    /// last parenthesis counts.
    public static func stat(_ text: String) -> Double? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // Fields 14 and 15 of the whole line; the state, field 3, comes first here.
        guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]) else { return nil }
        return Double(user + system) / ticksPerSecond
    }

    /// A value in bytes of `smaps_rollup` or `status`, which give kibibytes.
    public static func kibibytes(_ name: String, in text: String) -> UInt64? {
        for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
            let value = line.dropFirst(name.utf8.count + 1).split(whereSeparator: { $0 == " " || $0 == "\t" }).first
            return value.flatMap { UInt64($0) }.map { $0 * 1024 }
        }
        return nil
    }

    /// The processors' times, from `/proc/stat`.
    public static func processors(_ text: String) -> [Int: ProcessorTimes] {
        var result: [Int: ProcessorTimes] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
            let fields = line.split(separator: " ")
            guard let number = Int(fields[0].dropFirst(3)) else { continue }
            let values = fields.dropFirst().map { Double(UInt64($0) ?? 0) / ticksPerSecond }
            guard values.count >= 8 else { continue }
            result[number] = ProcessorTimes(
                busy: values[0] + values[1] + values[2] + values[5] + values[6],
                idle: values[3] + values[4],
                steal: values[7]
            )
        }
        return result
    }
}
