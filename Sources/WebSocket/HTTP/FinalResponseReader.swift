/// Reads response heads up to the final one: interim ones (1xx) are passed over but for 101, which ends HTTP
/// (RFC 9110 §15.2).
struct FinalResponseReader: Sendable {
    enum Failure: Error, Sendable, Equatable {
        case invalidResponse(HTTPResponseError)
        case tooManyInterimResponses
    }

    /// The most interim responses passed over.
    static let maximumInterimResponses = 8

    private var parser: HTTPResponseParser
    private var interimResponses = 0

    init(limits: HTTPResponseParser.Limits) {
        parser = HTTPResponseParser(limits: limits)
    }

    /// Takes bytes up to the end of the final response's head.
    ///
    /// - Returns: the head, or nil when all of the input is consumed and more is needed.
    mutating func receive(_ input: RawSpan, at position: inout Int) throws(Failure) -> HTTPResponseHead? {
        while true {
            let head: HTTPResponseHead?
            do throws(HTTPResponseError) {
                head = try parser.receive(input, at: &position)
            } catch {
                throw .invalidResponse(error)
            }
            guard let head else { return nil }
            guard head.status < 200, head.status != 101 else { return head }
            interimResponses += 1
            guard interimResponses <= Self.maximumInterimResponses else { throw .tooManyInterimResponses }
        }
    }
}
