import SocketProtocol
import StrictJSON
import Testing

/// The packets of the contract's worked transcript (§21), byte for byte.
@Suite struct TranscriptTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func rid(_ number: Int, _ write: (RawSpan) -> [UInt8]) -> String {
        text(write(unsafe "\(number)".utf8.span.bytes))
    }

    @Test func handshakes() {
        #expect(
            text(PacketWriter.handshake(authToken: nil, cid: 1))
                == ##"{"event":"#handshake","data":{"authToken":null},"cid":1}"##
        )
        #expect(
            text(PacketWriter.handshake(authToken: "T1", cid: 6))
                == ##"{"event":"#handshake","data":{"authToken":"T1"},"cid":6}"##
        )
        let anonymous = rid(1) {
            PacketWriter.handshakeResponse(
                rid: $0,
                id: "SWsqySt8loZPNBEhAAAA",
                pingTimeout: 9000,
                isAuthenticated: false
            )
        }
        #expect(
            anonymous == #"{"rid":1,"data":{"id":"SWsqySt8loZPNBEhAAAA","pingTimeout":9000,"isAuthenticated":false}}"#
        )
        let known = rid(6) {
            PacketWriter.handshakeResponse(
                rid: $0,
                id: "fnH0i06Um7X1AsraAAAB",
                pingTimeout: 9000,
                isAuthenticated: true
            )
        }
        #expect(known == #"{"rid":6,"data":{"id":"fnH0i06Um7X1AsraAAAB","pingTimeout":9000,"isAuthenticated":true}}"#)
        let expired = rid(1) {
            PacketWriter.handshakeResponse(
                rid: $0,
                id: "x2HCAK6OMQdWE3rAAAAD",
                pingTimeout: 20000,
                isAuthenticated: false,
                authError: .authTokenExpired(expiry: 1_767_225_600_000)
            )
        }
        #expect(
            expired
                == #"{"rid":1,"data":{"id":"x2HCAK6OMQdWE3rAAAAD","pingTimeout":20000,"authError":{"message":"jwt expired","name":"AuthTokenExpiredError","expiry":"2026-01-01T00:00:00.000Z","isBadToken":true},"isAuthenticated":false}}"#
        )
        let refused = AGError(name: "PolicyError", message: "account suspended", properties: ["statusCode": 4501])
        #expect(
            rid(1) { PacketWriter.errorResponse(rid: $0, error: refused) }
                == #"{"rid":1,"error":{"message":"account suspended","name":"PolicyError","statusCode":4501}}"#
        )
    }

    @Test func logins() {
        let wrong = PacketWriter.invoke(
            event: "login",
            cid: 2,
            data: JSONText(["username": "alice", "password": "wrong"]),
            order: .client
        )
        #expect(text(wrong) == #"{"event":"login","data":{"username":"alice","password":"wrong"},"cid":2}"#)
        let error = AGError(name: "LoginError", message: "Invalid user credentials")
        #expect(
            rid(2) { PacketWriter.errorResponse(rid: $0, error: error) }
                == #"{"rid":2,"error":{"message":"Invalid user credentials","name":"LoginError"}}"#
        )
        #expect(rid(3) { PacketWriter.response(rid: $0) } == #"{"rid":3}"#)
        #expect(text(PacketWriter.setAuthToken("T1")) == ##"{"event":"#setAuthToken","data":{"token":"T1"}}"##)
        #expect(
            text(PacketWriter.setAuthToken("T2", cid: 1))
                == ##"{"event":"#setAuthToken","cid":1,"data":{"token":"T2"}}"##
        )
        #expect(text(PacketWriter.removeAuthToken()) == ##"{"event":"#removeAuthToken"}"##)
        #expect(text(PacketWriter.removeAuthToken(cid: 4)) == ##"{"event":"#removeAuthToken","cid":4}"##)
    }

    @Test func channels() {
        #expect(
            text(PacketWriter.subscribe(channel: "room/7", cid: 4, waitForAuth: true))
                == ##"{"event":"#subscribe","data":{"channel":"room/7","waitForAuth":true},"cid":4}"##
        )
        #expect(
            text(PacketWriter.subscribe(channel: "c", cid: 4, waitForAuth: true, data: ["a": 1]))
                == ##"{"event":"#subscribe","data":{"channel":"c","waitForAuth":true,"data":{"a":1}},"cid":4}"##
        )
        #expect(
            text(PacketWriter.subscribe(channel: "c", cid: 4))
                == ##"{"event":"#subscribe","data":{"channel":"c"},"cid":4}"##
        )
        #expect(
            text(PacketWriter.publish(channel: "room/7", data: ["text": "hi"], cid: 5))
                == ##"{"event":"#publish","data":{"channel":"room/7","data":{"text":"hi"}},"cid":5}"##
        )
        #expect(
            text(PacketWriter.publish(channel: "room/7", data: JSONText(["text": "hi"])))
                == ##"{"event":"#publish","data":{"channel":"room/7","data":{"text":"hi"}}}"##
        )
        #expect(text(PacketWriter.unsubscribe(channel: "c")) == ##"{"event":"#unsubscribe","data":"c"}"##)
        #expect(
            text(PacketWriter.kickOut(channel: "c", message: "out"))
                == ##"{"event":"#kickOut","data":{"channel":"c","message":"out"}}"##
        )
        #expect(text(PacketWriter.kickOut(channel: "c")) == ##"{"event":"#kickOut","data":{"channel":"c"}}"##)
    }

    @Test func authentications() {
        #expect(text(PacketWriter.authenticate("abc", cid: 2)) == ##"{"event":"#authenticate","data":"abc","cid":2}"##)
        #expect(
            rid(2) { PacketWriter.errorResponse(rid: $0, error: AGError.authTokenInvalid("jwt malformed")) }
                == #"{"rid":2,"error":{"message":"jwt malformed","name":"AuthTokenInvalidError","isBadToken":true}}"#
        )
        let early = rid(2) {
            PacketWriter.authenticateResponse(
                rid: $0,
                isAuthenticated: false,
                authError: .authTokenNotBefore(date: 1_767_312_000_000)
            )
        }
        #expect(
            early
                == #"{"rid":2,"data":{"isAuthenticated":false,"authError":{"message":"jwt not active","name":"AuthTokenNotBeforeError","date":"2026-01-02T00:00:00.000Z","isBadToken":false}}}"#
        )
        #expect(
            rid(2) { PacketWriter.authenticateResponse(rid: $0, isAuthenticated: true) }
                == #"{"rid":2,"data":{"isAuthenticated":true,"authError":null}}"#
        )
    }
}
