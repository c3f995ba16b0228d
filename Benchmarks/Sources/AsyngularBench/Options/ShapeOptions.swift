import ArgumentParser
import LoadGenerator

/// The shape of echo calls.
struct EchoOptions: ParsableArguments {
    @Option(help: "Connections that call.")
    var connections = 64

    @Option(help: "Bytes of each call's data.")
    var size = 64

    @Option(help: "Calls in flight on each connection.")
    var depth = 1

    @Option(
        help:
            "Calls a second over all connections; latencies count from the moment a call is due. Without: a closed loop."
    )
    var rate: Double?

    var shape: EchoDriver.Shape {
        var shape = EchoDriver.Shape()
        shape.connections = connections
        shape.size = size
        shape.depth = depth
        shape.rate = rate
        return shape
    }

    var name: String {
        let load = rate.map { "at \(Int($0))/s" } ?? "depth \(depth)"
        return "echo \(size) B, \(connections) connections, \(load)"
    }

    func validate() throws {
        guard (1...100_000).contains(connections) else {
            throw ValidationError("--connections is between 1 and 100,000")
        }
        guard (1...1_048_576).contains(size) else { throw ValidationError("--size is between 1 and 1,048,576") }
        guard (1...256).contains(depth) else { throw ValidationError("--depth is between 1 and 256") }
        if let rate, !(1...5_000_000).contains(rate) { throw ValidationError("--rate is between 1 and 5,000,000") }
    }
}

/// The shape of a storm.
struct StormOptions: ParsableArguments {
    @Option(help: "Connection attempts under way at once.")
    var window = 32

    @Option(help: "Connections a second; without, as fast as the window allows.")
    var connectRate: Double?

    @Option(help: "Most connections of one measurement.")
    var count = 20_000

    var shape: StormDriver.Shape {
        var shape = StormDriver.Shape()
        shape.window = window
        shape.rate = connectRate
        return shape
    }

    func validate() throws {
        guard (1...20_000).contains(window) else { throw ValidationError("--window is between 1 and 20,000") }
        guard (1...1_000_000).contains(count) else { throw ValidationError("--count is between 1 and 1,000,000") }
        if let connectRate, !(1...200_000).contains(connectRate) {
            throw ValidationError("--connect-rate is between 1 and 200,000")
        }
    }
}

/// The shape of a fan-out.
struct FanoutOptions: ParsableArguments {
    @Option(help: "Connections that subscribe.")
    var subscribers = 1000

    @Option(help: "Connections that publish.")
    var publishers = 1

    @Option(help: "Bytes of each publication's data.")
    var size = 128

    @Option(help: "Publications that are not everywhere yet.")
    var inFlight = 1

    var shape: FanoutDriver.Shape {
        var shape = FanoutDriver.Shape()
        shape.subscribers = subscribers
        shape.publishers = publishers
        shape.size = size
        shape.inFlight = inFlight
        return shape
    }

    func validate() throws {
        guard (1...100_000).contains(subscribers) else {
            throw ValidationError("--subscribers is between 1 and 100,000")
        }
        guard (1...1000).contains(publishers) else { throw ValidationError("--publishers is between 1 and 1,000") }
        guard (5...1_048_576).contains(size) else { throw ValidationError("--size is between 5 and 1,048,576") }
        guard (1...1000).contains(inFlight) else { throw ValidationError("--in-flight is between 1 and 1,000") }
    }
}
