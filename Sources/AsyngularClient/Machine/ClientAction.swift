import SocketProtocol
import StrictJSON

/// What the machine wants done, in this order. `Caller` is whoever waits for a call.
enum ClientAction<Caller> {
    /// Open a WebSocket for this attempt; answered by `transportOpened` or `transportEnded`. There is no other one: it was closed or has
    /// ended.
    case dial(UInt32)
    /// Send a text message on the WebSocket of the present attempt.
    case send([UInt8])
    /// Close the WebSocket, or give the attempt up; nothing that comes from it counts any more.
    case close(code: UInt16, reason: String)
    /// Load the stored token; answered by `tokenLoaded` with this attempt's number.
    case loadToken(UInt32)
    /// Store a token; answered by `tokenSaved`. The store's operations happen in the order they are asked for.
    case saveToken(String)
    /// Remove the stored token; answered by `tokenRemoved`.
    case removeToken
    /// Ask the program for a newer token; answered by `tokenRefreshed`.
    case refreshToken(AGClientAuthToken)
    /// A call has come to its end.
    case finish(Caller, Result<JSONText?, AGError>)
    /// An `authenticate` has come to its end.
    case finishAuthentication(Caller, Result<AGAuthenticationStatus, AGError>)
    /// The server calls a procedure of this client; to be answered with `respond` and this attempt's number.
    case request(name: [UInt8], data: JSONText?, cid: [UInt8], attempt: UInt32)
    /// The server sent an event.
    case receive(name: [UInt8], data: JSONText?)
    /// A message of a channel.
    case publication(channel: [UInt8], data: JSONText?)
    /// Tell the listeners.
    indirect case emit(ClientEvent)
}
