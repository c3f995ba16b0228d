import JSONWebToken
import LoadGenerator

/// Workloads that several commands make of their options.
extension Workload {
    /// A storm of connections.
    static func connect(_ storm: StormOptions, _ token: TokenOptions, seconds: Double) -> Workload {
        let tokens = token.tokens == .none ? "no token" : "\(token.algorithm.rawValue), \(token.tokens.rawValue)"
        return Workload(
            section: "connect",
            name: "connect, \(tokens)",
            unit: "connections",
            kind: .connect(storm.shape, seconds: seconds, limit: storm.count)
        )
    }

    /// Publications to many subscribers.
    static func fanout(_ shape: FanoutDriver.Shape) -> Workload {
        Workload(
            section: "fan-out",
            name: "fan-out to \(shape.subscribers), \(shape.size) B, \(shape.inFlight) in flight",
            unit: "deliveries",
            kind: .fanout(shape)
        )
    }
}
