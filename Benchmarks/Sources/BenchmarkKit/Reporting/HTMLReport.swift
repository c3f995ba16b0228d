/// One page that holds everything: tables, plots, the command and the machine. It needs no other file.
public enum HTMLReport {
    /// The page.
    public static func page(_ report: Report) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(HTML.escape(report.title))</title>
        <style>\(style)</style></head><body><main>
        <h1>\(HTML.escape(report.title))</h1>
        <p class="sub">\(HTML.escape(subtitle(report)))\(noise(report))</p>
        \(plots(report))
        \(tables(report))
        \(caveats(report))
        \(setting(report))
        </main><script>\(script)</script></body></html>

        """
    }

    private static func subtitle(_ report: Report) -> String {
        let machine = report.machine
        let memory = Figure.text(Double(machine.memory) / 1_073_741_824, 0)
        return
            "\(report.date.prefix(10)) · \(machine.processor), \(machine.processors) processors, \(memory) GiB · \(machine.kernel)"
    }

    /// Said at the top, so that a picture of the plots says it too.
    private static func noise(_ report: Report) -> String {
        let runs = report.rows.flatMap(\.runs)
        let others = runs.map(\.others).max() ?? 0
        let steal = runs.map(\.steal).max() ?? 0
        guard others > 0.1 || steal > 0.02 else { return "" }
        let shares = (Figure.share(others), Figure.share(steal))
        let text =
            "The machine was not quiet: other processes took up to \(shares.0) of the processors, "
            + "the hypervisor up to \(shares.1)."
        return "<br><span class=\"warning\">\(HTML.escape(text))</span>"
    }

    private static func plots(_ report: Report) -> String {
        var text = ""
        if let chart = ReportPlots.authCost(report) {
            text += figure(
                "Cost of authentication",
                "Server CPU for one connection with its handshake: without a token, and what the token adds. Shorter is better.",
                chart
            )
        }
        if let chart = ReportPlots.handshakes(report) {
            text += figure(
                "Connections by algorithm",
                "Connections with a handshake, per second of the server's CPU. Longer is better.",
                chart
            )
        }
        for section in ["connect", "echo", "fan-out"] {
            guard let chart = ReportPlots.throughput(report, section: section) else { continue }
            text += figure(
                ReportPlots.heading(section),
                "Per second of the server's CPU; the mark is the range of the repetitions. Longer is better.",
                chart
            )
        }
        if let chart = ReportPlots.idle(report) {
            text += figure(
                "Memory of an idle connection",
                "Proportional memory of the process. Shorter is better.",
                chart
            )
        }
        for (name, chart) in ReportPlots.latencies(report) {
            text += figure("Latency: \(name)", "Both scales are logarithmic.", chart)
        }
        return text.isEmpty ? "" : "<div class=\"plots\">\(text)</div>"
    }

    private static func figure(_ title: String, _ caption: String, _ svg: String) -> String {
        "<figure><figcaption><h2>\(HTML.escape(title))</h2><p>\(HTML.escape(caption))</p></figcaption>\n\(svg)</figure>\n"
    }

    private static func tables(_ report: Report) -> String {
        ReportTable.sections(report).map { section in
            let table = section == "auth" ? AuthCostTable(report).table : ReportTable(report, section: section)
            let head = table.heading.enumerated().map { "<th\($0 < 2 ? " class=\"l\"" : "")>\(HTML.escape($1))</th>" }
                .joined()
            let body = table.rows.map { row in
                "<tr>" + row.enumerated().map { "<td\($0 < 2 ? " class=\"l\"" : "")>\(cell($1))</td>" }.joined()
                    + "</tr>"
            }
            return """
                <h2>\(HTML.escape(ReportPlots.heading(section)))</h2>
                <div class="scroll"><table><thead><tr>\(head)</tr></thead><tbody>\(body.joined(separator: "\n"))</tbody></table></div>
                """
        }.joined(separator: "\n")
    }

    /// A range is set smaller than the median before it.
    private static func cell(_ text: String) -> String {
        guard let open = text.firstIndex(of: "[") else { return HTML.escape(text) }
        return "\(HTML.escape(String(text[..<open])))<small>\(HTML.escape(String(text[open...])))</small>"
    }

    private static func caveats(_ report: Report) -> String {
        var items = [
            "Load generator and servers run on one machine over the loopback device; the figures compare servers, they are not those of a network.",
            "“Per server CPU second” divides by the processor time of the server's process, kernel included: it does not depend on how fast the client is.",
            "Ratios are taken within a round, in which the servers took turns, and then their median: median [smallest–largest]. Above 1 is better, for memory too.",
        ]
        if report.machine.isVirtual {
            items.append("A virtual machine: its neighbours move latencies above the 99th percentile by milliseconds.")
        }
        items += report.servers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let list =
            items.map { "<li>\(HTML.escape($0))</li>" }
            + WarningList(report).lines.map { "<li class=\"warning\">\(HTML.escape($0))</li>" }
        return "<h2>Caveats</h2><ul>\(list.joined(separator: "\n"))</ul>"
    }

    private static func setting(_ report: Report) -> String {
        let command = report.command.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
        var entries = report.setting
        entries["frequency governor"] = report.machine.governor
        let rows = entries.sorted { $0.key < $1.key }
            .map { "<tr><td class=\"l\">\(HTML.escape($0.key))</td><td class=\"l\">\(HTML.escape($0.value))</td></tr>" }
        return
            "<h2>How to repeat it</h2><pre>\(HTML.escape(command))</pre><table>\(rows.joined(separator: "\n"))</table>"
    }

    /// For `Scripts/bench --png`: with `#plots` only the plots remain; the height is that of the picture.
    private static let script = """
        if(location.hash=="#plots")for(const e of [...document.querySelector("main").children])if(!e.matches("h1,.sub,.plots"))e.remove();
        document.documentElement.dataset.height=document.documentElement.scrollHeight;
        """

    private static let style = """
        :root{color-scheme:light}body{margin:0;background:#f6f8fa;color:#1f2328;font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
        main{max-width:1232px;margin:0 auto;padding:28px 24px 60px}h1{font-size:26px;margin:0}h2{font-size:18px;margin:34px 0 8px}
        .sub{color:#59636e;margin:4px 0 20px}.plots{columns:500px 2;column-gap:18px}
        figure{margin:0 0 18px;break-inside:avoid;background:#fff;border:1px solid #d1d9e0;border-radius:8px;padding:16px 18px}figcaption h2{margin:0;font-size:16px}
        figcaption p{margin:0 0 10px;color:#59636e;font-size:13px}svg{width:100%;height:auto;display:block}
        svg text{font:12.5px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:#1f2328}svg .tick{font-size:11.5px;fill:#59636e}svg .group{font-weight:600}
        svg .figure{font-size:12px;fill:#1f2328}svg .grid{stroke:#e4e8ec;stroke-width:1}svg .axis{stroke:#818b98;stroke-width:1}svg .range{stroke:#1f2328;stroke-width:1.2;opacity:.65}
        .scroll{overflow-x:auto;background:#fff;border:1px solid #d1d9e0;border-radius:8px}table{border-collapse:collapse;font-size:13px;width:100%}
        th,td{padding:5px 9px;text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}th{color:#59636e;font-weight:600;border-bottom:1px solid #d1d9e0}
        tbody tr:nth-child(even){background:#f6f8fa}.l{text-align:left}td small{color:#59636e;font-size:11.5px}pre{background:#fff;border:1px solid #d1d9e0;border-radius:8px;padding:12px 14px;overflow-x:auto}
        ul{padding-left:20px;margin:6px 0}.warning{color:#9a3412}
        """
}
