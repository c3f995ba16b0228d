/// The requests of one connection, one after another: heads, then the bodies that the caller is willing to read.
///
/// A request is taken in full before the next one is looked at. After ``Event/head(_:)`` nothing is consumed until the
/// caller says what becomes of it: ``readBody(limits:)``, or no further call at all if the connection is upgraded or
/// closed. After ``Event/end`` nothing is consumed until ``beginNextRequest()``. So a caller that answers in between
/// answers in order, and what a client sends ahead of its turn stays bytes.
public struct HTTPRequestReader: Sendable {
    /// A part of a request.
    public enum Event: Sendable {
        /// The head; decide about it.
        case head(HTTPRequestHead)
        /// Content of the body, as offsets into the input.
        case content(Range<Int>)
        /// The request is complete.
        case end
    }

    private enum State: Sendable {
        case head
        /// What the head says of the body.
        case decision(isChunked: Bool, contentLength: Int?)
        case body(HTTPBodyDecoder)
        case complete
    }

    private var parser: HTTPRequestParser
    private var state = State.head

    /// Creates a reader for one connection.
    public init(limits: HTTPRequestParser.Limits = .init()) {
        parser = HTTPRequestParser(limits: limits)
    }

    /// Whether a request has begun and is not complete.
    public var isMidRequest: Bool {
        switch state {
        case .head: parser.isMidHead
        case .decision, .body: true
        case .complete: false
        }
    }

    /// Takes the next part of a request.
    ///
    /// - Parameters:
    ///   - input: received bytes.
    ///   - position: where to go on.
    /// - Returns: the part, or nil when more input or a decision is needed.
    /// - Throws: the response to send before closing: where the next request begins is not known.
    public mutating func next(_ input: RawSpan, at position: inout Int) throws(HTTPError) -> Event? {
        switch state {
        case .head:
            guard let head = try parser.receive(input, at: &position) else { return nil }
            state = .decision(isChunked: head.isChunked, contentLength: head.contentLength)
            return .head(head)
        case .body(var decoder):
            defer { if case .body = state { state = .body(decoder) } }
            switch try decoder.next(input, at: &position) {
            case .content(let range): return .content(range)
            case .end:
                state = .complete
                return .end
            case nil: return nil
            }
        case .decision, .complete: return nil
        }
    }

    /// The request whose head came last is read on, with or without a body.
    ///
    /// - Parameter limits: for the body.
    /// - Throws: 413 if the body announced is too large.
    public mutating func readBody(limits: HTTPBodyDecoder.Limits) throws(HTTPError) {
        guard case .decision(let isChunked, let contentLength) = state else { return }
        state = .body(try HTTPBodyDecoder(isChunked: isChunked, contentLength: contentLength, limits: limits))
    }

    /// The complete request has been answered.
    public mutating func beginNextRequest() {
        if case .complete = state { state = .head }
    }
}
