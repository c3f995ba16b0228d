import ArgumentParser
import BenchmarkKit
import CBenchSupport
import LoadGenerator

/// Where load is made, and what becomes of the figures.
struct SiteOptions: ParsableArguments {
    @Option(help: "Loops of the load generator, a thread each.")
    var loops = 1

    @Option(help: "Processors of the load generator, such as 1 or 2,3; the last one by default.")
    var clientCPU: String?

    @Option(help: "Processors of servers that are started; the first one by default.")
    var serverCPU: String?

    @Option(name: .customLong("repeat"), help: "How often to measure.")
    var repetitions: Int?

    @Option(help: "Seconds of load before anything is counted.")
    var warmup: Double?

    @Option(help: "Seconds that are counted.")
    var duration: Double?

    @Option(help: "Write all figures to this file.")
    var json: String?

    @Option(help: "Write a page with tables and plots to this file.")
    var html: String?

    @Option(help: "Root directory that a peers file's relative paths start from.")
    var root = "."

    @Option(help: "File that describes servers.")
    var peers = "Benchmarks/peers.json"

    func validate() throws {
        guard (1...64).contains(loops) else { throw ValidationError("--loops is between 1 and 64") }
        if let repetitions, !(1...100).contains(repetitions) { throw ValidationError("--repeat is between 1 and 100") }
        if let duration, !(0.05...600).contains(duration) {
            throw ValidationError("--duration is between 0.05 and 600 s")
        }
        if let warmup, !(0...60).contains(warmup) { throw ValidationError("--warmup is between 0 and 60 s") }
        _ = try Self.processors(clientCPU)
        _ = try Self.processors(serverCPU)
    }

    func site() throws -> LoadSite {
        try LoadSite(
            loops: loops,
            clientProcessors: Self.processors(clientCPU),
            serverProcessors: Self.processors(serverCPU)
        )
    }

    func times(_ standard: RunTimes) -> RunTimes {
        var times = standard
        if let warmup { times.warmup = warmup }
        if let duration { times.duration = duration }
        return times
    }

    func peersFile() throws -> PeersFile {
        guard let text = TextFile.read(peers) else { throw ValidationError("cannot read the peers file \(peers)") }
        var file = try PeersFile(parsing: text)
        // Servers that are not everybody's, beside the file that is.
        let local = peers.hasSuffix(".json") ? String(peers.dropLast(5)) + ".local.json" : peers + ".local"
        if let text = TextFile.read(local) { file.merge(try PeersFile(parsing: text)) }
        return file
    }

    static func processors(_ text: String?) throws -> [Int]? {
        guard let text else { return nil }
        return try text.split(separator: ",").map { part in
            guard let number = Int(part), (0..<64).contains(number) else {
                throw ValidationError("\(text) is no list of processors")
            }
            return number
        }
    }
}
