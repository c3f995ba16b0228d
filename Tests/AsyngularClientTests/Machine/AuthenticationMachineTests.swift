import SocketProtocol
import Testing

@testable import AsyngularClient

/// An answer to `#authenticate` and what follows on the client's side (contract §9.3).
struct AuthenticateAnswer: Sendable, CustomTestStringConvertible {
    let name: String
    let answer: String
    /// What follows if the client was unauthenticated, and if it was authenticated with `OLD`.
    let lines: [String]
    let linesIfAuthenticated: [String]

    var testDescription: String { name }

    private static let won = ["authStateChange unauthenticated>authenticated T", "authenticate T"]
    private static let lost = ["authStateChange authenticated>unauthenticated", "deauthenticate OLD"]

    static let all: [AuthenticateAnswer] = [
        AuthenticateAnswer(
            name: "valid",
            answer: #""data":{"isAuthenticated":true,"authError":null}"#,
            lines: won + ["save T", "finish 1 isAuthenticated=true"],
            linesIfAuthenticated: ["authenticate T", "save T", "finish 1 isAuthenticated=true"]
        ),
        AuthenticateAnswer(
            name: "bad",
            answer: #""error":{"message":"jwt malformed","name":"AuthTokenInvalidError","isBadToken":true}"#,
            lines: ["finish 1 AuthTokenInvalidError: jwt malformed isBadToken=true"],
            linesIfAuthenticated: lost + ["finish 1 AuthTokenInvalidError: jwt malformed isBadToken=true"]
        ),
        AuthenticateAnswer(
            name: "not yet valid",
            answer:
                #""data":{"isAuthenticated":false,"authError":{"message":"jwt not active","name":"AuthTokenNotBeforeError","isBadToken":false}}"#,
            lines: [
                "save T", "finish 1 isAuthenticated=false AuthTokenNotBeforeError: jwt not active isBadToken=false",
            ],
            linesIfAuthenticated: lost + [
                "save T", "finish 1 isAuthenticated=false AuthTokenNotBeforeError: jwt not active isBadToken=false",
            ]
        ),
        AuthenticateAnswer(
            name: "blocked silently",
            answer:
                #""data":{"isAuthenticated":false,"authError":{"message":"no","name":"SilentMiddlewareBlockedError"}}"#,
            lines: ["save T", "finish 1 isAuthenticated=false SilentMiddlewareBlockedError: no"],
            linesIfAuthenticated: lost + [
                "save T", "finish 1 isAuthenticated=false SilentMiddlewareBlockedError: no",
            ]
        ),
        AuthenticateAnswer(
            name: "nothing said",
            answer: #""data":null"#,
            lines: won + ["save T", "finish 1 isAuthenticated=true"],
            linesIfAuthenticated: ["authenticate T", "save T", "finish 1 isAuthenticated=true"]
        ),
    ]
}

