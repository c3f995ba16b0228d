import SocketProtocol

/// An asynchronous, single-pass sequence of events, requests or messages.
///
/// A stream starts to collect when it is made, not when it is first read, so nothing is lost between
/// `server.listener(.connection)` and the first turn of the loop that reads it. Its buffer is bounded
/// (option `streamBufferLimit` of the server and of the client, default 1,024 elements); what arrives while it is full is refused: a request
/// is answered with `ResourceLimitError`, an event is dropped and counted.
///
/// Dropping the stream and its iterators unregisters it. Cancelling the task that reads it ends it.
public struct AGStream<Element: Sendable>: AsyncSequence, Sendable {
    /// The streams do not fail.
    public typealias Failure = Never

    @usableFromInline let reader: Reader

    @inlinable
    package init(consumer: StreamConsumer<Element>, onRelease: @escaping @Sendable () -> Void) {
        reader = Reader(consumer: consumer, onRelease: onRelease)
    }

    /// Begins to read. All iterators of one stream share its elements.
    @inlinable
    public func makeAsyncIterator() -> Iterator {
        Iterator(reader: reader)
    }

    /// How many elements were refused because the buffer was full.
    public var dropped: UInt64 { reader.consumer.dropped }

    /// The next element.
    ///
    /// - Parameter timeout: how long to wait; `nil`, the default, waits for ever.
    /// - Throws: `AGError` named `TimeoutError` if no element came in time; `CancellationError` if the stream ended or
    ///   the task was cancelled.
    public func once(timeout: Duration? = nil) async throws -> Element {
        guard let timeout else {
            return try await nextOrThrow()
        }
        return try await withThrowingTaskGroup(of: Element.self) { group in
            group.addTask { try await self.nextOrThrow() }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw AGError.timeout("Stream consumer operation timed out early because no data arrived in time")
            }
            defer { group.cancelAll() }
            guard let element = try await group.next() else { throw CancellationError() }
            return element
        }
    }

    private func nextOrThrow() async throws -> Element {
        var iterator = makeAsyncIterator()
        guard let element = await iterator.next() else { throw CancellationError() }
        return element
    }

    /// Reads a stream; see ``AGStream``.
    ///
    /// Inlinable, as what it calls: unspecialised, each element costs a dozen look-ups of generic metadata.
    public struct Iterator: AsyncIteratorProtocol {
        @usableFromInline let reader: Reader

        @inlinable
        init(reader: Reader) {
            self.reader = reader
        }

        /// The next element, or nil once the stream has ended and its buffer is empty.
        @inlinable
        public mutating func next() async -> Element? {
            await reader.consumer.next(isolation: nil)
        }

        /// The next element, resuming on the caller's actor without a detour.
        @inlinable
        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            await reader.consumer.next(isolation: actor)
        }
    }

    @usableFromInline
    final class Reader: Sendable {
        @usableFromInline let consumer: StreamConsumer<Element>
        @usableFromInline let onRelease: @Sendable () -> Void

        @inlinable
        init(consumer: StreamConsumer<Element>, onRelease: @escaping @Sendable () -> Void) {
            self.consumer = consumer
            self.onRelease = onRelease
        }

        @inlinable
        deinit {
            onRelease()
        }
    }
}
