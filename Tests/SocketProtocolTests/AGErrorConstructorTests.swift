import SocketProtocol
import StrictJSON
import Testing

/// Each constructor against the exact text that the contract gives.
@Suite struct AGErrorConstructorTests {
    struct Row: Sendable, CustomStringConvertible {
        let error: AGError
        let text: String

        init(_ error: AGError, _ text: String) {
            self.error = error
            self.text = text
        }

        var description: String { text }
    }

    static let authentication: [Row] = [
        Row(
            .authTokenExpired(expiry: 1_767_225_600_000),
            #"{"message":"jwt expired","name":"AuthTokenExpiredError","expiry":"2026-01-01T00:00:00.000Z","isBadToken":true}"#
        ),
        Row(
            .socketAuthTokenExpired(expiry: 1_700_086_400),
            #"{"message":"The socket auth token has expired","name":"AuthTokenExpiredError","expiry":1700086400}"#
        ),
        Row(
            .authTokenInvalid("jwt malformed"),
            #"{"message":"jwt malformed","name":"AuthTokenInvalidError","isBadToken":true}"#
        ),
        Row(
            .authTokenNotBefore(date: 1_767_312_000_000),
            #"{"message":"jwt not active","name":"AuthTokenNotBeforeError","date":"2026-01-02T00:00:00.000Z","isBadToken":false}"#
        ),
        Row(.authToken("broken"), #"{"message":"broken","name":"AuthTokenError","isBadToken":true}"#),
        Row(
            .authToken("unavailable", isBadToken: false),
            #"{"message":"unavailable","name":"AuthTokenError","isBadToken":false}"#
        ),
        Row(.auth("no"), #"{"message":"no","name":"AuthError"}"#),
        Row(
            .authTokenDelivery(reason: "gone"),
            #"{"message":"Failed to deliver auth token to client - gone","name":"AuthError"}"#
        ),
        Row(
            .authTokenDeliveryUnconfirmed,
            #"{"message":"Failed to confirm delivery of auth token to client due to malformatted error response","name":"AuthError"}"#
        ),
    ]

    static let actions: [Row] = [
        Row(
            .silentMiddlewareBlocked(action: "publishIn", line: "inbound"),
            #"{"message":"The publishIn AGAction was blocked by inbound middleware","name":"SilentMiddlewareBlockedError","type":"inbound"}"#
        ),
        Row(.invalidAction("x"), #"{"message":"x","name":"InvalidActionError"}"#),
        Row(.handshakeMalformatted, #"{"message":"Handshake request was malformatted","name":"InvalidActionError"}"#),
        Row(
            .authenticateMalformatted,
            #"{"message":"Authenticate request was malformatted","name":"InvalidActionError"}"#
        ),
        Row(
            .subscribeMalformatted,
            #"{"message":"Subscribe channel name was malformatted","name":"InvalidActionError"}"#
        ),
        Row(
            .unsubscribeMalformatted,
            #"{"message":"Unsubscribe channel name was malformatted","name":"InvalidActionError"}"#
        ),
        Row(.publishMalformatted, #"{"message":"Publish channel name was malformatted","name":"InvalidActionError"}"#),
        Row(.publishDisabled, #"{"message":"Client publish feature is disabled","name":"InvalidActionError"}"#),
        Row(
            .subscribeBeforeHandshake,
            #"{"message":"Cannot subscribe socket to a channel before it has completed the handshake","name":"InvalidActionError"}"#
        ),
        Row(
            .setAuthTokenBeforeHandshake,
            #"{"message":"Cannot call setAuthToken before completing the handshake","name":"InvalidActionError"}"#
        ),
        Row(
            .actionSettled("invoke", outcome: "allowed", attempt: "block"),
            #"{"message":"AGAction invoke has already been allowed; cannot block","name":"InvalidActionError"}"#
        ),
        Row(.invalidArguments("x"), #"{"message":"x","name":"InvalidArgumentsError"}"#),
        Row(
            .algorithmChange,
            #"{"message":"Cannot change auth token algorithm at runtime - It must be specified as a config option on launch","name":"InvalidArgumentsError"}"#
        ),
        Row(.invalidOptions("x"), #"{"message":"x","name":"InvalidOptionsError"}"#),
        Row(.invalidMessage("x"), #"{"message":"x","name":"InvalidMessageError"}"#),
        Row(
            .authTokenMissing,
            #"{"message":"No token data provided by #setAuthToken event","name":"InvalidMessageError"}"#
        ),
        Row(.broker("x"), #"{"message":"x","name":"BrokerError"}"#),
        Row(
            .subscribeFailed(channel: "c", reason: .channelLimitExceeded(socketID: "s", limit: 9)),
            #"{"message":"Failed to subscribe socket to the c channel - InvalidActionError: Socket s tried to exceed the channel subscription limit of 9","name":"BrokerError"}"#
        ),
        Row(
            .unsubscribeFailed(channel: "c", reason: .notSubscribed(socketID: "s")),
            #"{"message":"Failed to unsubscribe socket from the c channel - InvalidActionError: Socket s tried to unsubscribe from a channel which it is not subscribed to","name":"BrokerError"}"#
        ),
    ]

    static let connection: [Row] = [
        Row(.socketProtocol("x", code: .abnormal), #"{"message":"x","name":"SocketProtocolError","code":1006}"#),
        Row(.serverProtocol("x"), #"{"message":"x","name":"ServerProtocolError"}"#),
        Row(
            .invalidOrigin("http://evil"),
            #"{"message":"Failed to authorize socket handshake - Invalid origin: http://evil","name":"ServerProtocolError"}"#
        ),
        Row(.httpServer("x"), #"{"message":"x","name":"HTTPServerError"}"#),
        Row(.resourceLimit("x"), #"{"message":"x","name":"ResourceLimitError"}"#),
        Row(.unknown("x"), #"{"message":"x","name":"UnknownError"}"#),
        Row(.processExit("x", code: 3), #"{"message":"x","name":"ProcessExitError","code":3}"#),
        Row(.timeout("x"), #"{"message":"x","name":"TimeoutError"}"#),
        Row(.responseTimeout(event: "e"), #"{"message":"Event response for e event timed out","name":"TimeoutError"}"#),
        Row(
            .callAborted(event: "e", type: .disconnect, reason: "r"),
            #"{"message":"Event e was aborted due to a bad connection","name":"BadConnectionError","type":"disconnect","code":1001,"reason":"r"}"#
        ),
        Row(
            .callAborted(event: "e", type: .connectAbort, code: .abnormal),
            #"{"message":"Event e was aborted due to a bad connection","name":"BadConnectionError","type":"connectAbort","code":1006}"#
        ),
        Row(
            .transmitAborted(event: "e"),
            #"{"message":"Socket transmit e event was aborted due to a bad connection","name":"BadConnectionError","type":"connectAbort"}"#
        ),
        Row(
            .invokeAborted(event: "e"),
            #"{"message":"Socket invoke e event was aborted due to a bad connection","name":"BadConnectionError","type":"connectAbort"}"#
        ),
    ]

    @Test(arguments: authentication + actions + connection)
    func hasTheContractsText(_ row: Row) throws {
        #expect(row.error.dehydrated().description == row.text)
        #expect(AGError.hydrate(from: try JSONValue(parsing: row.text)) == row.error)
    }

    /// Contract §12, first column.
    @Test func coversEveryName() {
        let names = Set((Self.authentication + Self.actions + Self.connection).compactMap(\.error.name))
        #expect(
            names == [
                "AuthTokenExpiredError", "AuthTokenInvalidError", "AuthTokenNotBeforeError", "AuthTokenError",
                "AuthError",
                "SilentMiddlewareBlockedError", "InvalidActionError", "InvalidArgumentsError", "InvalidOptionsError",
                "InvalidMessageError", "SocketProtocolError", "ServerProtocolError", "HTTPServerError",
                "ResourceLimitError",
                "UnknownError", "ProcessExitError", "TimeoutError", "BadConnectionError", "BrokerError",
            ]
        )
    }

    @Test func namesATokenThatIsNoString() {
        #expect(
            AGError.authTokenNotString.dehydrated().description
                == #"{"message":"Invalid token format - Token must be a string","name":"AuthTokenError","isBadToken":true}"#
        )
    }
}
