public import AsyngularSupport
import SocketProtocol
import StrictJSON
import Synchronization

/// A channel of a client (contract §7): an asynchronous sequence of the data published to it.
///
/// Each loop over a channel gets everything from its beginning on; the first loop over what ``AGClientSocket/subscribe(_:_:)`` answered also what
/// came between. Data that a publication lacks read as JSON's `null`. The sequence goes on over lost connections, and while the channel is not subscribed to;
/// it ends with the client. A reader that is too slow loses what its buffer (``AGClientOptions/streamBufferLimit``) cannot hold.
public struct AGChannel: AsyncSequence, Sendable {
    /// The data of one publication.
    public typealias Element = JSONText
    /// The sequence does not fail.
    public typealias Failure = Never

    /// The channel's name.
    public let name: String
    /// The client it belongs to.
    public let socket: AGClientSocket
    private let collected: Collected?

    init(name: String, socket: AGClientSocket, isCollecting: Bool) {
        self.name = name
        self.socket = socket
        collected = isCollecting ? Collected(Self.stream(name, socket)) : nil
    }

    private static func stream(_ name: String, _ socket: AGClientSocket) -> AGStream<JSONText> {
        socket.core.channelStreams.data(of: name, bufferLimit: socket.core.streamBufferLimit)
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        let stream = collected?.take() ?? Self.stream(name, socket)
        return Iterator(iterator: stream.makeAsyncIterator(), socket: socket)
    }

    /// Reads a channel; see ``AGChannel``.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var iterator: AGStream<JSONText>.Iterator
        /// A client that is listened to is in use.
        fileprivate let socket: AGClientSocket

        /// The data of the next publication, or nil once the client has ended or the task was cancelled.
        public mutating func next() async -> JSONText? {
            await iterator.next()
        }

        /// The data of the next publication, resuming on the caller's actor without a detour.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> JSONText? {
            await iterator.next(isolation: actor)
        }
    }

    /// A stream of this channel's events of one kind.
    public func listener<Payload>(_ event: AGChannelEvent<Payload>) -> AGStream<Payload> {
        socket.core.channelStreams.events(event, of: name, bufferLimit: socket.core.streamBufferLimit)
    }

    /// The next publication's data.
    ///
    /// - Parameter timeout: how long to wait; nil, the default, waits for ever.
    /// - Throws: `TimeoutError` if none came in time; `CancellationError` if the client ended or the task was cancelled.
    public func once(timeout: Duration? = nil) async throws -> JSONText {
        try await (collected?.take() ?? Self.stream(name, socket)).once(timeout: timeout)
    }

    /// What is between the client and the channel.
    public var state: AGChannelState {
        get async { await socket.channelState(name) }
    }

    /// Subscribes to the channel; see ``AGClientSocket/subscribe(_:_:)``.
    public func subscribe(_ options: AGSubscribeOptions = AGSubscribeOptions()) async {
        await socket.subscribe(name, options)
    }

    /// Leaves the channel; see ``AGClientSocket/unsubscribe(_:)``.
    public func unsubscribe() async {
        await socket.unsubscribe(name)
    }

    /// Publishes to the channel, without an answer.
    public func transmitPublish(_ data: JSONText? = nil) async {
        await socket.transmitPublish(name, data)
    }

    /// Publishes a value to the channel, without an answer.
    public func transmitPublish(_ value: JSONValue) async {
        await socket.transmitPublish(name, value)
    }

    /// Publishes to the channel and waits until the server has accepted it.
    ///
    /// - Throws: as ``AGClientSocket/invoke(_:_:ackTimeout:)``.
    public func invokePublish(_ data: JSONText? = nil, ackTimeout: Duration? = nil) async throws(AGError) {
        try await socket.invokePublish(name, data, ackTimeout: ackTimeout)
    }

    /// Publishes a value to the channel and waits until the server has accepted it.
    ///
    /// - Throws: as ``AGClientSocket/invoke(_:_:ackTimeout:)``.
    public func invokePublish(_ value: JSONValue, ackTimeout: Duration? = nil) async throws(AGError) {
        try await socket.invokePublish(name, value, ackTimeout: ackTimeout)
    }

    /// The stream that was there before anybody read it; the first reader gets it.
    private final class Collected: Sendable {
        private let stream: Mutex<AGStream<JSONText>?>

        init(_ stream: AGStream<JSONText>) {
            self.stream = Mutex(stream)
        }

        func take() -> AGStream<JSONText>? {
            stream.withLock { $0.take() }
        }
    }
}
