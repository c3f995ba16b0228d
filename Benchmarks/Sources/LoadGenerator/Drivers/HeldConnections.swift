import EventLoop

/// A driver whose connections are opened first and then stay.
public class HoldingDriver: LoadDriver, @unchecked Sendable {
    /// Attempts under way at once while the connections are opened.
    static let openingWindow = 128

    private var wanted = 0
    private var opening = 0
    private var make: (Int) -> LoadConnection = { _ in preconditionFailure("set by open(count:)") }
    /// The connections that are open.
    @safe @exclusivity(unchecked) private(set) var held: [LoadConnection] = []
    @safe @exclusivity(unchecked) private var isClosing = false

    /// Connections that are open.
    public func heldCount() async -> Int {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: self.held.count) }
        }
    }

    /// Opens connections and waits for all their handshakes.
    func hold(_ count: Int, within seconds: Double = 60, make: @escaping @Sendable (Int) -> LoadConnection) async throws
    {
        let isDone = await run(seconds: seconds) {
            self.make = make
            self.wanted += count
            if count == 0 { return self.finishWaiting() }
            self.openMore()
        }
        guard isDone, held.count == wanted else {
            let count = held.count
            await close()
            throw Failure(description: "only \(count) of \(wanted) connections: \(firstFailure ?? "no answer")")
        }
    }

    private func openMore() {
        while opening < Self.openingWindow, held.count + opening < wanted {
            opening += 1
            open(make(held.count + opening - 1))
        }
    }

    final func became(open connection: LoadConnection) {
        opening -= 1
        held.append(connection)
        if held.count == wanted { finishWaiting() } else { openMore() }
    }

    final func lost(_ connection: LoadConnection, _ reason: String) {
        guard !isClosing else { return }
        note(reason)
        if held.count < wanted {
            opening -= 1
            loop.execute { self.finishWaiting() }
        }
        connectionLost(connection)
    }

    /// A connection that was open is gone.
    func connectionLost(_ connection: LoadConnection) {}

    /// Closes every connection.
    public func close() async {
        await onLoop {
            self.isClosing = true
            for connection in self.held { connection.end() }
            self.held = []
        }
    }
}
