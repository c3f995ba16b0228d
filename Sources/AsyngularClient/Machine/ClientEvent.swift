import SocketProtocol

/// An event that the machine tells its listeners.
enum ClientEvent: Sendable {
    case connecting
    case connect(AGClientConnectStatus)
    case connectAbort(AGClientClosure)
    case disconnect(AGClientClosure)
    case close(AGClientClosure)
    case error(AGError)
    case authStateChange(AGClientAuthStateChange)
    case authenticate(AGClientAuthentication)
    case deauthenticate(AGClientDeauthentication)
    case removeAuthToken(AGAuthTokenRemoval)
    case subscribeRequest(AGChannelSubscription)
    case subscribe(AGChannelSubscription)
    case subscribeFail(AGChannelSubscribeFailure)
    case subscribeStateChange(AGChannelStateChange)
    case unsubscribe(String)
    case kickOut(AGChannelKickOut)
    case raw(AGClientMessage)
}