struct AuthenticationMachineTests {
    @Test(arguments: AuthenticateAnswer.all, [false, true])
    func `each answer has its effect`(answer: AuthenticateAnswer, wasAuthenticated: Bool) {
        let rig = MachineRig()
        rig.establish(token: wasAuthenticated ? "OLD" : nil)
        #expect(rig.authenticate("T") == [##"send {"event":"#authenticate","data":"T","cid":2}"##])
        let lines = rig.receive(#"{"rid":2,\#(answer.answer)}"#)
        #expect(lines == (wasAuthenticated ? answer.linesIfAuthenticated : answer.lines))
    }

    @Test
    func `a connection that fails says nothing about a token`() {
        let rig = MachineRig()
        rig.establish(token: "OLD")
        rig.authenticate("T")
        #expect(rig.advance(10_000) == ["finish 1 TimeoutError: Event response for #authenticate event timed out"])
        rig.authenticate("T")
        #expect(rig.end(1006).first?.hasPrefix("finish 2 BadConnectionError") == true)
        #expect(rig.machine.authState == .authenticated)
        #expect(rig.machine.authToken?.signed == "OLD")
    }

    @Test(arguments: [("", []), (#","cid":7"#, [#"send {"rid":7}"#])])
    func `a token from the server is taken at once and stored`(cid: String, answer: [String]) {
        let rig = MachineRig()
        rig.establish()
        rig.subscribe("later", AGSubscribeOptions(waitForAuth: true))
        let lines = rig.receive(##"{"event":"#setAuthToken","data":{"token":"T"}\##(cid)}"##)
        #expect(
            lines == [
                ##"send {"event":"#subscribe","data":{"channel":"later","waitForAuth":true},"cid":2}"##,
                "subscribeRequest later", "authStateChange unauthenticated>authenticated T", "authenticate T", "save T",
            ] + answer
        )
        // Another one changes no state.
        let second = rig.receive(##"{"event":"#setAuthToken","data":{"token":"U"}}"##)
        #expect(second == ["authenticate U", "save U"])
    }

    @Test(arguments: ["", #","data":null"#, #","data":{}"#, #","data":{"token":5}"#, #","data":"T""#])
    func `a message without a token authenticates nobody`(data: String) {
        let rig = MachineRig()
        rig.establish()
        #expect(rig.receive(##"{"event":"#setAuthToken"\##(data)}"##) == [])
        #expect(
            rig.receive(##"{"event":"#setAuthToken"\##(data),"cid":3}"##) == [
                #"send {"rid":3,"error":{"message":"No token data provided by #setAuthToken event","name":"InvalidMessageError"}}"#
            ]
        )
        #expect(rig.machine.authState == .unauthenticated)
    }

    @Test(arguments: [("", []), (#","cid":7"#, [#"send {"rid":7}"#])])
    func `the server takes the token away`(cid: String, answer: [String]) {
        let rig = MachineRig()
        rig.establish(token: "T")
        #expect(
            rig.receive(##"{"event":"#removeAuthToken"\##(cid)}"##) == [
                "remove", "authStateChange authenticated>unauthenticated", "deauthenticate T",
            ] + answer
        )
        #expect(rig.input { $0.tokenRemoved(.success("T"), &$1) } == ["removeAuthToken T"])
        // Once more changes nothing but the store.
        #expect(rig.receive(##"{"event":"#removeAuthToken"}"##) == ["remove"])
    }

    @Test
    func `the program gives its token up while open`() {
        let rig = MachineRig()
        rig.establish(token: "T")
        #expect(
            rig.input { $0.deauthenticate(&$1) } == [
                "remove", ##"send {"event":"#removeAuthToken"}"##, "authStateChange authenticated>unauthenticated",
                "deauthenticate T",
            ]
        )
    }

    @Test
    func `the program gives its token up while connecting`() {
        let rig = MachineRig()
        rig.establish(token: "T")
        rig.end(1006)
        rig.connect()
        #expect(
            rig.input { $0.deauthenticate(&$1) } == [
                "remove", "authStateChange authenticated>unauthenticated", "deauthenticate T",
            ]
        )
        #expect(rig.establish().last == ##"send {"event":"#removeAuthToken"}"##)
    }

    @Test
    func `the program gives its token up while closed`() {
        let rig = MachineRig()
        rig.establish(token: "T")
        rig.disconnect()
        #expect(
            rig.input { $0.deauthenticate(&$1) } == [
                "remove", "authStateChange authenticated>unauthenticated", "deauthenticate T",
            ]
        )
        #expect(rig.machine.state == .closed)
    }

    @Test
    func `failures of the store are errors and no more`() {
        let rig = MachineRig()
        rig.establish(token: "T")
        let error = AGError(name: "StorageError", message: "full")
        #expect(rig.input { $0.tokenSaved(error, &$1) } == ["error StorageError: full"])
        #expect(rig.input { $0.tokenSaved(nil, &$1) } == [])
        #expect(rig.input { $0.tokenRemoved(.failure(error), &$1) } == ["error StorageError: full"])
        #expect(rig.input { $0.tokenRemoved(.success(nil), &$1) } == ["removeAuthToken nil"])
        #expect(rig.machine.state == .open)
    }

    @Test
    func `the identity survives the connection until the next answer`() {
        let rig = MachineRig()
        rig.establish(token: "T")
        rig.end(1006)
        #expect(rig.machine.authState == .authenticated)
        rig.connect()
        rig.open()
        #expect(rig.machine.authState == .authenticated)
    }

    // MARK: Renewal

    private func renewing(exp: Int64 = 1_700_000_100) -> MachineRig {
        let rig = MachineRig {
            $0.authTokenRefresh = AGAuthTokenRefresh(leeway: 10_000) { _ in nil }
            $0.pingTimeoutDisabled = true
        }
        rig.establish(token: TestToken.make(#"{"exp":\#(exp)}"#))
        return rig
    }

    private func pass(_ milliseconds: UInt64, _ rig: MachineRig) -> [String] {
        rig.wallClock.change { $0 += Int64(milliseconds) }
        return rig.advance(milliseconds)
    }

    @Test
    func `a token is renewed before it expires`() {
        let rig = renewing()
        #expect(pass(89_999, rig) == [])
        #expect(pass(1, rig).first?.hasPrefix("refresh e30.") == true)
        #expect(rig.machine.nextDue == .max)
        let new = TestToken.make(#"{"exp":1700000200}"#)
        #expect(
            rig.input { $0.tokenRefreshed(.success(new), &$1) } == [
                ##"send {"event":"#authenticate","data":"\##(new)","cid":2}"##
            ]
        )
        #expect(
            rig.receive(#"{"rid":2,"data":{"isAuthenticated":true,"authError":null}}"#) == [
                "authenticate \(new)", "save \(new)",
            ]
        )
        #expect(pass(99_999, rig) == [])
        #expect(pass(1, rig) == ["refresh \(new)"])
    }

    @Test
    func `a renewal that fails is reported and tried again`() {
        let rig = renewing()
        _ = pass(90_000, rig)
        let error = AGError(message: "offline")
        #expect(rig.input { $0.tokenRefreshed(.failure(error), &$1) } == ["error offline"])
        #expect(pass(4999, rig) == [])
        #expect(pass(1, rig).count == 1)
        // Refused by the server: nobody waits, so it is an error.
        rig.input { $0.tokenRefreshed(.success("bad"), &$1) }
        #expect(
            rig.receive(#"{"rid":2,"error":{"message":"jwt malformed","name":"AuthTokenInvalidError"}}"#).suffix(1) == [
                "error AuthTokenInvalidError: jwt malformed"
            ]
        )
        #expect(rig.machine.refreshDue == .max)
    }

    @Test
    func `nothing is renewed without a connection`() {
        let rig = renewing()
        _ = pass(90_000, rig)
        rig.disconnect()
        #expect(rig.input { $0.tokenRefreshed(.success("T"), &$1) } == [])
        #expect(rig.machine.nextDue == .max)
    }

    @Test
    func `a clock that is set puts a renewal off`() {
        let rig = renewing()
        #expect(rig.advance(90_000) == [])
        #expect(rig.machine.nextDue == rig.turn.now + 90_000)
    }
}
