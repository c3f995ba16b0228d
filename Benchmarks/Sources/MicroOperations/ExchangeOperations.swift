import Asyngular
import StrictJSON

/// Channels, as far as the public interface reaches: their bookkeeping without a socket.
enum ExchangeOperations {
    static let all: [MicroOperation] = [publish, subscribe]

    private static let server: AGServer = {
        do {
            return try AGServer(authKey: "0123456789abcdef0123456789abcdef")
        } catch {
            preconditionFailure("no server: \(error)")
        }
    }()

    private static let publish: MicroOperation = {
        let exchange = server.exchange
        let text = JSONText(.string(String(repeating: "x", count: 128)))
        return MicroOperation("publish 128 B, nobody subscribed") { count in
            for _ in 0..<count { exchange.publish("a-channel-of-some-length", text) }
        }
    }()

    private static let subscribe: MicroOperation = {
        let exchange = server.exchange
        return MicroOperation("subscribe and unsubscribe, program") { count in
            for _ in 0..<count { keep(exchange.subscribe("a-channel-of-some-length")) }
        }
    }()
}
