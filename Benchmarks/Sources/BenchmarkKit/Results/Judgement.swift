/// Decides which warnings a result deserves.
public enum Judgement {
    /// Warnings of one run.
    ///
    /// - Parameters:
    ///   - result: what was measured.
    ///   - clientProcessors: processors that the load generator may fill.
    ///   - isShared: whether server and client use the same processor.
    ///   - isRateFixed: whether the load was held at a rate, so that an idle server is no sign of a slow client.
    public static func warnings(
        _ result: RunResult,
        clientProcessors: Double = 1,
        isShared: Bool = false,
        isRateFixed: Bool = false
    ) -> [String] {
        var warnings: [String] = []
        guard result.seconds > 0 else { return warnings }
        if let asked = result.extra["rate asked for"], result.rate < asked * 0.95 {
            warnings.append("only \(percent(result.rate / asked)) of the rate that was asked for was reached")
        }
        let client = result.clientCPU / result.seconds / clientProcessors
        let server = (result.serverCPU ?? 0) / result.seconds
        if client > 0.9, result.serverCPU == nil || server < 0.9, !isShared {
            warnings.append(
                "the client was the bottleneck (its processor \(percent(client)) busy): trust the figures per server second only"
            )
        } else if client > 0.9, isRateFixed {
            warnings.append("the client could hardly keep the rate (\(percent(client)) busy)")
        }
        if isShared { warnings.append("server and client shared a processor") }
        if result.steal > 0.02 { warnings.append("the hypervisor took \(percent(result.steal)) of the processors") }
        if result.others > 0.1 { warnings.append("other processes used \(percent(result.others)) of the processors") }
        if result.errors > 0 { warnings.append("\(result.errors) errors") }
        return warnings
    }

    /// Warnings of repetitions taken together.
    public static func warnings(_ sample: Sample, limit: Double = 0.3) -> [String] {
        sample.spread > limit ? ["the repetitions differ by \(percent(sample.spread))"] : []
    }

    static func percent(_ share: Double) -> String {
        "\(Int((share * 100).rounded())) %"
    }
}
