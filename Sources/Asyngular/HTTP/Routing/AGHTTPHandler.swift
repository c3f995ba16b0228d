/// Answers the requests of a route.
///
/// Each request has a task of its own, which prefers the connection's event loop as its executor: code that neither
/// blocks nor computes for long may run there; what does belongs on another executor. The task is cancelled when the
/// connection goes away or ``AGHTTPOptions/handlerTimeout`` has passed.
///
/// An ``AGHTTPError`` becomes the answer; any other error is answered 500 without details.
public typealias AGHTTPHandler = @Sendable (AGHTTPRequest) async throws -> AGHTTPResponse
