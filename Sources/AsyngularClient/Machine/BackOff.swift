import SocketProtocol

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// When to connect again after a close (contract §15).
enum BackOff {
    /// What the close code says.
    enum Decision: Hashable {
        /// Not by itself.
        case never
        /// At once, unless that was tried since the last success.
        case atOnce
        /// By the formula.
        case later
        /// 1012 and 1013, where they are honoured.
        case serviceRestarts
        case serviceIsBusy
    }

    static func decision(after code: CloseCode, _ options: AGReconnectOptions) -> Decision {
        switch code.rawValue {
        case 1000, 4500...: .never
        case 4000, 4001, 1005: .atOnce
        case 1012 where options.honorsServiceCodes: .serviceRestarts
        case 1013 where options.honorsServiceCodes: .serviceIsBusy
        default: .later
        }
    }

    /// Milliseconds until attempt number `attempt`, counted from 0; nil for never. Takes a random number if it needs one.
    static func delay(
        after code: CloseCode,
        attempt: UInt32,
        _ options: AGReconnectOptions,
        _ random: inout ClientRandom
    ) -> UInt64? {
        switch decision(after: code, options) {
        case .never: nil
        case .atOnce where attempt == 0: 0
        case .atOnce, .later: delay(attempt: attempt, options, random: random.unit())
        case .serviceRestarts: UInt64(5000 + 25_000 * random.unit())
        case .serviceIsBusy: UInt64(Double(options.maxDelay) * (1 + random.unit()) / 2)
        }
    }

    /// The formula.
    static func delay(attempt: UInt32, _ options: AGReconnectOptions, random: Double) -> UInt64 {
        let first = (Double(options.initialDelay) + Double(options.randomness) * random).rounded()
        let delay = (first * pow(options.multiplier, Double(attempt))).rounded()
        // Not a number: nothing, infinitely often multiplied.
        return delay.isNaN ? 0 : UInt64(max(0, min(delay, Double(options.maxDelay))))
    }
}
