extension Connection {
    /// Settings of a connection.
    public struct Options: Sendable {
        /// Buffered output in bytes above which ``Connection/isWritable`` becomes false. 256 KiB by default.
        public var highWaterMark = 256 * 1024
        /// Buffered output in bytes at or below which ``Connection/isWritable`` becomes true again. 64 KiB by default.
        public var lowWaterMark = 64 * 1024
        /// Buffered output in bytes above which the connection is aborted. 16 MiB by default.
        public var outputLimit = 16 * 1024 * 1024
        /// Whether small segments are sent at once (`TCP_NODELAY`). True by default.
        public var noDelay = true
        /// How long ``Connection/close()`` waits for the peer to end its side once all output is sent, and how long it
        /// waits without progress before that. 2 seconds by default; 0 does not wait for the peer's end.
        public var lingerTimeoutMilliseconds: UInt64 = 2000
        /// How long ``Connection/close()`` goes on sending output to a peer that takes it slowly. 30 seconds by default.
        public var flushTimeoutMilliseconds: UInt64 = 30_000

        /// The default settings.
        public init() {}
    }

    /// One copy of the options for all connections of a listener.
    @usableFromInline
    final class Settings: Sendable {
        let options: Options
        /// Output up to this size takes the inlined path.
        @usableFromInline let fastLimit: Int

        init(_ options: Options) {
            var options = options
            options.highWaterMark = max(options.highWaterMark, 0)
            options.lowWaterMark = min(max(options.lowWaterMark, 0), options.highWaterMark)
            options.outputLimit = max(options.outputLimit, options.highWaterMark)
            self.options = options
            fastLimit = options.highWaterMark
        }
    }
}
