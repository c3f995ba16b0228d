import SocketProtocol
import StrictJSON
import Testing

@Suite struct CloseCodeTests {
    static let table: [(CloseCode, UInt16, String)] = [
        (.normal, 1000, "Socket closed normally"), (.goingAway, 1001, "Socket was disconnected"),
        (.protocolError, 1002, "A WebSocket protocol error was encountered"),
        (.unsupportedData, 1003, "Server terminated socket because it received invalid data"),
        (.noStatus, 1005, "Socket closed without status code"), (.abnormal, 1006, "Socket hung up"),
        (.invalidPayload, 1007, "Message format was incorrect"),
        (.policyViolation, 1008, "Encountered a policy violation"),
        (.messageTooBig, 1009, "Message was too big to process"),
        (
            .mandatoryExtension, 1010,
            "Client ended the connection because the server did not comply with extension requirements"
        ),
        (.internalError, 1011, "Server encountered an unexpected fatal condition"),
        (.pingTimeout, 4000, "Server ping timed out"), (.pongTimeout, 4001, "Client pong timed out"),
        (.authTokenSigningFailed, 4002, "Server failed to sign auth token"),
        (.handshakeFailed, 4003, "Failed to complete handshake"),
        (.authTokenSavingFailed, 4004, "Client failed to save auth token"),
        (.handshakeTimeout, 4005, "Did not receive #handshake from client before timeout"),
        (.brokerBindingFailed, 4006, "Failed to bind socket to message broker"),
        (.connectTimeout, 4007, "Client connection establishment timed out"),
        (.handshakeRejected, 4008, "Server rejected handshake from client"),
        (.messageBeforeHandshake, 4009, "Server received a message before the client handshake"),
    ]

    @Test(arguments: table)
    func hasItsNumberAndText(_ code: CloseCode, _ number: UInt16, _ text: String) {
        #expect(code.rawValue == number)
        #expect(code.defaultReason == text)
        #expect(code.isIgnored == (number == 1000 || number == 1001))
        let error = code.error(reason: "given")
        guard !code.isIgnored else {
            #expect(error == nil)
            return
        }
        #expect(error?.description == "SocketProtocolError: \(text)")
        #expect(error?.properties == ["code": .integer(Int64(number))])
    }

    @Test func describesOtherCodes() {
        let code = CloseCode(rawValue: 4501)
        #expect(code.defaultReason == nil)
        #expect(code.error()?.message == "Socket connection closed with status code 4501")
        #expect(code.error(reason: "")?.message == "Socket connection closed with status code 4501")
        #expect(
            code.error(reason: "kicked")?.message
                == "Socket connection closed with status code 4501 and reason: kicked"
        )
    }
}
