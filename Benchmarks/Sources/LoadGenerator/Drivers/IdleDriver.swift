import EventLoop

/// Connections that only stay, and answer pings.
public final class IdleDriver: HoldingDriver, @unchecked Sendable {
    /// Creates a driver.
    public override init(loop: EventLoop, plan: LoadPlan) {
        super.init(loop: loop, plan: plan)
    }

    /// Opens `count` connections.
    public func prepare(_ count: Int) async throws {
        try await hold(count, within: 120) { index in
            IdleConnection(driver: self, index: index)
        }
    }
}

private final class IdleConnection: LoadConnection {
    @safe private unowned(unsafe) let driver: IdleDriver

    init(driver: IdleDriver, index: Int) {
        self.driver = driver
        super.init(driver.plan, index)
    }

    override func opened() {
        // Thousands of these need not keep what they have sent.
        handshake = handshake.isEmpty ? [] : [0]
        driver.became(open: self)
    }

    override func failed(_ reason: String) {
        driver.lost(self, reason)
    }
}
