import AsyngularSupport
import EventLoop
import SocketProtocol

extension AGClientSocket {
    /// Presents a token to the server (contract §9.3), and stores it unless the server calls it bad.
    ///
    /// - Parameter signedAuthToken: the token as it was signed.
    /// - Returns: whether it was accepted; if not, why. It stays stored then: it may be accepted by a later handshake.
    /// - Throws: the server's error if the token is bad, after which the client is unauthenticated; `TimeoutError` and `BadConnectionError`,
    ///   which change nothing; `AbortError` if the task is cancelled, although the server's answer still counts.
    @discardableResult
    public func authenticate(_ signedAuthToken: String) async throws(AGError) -> AGAuthenticationStatus {
        let id = core.nextCall()
        let result: Result<AGAuthenticationStatus, AGError> = await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    let error = AGError.cancelled(event: ReservedEvent.authenticate.rawValue)
                    unsafe continuation.resume(returning: .failure(error))
                    return
                }
                let caller = unsafe ClientCaller.authentication(continuation)
                core.perform { $0.authenticate(id, caller, token: signedAuthToken, &$1) }
            }
        } onCancel: {
            core.abandon(id)
        }
        return try result.get()
    }

    /// Gives the identity up: the stored token is removed, and the server told if there is a connection (contract §9.5).
    public func deauthenticate() {
        core.perform { $0.deauthenticate(&$1) }
    }
}
