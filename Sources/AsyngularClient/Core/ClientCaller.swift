import SocketProtocol
import StrictJSON

/// A task that waits for a call's end.
@safe
enum ClientCaller: Sendable {
    case call(UnsafeContinuation<Result<JSONText?, AGError>, Never>)
    case authentication(UnsafeContinuation<Result<AGAuthenticationStatus, AGError>, Never>)

    func finish(_ result: Result<JSONText?, AGError>) {
        switch self {
        case .call(let continuation): unsafe continuation.resume(returning: result)
        case .authentication: preconditionFailure("an authentication ends with its status")
        }
    }

    func finish(_ result: Result<AGAuthenticationStatus, AGError>) {
        switch self {
        case .call: preconditionFailure("a call ends with its answer")
        case .authentication(let continuation): unsafe continuation.resume(returning: result)
        }
    }
}
