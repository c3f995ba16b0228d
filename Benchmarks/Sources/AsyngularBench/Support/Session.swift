import ArgumentParser
import BenchmarkKit
import LoadGenerator

/// A call of the tool: measures workloads on servers in turn, and reports.
final class Session {
    let site: LoadSite
    let options: SiteOptions
    let keys: KeyRing
    var report: Report
    private var step = 0
    /// Measurements there will be.
    var steps: Int

    init(title: String, site: LoadSite, options: SiteOptions, keys: KeyRing, steps: Int) {
        self.site = site
        self.options = options
        self.keys = keys
        self.steps = steps
        report = Report(title: title, command: CommandLine.arguments)
        report.setting["load generator"] =
            "\(site.loops.count) loop\(site.loops.count > 1 ? "s" : ""), processor \(LoadSite.text(site.clientProcessors))"
        report.setting["servers' processors"] = LoadSite.text(site.serverProcessors)
        report.setting["load average before"] = (TextFile.read("/proc/loadavg") ?? "").split(separator: " ").prefix(3)
            .joined(separator: " ")
        report.setting["Swift"] = Self.compiler
        if let version = try? ServerProcess.output(of: ["openssl", "version"]) {
            report.setting["OpenSSL"] =
                version.split(separator: "(").first.map { String($0).trimmingSpace() } ?? version
        }
    }

    /// Measures one workload once and records it. A run that fails is reported and counts as an error.
    func measure(_ workload: Workload, on endpoint: Endpoint, row name: String? = nil, label: String? = nil) async {
        step += 1
        Console.progress("[\(step)/\(steps)] \(endpoint.name): \(name ?? workload.name)")
        var row = ReportRow(
            section: workload.section,
            workload: name ?? workload.name,
            server: endpoint.name,
            unit: workload.unit
        )
        row.label = label
        row.isRateFixed = workload.isRateFixed
        do {
            guard let target = try endpoint.target(for: workload) else { return }
            let result = try await workload.run(site: site, target: target, pid: endpoint.pid, keys: keys)
            report.record(result, in: row)
        } catch {
            var result = RunResult()
            result.errors = 1
            result.warnings = ["failed: \(error)"]
            report.record(result, in: row)
        }
    }

    /// Prints the tables and writes the files.
    /// - Throws: `ExitCode` 1 if there were errors.
    func finish() throws {
        Console.progressEnded()
        Console.output(ReportTable.text(report))
        if let file = options.json, TextFile.write(try report.json(), to: file) == false {
            throw ValidationError("cannot write \(file)")
        }
        if let file = options.html, TextFile.write(HTMLReport.page(report), to: file) == false {
            throw ValidationError("cannot write \(file)")
        }
        keys.remove()
        if report.hasErrors { throw ExitCode(1) }
    }

    private static var compiler: String {
        #if compiler(>=6.4)
        "6.4 or newer"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }
}

extension String {
    func trimmingSpace() -> String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
