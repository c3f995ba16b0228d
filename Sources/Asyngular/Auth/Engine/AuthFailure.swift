import JSONWebToken
import SocketProtocol

/// Why a presented token is not accepted.
///
/// Its cases are boxed: a result that is none of them, as nearly all are, is a word or two to copy and to destroy.
indirect enum AuthFailure: Error {
    case token(TokenError)
    /// The error of a custom engine, as the peer sees it.
    case engine(AGError)
    case notText
    case missing

    /// The error that an ``AuthEngine`` threw.
    init(thrown error: any Error) {
        switch error {
        case let error as AuthEngineError: self = .engine(error.error)
        case let error as TokenError: self = .token(error)
        case let error as AGError: self = .engine(error)
        default: self = .unavailable
        }
    }

    /// Nobody could judge the token in time.
    static var unavailable: AuthFailure { .engine(.authToken("The token cannot be verified now", isBadToken: false)) }

    /// What the peer is told.
    var error: AGError {
        switch self {
        case .token(let error): AGError(error)
        case .engine(let error): error
        case .notText: .authTokenNotString
        case .missing: AGError(TokenError.notProvided)
        }
    }
}
