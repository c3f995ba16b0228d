import Foundation
import Testing

@testable import BenchmarkKit

struct ReportTests {
    private func run(_ operations: UInt64, server: Double) -> RunResult {
        var result = RunResult()
        result.operations = operations
        result.seconds = 1
        result.serverCPU = server
        result.clientCPU = 0.4
        var histogram = LatencyHistogram()
        for value in 1...1000 { histogram.record(UInt64(value) * 1000) }
        result.latency = LatencySummary(histogram)
        return result
    }

    private func report() -> Report {
        var report = Report(title: "A <title>", command: ["asyngular-bench", "suite", "a b"])
        let workloads = ["HS256, no token, inline", "HS256, same token, inline", "HS256, unique tokens, inline"]
        for round in 0..<3 {
            for (server, cost) in [("one", 1.0), ("two", 2.0)] {
                report.record(
                    run(10_000, server: 0.5 * cost + 0.01 * Double(round)),
                    in: ReportRow(section: "echo", workload: "echo", server: server, unit: "messages")
                )
            }
            for (workload, cost) in zip(workloads, [0.5, 0.55, 0.6]) {
                report.record(
                    run(10_000, server: cost),
                    in: ReportRow(section: "auth", workload: workload, server: "one", unit: "connections")
                )
            }
        }
        return report
    }

    @Test func ratiosByRound() throws {
        let report = report()
        let row = try #require(report.rows.first { $0.server == "two" })
        let ratio = try #require(report.ratio(of: row, to: "one"))
        #expect(ratio.ratios.values.count == 3)
        #expect(abs((ratio.median ?? 0) - 0.505) < 0.005)
        #expect(report.ratio(of: report.rows[0], to: "one") == nil)
    }

    @Test func authenticationIsTheDifference() throws {
        let costs = AuthCost.all(in: report())
        #expect(costs.map(\.tokens) == ["same token", "unique tokens"])
        #expect(abs((costs[0].difference.median ?? 0) - 5) < 1e-6)
        #expect(abs((costs[1].difference.median ?? 0) - 10) < 1e-6)
        #expect(abs((costs[1].share.median ?? 0) - 0.5 / 0.6) < 1e-6)
    }

    @Test func authenticationOfTwoServersIsCompared() throws {
        var report = report()
        for _ in 0..<3 {
            report.record(
                run(10_000, server: 2.2),
                in: ReportRow(section: "auth", workload: "HS256, same token", server: "two", unit: "connections")
            )
        }
        let row = try #require(report.rows.first { $0.section == "auth" && $0.server == "two" })
        // The first server's way of verifying is not in the second's name.
        let ratio = try #require(AuthCostTable.ratio(report, row))
        #expect(abs((ratio.median ?? 0) - 0.25) < 1e-9)
        #expect(AuthCostTable.ratio(report, report.rows.first { $0.section == "auth" } ?? row) == nil)
        let auth = try #require(ReportTable.text(report).components(separatedBy: "\nauth\n").last)
        #expect(auth.contains("to one"))
        #expect(auth.contains("0.25"))
    }

    @Test func theTextHasEveryRow() {
        let text = ReportTable.text(report())
        #expect(text.contains("echo"))
        #expect(text.contains("HS256, unique tokens, inline"))
        #expect(text.contains("+") == false)
    }

    @Test func thePageHoldsEverythingAndEscapes() throws {
        let page = HTMLReport.page(report())
        #expect(page.contains("A &lt;title&gt;"))
        #expect(page.contains("Cost of authentication"))
        #expect(page.contains("asyngular-bench suite 'a b'"))
        #expect(!page.contains("src=") && !page.contains("href="))
        let figures = page.components(separatedBy: "<svg").count - 1
        #expect(figures >= 4)
        #expect(page.components(separatedBy: "</svg>").count - 1 == figures)
        #expect(!page.contains("NaN") && !page.contains("nan\"") && !page.contains("inf\""))
    }

    @Test func aNoisyMachineIsSaidAtTheTop() {
        var report = report()
        #expect(!HTMLReport.page(report).contains("was not quiet"))
        report.rows[0].runs[0].others = 0.5
        #expect(HTMLReport.page(report).contains("was not quiet: other processes took up to 50 %"))
    }

    @Test func jsonComesBack() throws {
        let report = report()
        let again = try JSONDecoder().decode(Report.self, from: Data(try report.json().utf8))
        #expect(again.rows.count == report.rows.count)
        #expect(again.rows[0].runs.map(\.operations) == report.rows[0].runs.map(\.operations))
    }

    @Test func warningsOfOneKindAreOneLine() {
        var report = report()
        for index in report.rows.indices {
            report.rows[index].runs[0].warnings = ["other processes used \(index + 10) % of the processors"]
        }
        let lines = WarningList(report).lines.filter { $0.contains("other processes") }
        #expect(lines.count == 1)
        #expect(lines[0].contains("\(report.rows.count) rows"))
        #expect(lines[0].contains("\(report.rows.count + 9) %"))
    }

    @Test(
        arguments: [
            (0.5, "0.50"), (9999, "9999"), (12_345, "12.3 k"), (123_456, "123 k"), (1_234_567, "1.23 M"),
        ] as [(Double, String)]
    )
    func counts(_ value: Double, _ text: String) {
        #expect(Figure.count(value) == text)
    }

    @Test(
        arguments: [
            (0, "0"), (0.5, "500 ns"), (12.34, "12.3 µs"), (850, "850 µs"), (4560, "4.56 ms"), (45_600, "45.6 ms"),
            (2_000_000, "2.00 s"),
        ] as [(Double, String)]
    )
    func times(_ value: Double, _ text: String) {
        #expect(Figure.time(value) == text)
    }
}
