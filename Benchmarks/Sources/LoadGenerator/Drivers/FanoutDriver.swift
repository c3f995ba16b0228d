import BenchmarkKit
import CBenchSupport
import EventLoop
import SocketProtocol
import StrictJSON

/// Publishes to one channel that many connections are subscribed to, with a number of publications in flight. A delivery is
/// the operation that is counted.
public final class FanoutDriver: HoldingDriver, @unchecked Sendable {
    /// What is published, and to how many.
    public struct Shape: Sendable {
        /// Connections that subscribe.
        public var subscribers = 1000
        /// Connections that publish; they do not subscribe.
        public var publishers = 1
        /// Bytes of each publication's data, at least 5.
        public var size = 128
        /// Publications that are not everywhere yet.
        public var inFlight = 1

        /// The default shape.
        public init() {}
    }

    /// Every publication's data begins with this and its place in the ring, four digits.
    static let marker = UInt8(ascii: "~")
    private static let channel = "benchmark"

    let shape: Shape
    private let publications: [[UInt8]]
    private let subscribeFrame: [UInt8]
    @safe @exclusivity(unchecked) private var missing: [Int]
    @safe @exclusivity(unchecked) private var sentAt: [UInt64]
    @safe @exclusivity(unchecked) private var isSending = false
    @safe @exclusivity(unchecked) private var publisher = 0
    private var publishers: [FanoutConnection] = []
    private var subscribed = 0
    /// Where the marker is in a delivery, the same in all of them; -1 before the first.
    @safe @exclusivity(unchecked) fileprivate var markerOffset = -1

    /// Creates a driver.
    public init(loop: EventLoop, plan: LoadPlan, shape: Shape) {
        self.shape = shape
        publications = (0..<shape.inFlight).map { slot in
            let digits = String(slot)
            let start = "~" + String(repeating: "0", count: 4 - digits.count) + digits
            let data = start + String(repeating: "x", count: max(shape.size - 5, 0))
            return ClientFrames.text(PacketWriter.publish(channel: Self.channel, data: JSONText(.string(data))))
        }
        subscribeFrame = ClientFrames.text(
            Array(##"{"event":"#subscribe","data":{"channel":"\##(Self.channel)"},"cid":2}"##.utf8)
        )
        missing = Array(repeating: 0, count: shape.inFlight)
        sentAt = Array(repeating: 0, count: shape.inFlight)
        super.init(loop: loop, plan: plan)
    }

    /// Opens the connections and subscribes.
    public func prepare() async throws {
        let subscribers = shape.subscribers
        try await hold(subscribers + shape.publishers) { index in
            FanoutConnection(driver: self, index: index)
        }
        let isDone = await run(seconds: 30) {
            let all = self.held.compactMap { $0 as? FanoutConnection }
            self.publishers = Array(all[subscribers...])
            for connection in all[..<subscribers] { connection.transmit(self.subscribeFrame) }
        }
        guard isDone else {
            await close()
            throw Failure(description: "only \(subscribed) of \(subscribers) subscriptions were answered")
        }
    }

    /// Begins to publish.
    public func start() async {
        await onLoop {
            self.isSending = true
            for slot in 0..<self.shape.inFlight { self.publish(slot, bench_now()) }
        }
    }

    /// Stops publishing.
    public func stop() async {
        await onLoop { self.isSending = false }
    }

    fileprivate func subscriptionAnswered() {
        subscribed += 1
        if subscribed == shape.subscribers { finishWaiting() }
    }

    private func publish(_ slot: Int, _ now: UInt64) {
        missing[slot] = shape.subscribers
        sentAt[slot] = now
        publisher = publisher + 1 < publishers.count ? publisher + 1 : 0
        publishers[publisher].transmit(publications[slot])
    }

    fileprivate func delivered(_ slot: Int, _ now: UInt64) {
        guard slot < missing.count else { return note("a delivery that was not published") }
        missing[slot] &-= 1
        if isMeasuring {
            operations &+= 1
            histogram.record(now &- sentAt[slot])
        }
        if missing[slot] == 0, isSending { publish(slot, now) }
    }
}

private final class FanoutConnection: LoadConnection {
    @safe private unowned(unsafe) let driver: FanoutDriver
    @safe @exclusivity(unchecked) private var now: UInt64 = 0

    init(driver: FanoutDriver, index: Int) {
        self.driver = driver
        super.init(driver.plan, index)
    }

    override func opened() {
        driver.became(open: self)
    }

    override func failed(_ reason: String) {
        driver.lost(self, reason)
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        now = bench_now()
        consume(&bytes)
    }

    @unsafe
    override func message(_ bytes: UnsafeRawBufferPointer, length: Int) {
        let offset = driver.markerOffset
        if offset >= 0, offset &+ 5 <= bytes.count, unsafe bytes[offset] == FanoutDriver.marker {
            return unsafe driver.delivered(Self.slot(bytes, offset), now)
        }
        if let found = unsafe Search.offset(of: "\"~", in: bytes), found + 6 <= bytes.count {
            driver.markerOffset = found + 1
            unsafe driver.delivered(Self.slot(bytes, found + 1), now)
        } else if unsafe Search.contains("\"rid\"", in: bytes) {
            if unsafe Search.contains("\"error\"", in: bytes) { return fail("the subscription was refused") }
            driver.subscriptionAnswered()
        }
    }

    @unsafe
    @inline(__always)
    private static func slot(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        func digit(_ place: Int) -> Int { unsafe Int(bytes[offset &+ place]) &- 48 }
        return digit(1) &* 1000 &+ digit(2) &* 100 &+ digit(3) &* 10 &+ digit(4)
    }
}
