/// The machine a report was made on.
public struct MachineDescription: Sendable, Equatable, Codable {
    /// The processor's name.
    public var processor: String
    /// How many processors there are.
    public var processors: Int
    /// Memory, bytes.
    public var memory: UInt64
    /// The kernel's name and release.
    public var kernel: String
    /// How the processor's frequency is chosen; `unknown` in most virtual machines.
    public var governor: String
    /// Whether a hypervisor is underneath.
    public var isVirtual: Bool

    /// Asks the system.
    public static func current() -> Self {
        let information = TextFile.read("/proc/cpuinfo") ?? ""
        let lines = information.split(separator: "\n")
        func field(_ name: String) -> String? {
            lines.first { $0.hasPrefix(name) }?.split(separator: ":", maxSplits: 1).last.map(trimmed)
        }
        let release = TextFile.read("/proc/sys/kernel/osrelease").map { trimmed($0[...]) } ?? "?"
        return Self(
            processor: field("model name") ?? field("Model") ?? "unknown",
            processors: lines.count { $0.hasPrefix("processor") },
            memory: TextFile.read("/proc/meminfo").flatMap { ProcParsers.kibibytes("MemTotal", in: $0) } ?? 0,
            kernel: "Linux \(release)",
            governor: TextFile.read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").map { trimmed($0[...]) }
                ?? "unknown",
            isVirtual: field("flags")?.contains(" hypervisor") ?? false
        )
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\n" }.reversed())
    }
}
