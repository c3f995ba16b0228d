"""Drives the worked transcript of the SocketCluster protocol frame by frame with `websockets`, for protocol versions 1
and 2. The server under test: --demo --lazy-expiry --auth-expiry 2 --ping-interval 3000 --ping-timeout 9000.
"""

import re
import time

import jwt

from peer import KEY, Socket, check, equal, main, opened, token
import peer

ROOM = "room/7"
NOT_ALLOWED = {"message": "Not allowed on room/7", "name": "AccessError"}


@check
def worked_transcript():
    with Socket() as socket:
        socket.send({"event": "#handshake", "data": {"authToken": None}, "cid": 1})
        reply = socket.receive()
        first_id = reply["data"].pop("id")
        if not re.fullmatch(r"[A-Za-z0-9_-]{20}", first_id):
            raise AssertionError(f"socket id {first_id!r} is not 20 characters of URL-safe base64")
        equal(reply, {"rid": 1, "data": {"pingTimeout": 9000, "isAuthenticated": False}})

        socket.send({"event": "login", "data": {"username": "alice", "password": "wrong"}, "cid": 2})
        socket.expect({"rid": 2, "error": {"message": "Invalid user credentials", "name": "LoginError"}})

        # A lifetime of 2 s counts from the whole second: start early in one, to have most of it.
        while time.time() % 1 > 0.3:
            time.sleep(0.05)
        socket.send({"event": "login", "data": {"username": "alice", "password": "right"}, "cid": 3})
        socket.expect({"rid": 3})
        packet = socket.receive()
        signed = packet["data"]["token"]
        equal(packet, {"event": "#setAuthToken", "data": {"token": signed}})
        claims = jwt.decode(signed, KEY, algorithms=["HS256"])
        equal(claims, {"username": "alice", "channels": [ROOM], "iat": claims["iat"], "exp": claims["iat"] + 2})
        equal(jwt.get_unverified_header(signed), {"alg": "HS256", "typ": "JWT"})

        socket.send({"event": "#subscribe", "data": {"channel": ROOM, "waitForAuth": True}, "cid": 4})
        socket.expect({"rid": 4})
        socket.send({"event": "#publish", "data": {"channel": ROOM, "data": {"text": "hi"}}, "cid": 5})
        socket.expect({"event": "#publish", "data": {"channel": ROOM, "data": {"text": "hi"}}})
        socket.expect({"rid": 5})
        socket.connection.close(1000, "switching")
        equal(socket.connection.close_code, 1000)

    with Socket(answers_pings=False) as socket:
        socket.send({"event": "#handshake", "data": {"authToken": signed}, "cid": 6})
        reply = socket.receive()
        second_id = reply["data"].pop("id")
        equal(reply, {"rid": 6, "data": {"pingTimeout": 9000, "isAuthenticated": True}})
        if second_id == first_id:
            raise AssertionError("both sockets have the same id")
        socket.send({"event": "#subscribe", "data": {"channel": ROOM, "waitForAuth": True}, "cid": 7})
        socket.expect({"rid": 7})
        equal(socket.receive_text(), socket.ping)
        socket.send(socket.pong)
        socket.expect({"event": "#removeAuthToken"})
        with opened(token()) as other:
            other.send({"event": "#publish", "data": {"channel": ROOM, "data": "still here"}, "cid": 2})
            other.expect({"rid": 2})
        socket.expect({"event": "#publish", "data": {"channel": ROOM, "data": "still here"}})
        socket.send({"event": "#publish", "data": {"channel": ROOM, "data": {"text": "late"}}, "cid": 8})
        socket.expect({"rid": 8, "error": NOT_ALLOWED})
        socket.connection.close(1000)
        equal(socket.connection.close_code, 1000)


@check
def expired_token_in_handshake():
    with Socket() as socket:
        data = socket.handshake(token(iat=1767139200, exp=1767225600))
        data.pop("id")
        equal(data, {
            "pingTimeout": 9000,
            "authError": {
                "message": "jwt expired", "name": "AuthTokenExpiredError",
                "expiry": "2026-01-01T00:00:00.000Z", "isBadToken": True,
            },
            "isAuthenticated": False,
        })
        socket.expect({"event": "#removeAuthToken"})
        socket.expect_silence()


@check
def bad_tokens_in_handshake():
    good = token()
    head, body, signature = good.split(".")
    rows = [
        ("abc", "jwt malformed"),
        ("a.b", "jwt malformed"),
        (f"{head}.{body}.", "jwt signature is required"),
        (token(key="another key, long enough for HS256...."), "invalid signature"),
        (f"{head}.{body}.{signature[:-2]}AA", "invalid signature"),
        (jwt.encode({"username": "alice"}, None, algorithm="none"), "jwt signature is required"),
    ]
    for signed, message in rows:
        with Socket() as socket:
            data = socket.handshake(signed)
            equal(data.get("authError"), {"message": message, "name": "AuthTokenInvalidError", "isBadToken": True})
            equal(data["isAuthenticated"], False)
            socket.expect({"event": "#removeAuthToken"})
            equal(socket.invoke("echo", 1)["data"], 1)


@check
def no_token_in_handshake():
    for data in ({"data": {"authToken": None}}, {"data": {"authToken": ""}}, {"data": {}}, {"data": None}, {"data": 5}, {}):
        with Socket() as socket:
            socket.send({"event": "#handshake", "cid": 1, **data})
            reply = socket.receive()
            equal(reply["rid"], 1)
            equal(reply["data"]["isAuthenticated"], False)
            equal("authError" in reply["data"], False, "authError present")
            socket.expect_silence(0.05)


@check
def bad_token_at_run_time():
    with opened() as socket:
        socket.send({"event": "#authenticate", "data": "abc", "cid": 2})
        socket.expect({"rid": 2, "error": {
            "message": "jwt malformed", "name": "AuthTokenInvalidError", "isBadToken": True}})
        socket.expect({"event": "#removeAuthToken"})


@check
def bad_token_at_run_time_takes_the_old_identity_away():
    with opened(token()) as socket:
        socket.send({"event": "#authenticate", "data": "abc", "cid": 2})
        equal(socket.receive()["error"]["name"], "AuthTokenInvalidError")
        socket.expect({"event": "#removeAuthToken"})
        socket.send({"event": "#publish", "data": {"channel": ROOM}, "cid": 3})
        socket.expect({"rid": 3, "error": NOT_ALLOWED})


@check
def token_not_active_yet():
    future = 4070995200  # 2099-01-02
    with opened() as socket:
        socket.send({"event": "#authenticate", "data": token(nbf=future, exp=future + 60), "cid": 2})
        socket.expect({"rid": 2, "data": {"isAuthenticated": False, "authError": {
            "message": "jwt not active", "name": "AuthTokenNotBeforeError",
            "date": "2099-01-02T00:00:00.000Z", "isBadToken": False}}})
        socket.expect_silence()


@check
def authenticate_at_run_time():
    with opened() as socket:
        socket.send({"event": "#authenticate", "data": token(), "cid": 2})
        socket.expect({"rid": 2, "data": {"isAuthenticated": True, "authError": None}})
        socket.send({"event": "#publish", "data": {"channel": ROOM}, "cid": 3})
        socket.expect({"rid": 3})
        # Giving the token up is never answered, with or without a cid.
        socket.send({"event": "#removeAuthToken", "cid": 4})
        socket.send({"event": "#publish", "data": {"channel": ROOM}, "cid": 5})
        socket.expect({"rid": 5, "error": NOT_ALLOWED})


@check
def expiry_is_seen_by_an_inbound_event():
    expires = time.time() + 0.6  # a fraction is legal, and at the handshake the clock is taken in whole seconds
    with opened(token(exp=expires)) as socket:
        time.sleep(max(0, expires - time.time()) + 0.1)
        socket.send({"event": "#publish", "data": {"channel": ROOM}, "cid": 2})
        # The response may come before #removeAuthToken or after it.
        frames = [socket.receive(), socket.receive()]
        frames.sort(key=lambda frame: "event" in frame)
        equal(frames[0], {"rid": 2, "error": NOT_ALLOWED})
        equal(frames[1], {"event": "#removeAuthToken"})


@check
def pings_go_on():
    with opened() as socket:
        socket.answers_pings = False
        started = time.monotonic()
        for _ in range(2):
            equal(socket.receive_text(), socket.ping)
            socket.send(socket.pong)
        elapsed = time.monotonic() - started
        if elapsed < 4.5:  # how late they may be depends on the machine
            raise AssertionError(f"two pings of 3 s took only {elapsed:.1f} s")
        # The other version's texts are plain raw messages.
        socket.send("#2" if peer.options.protocol_version == 2 else "")
        equal(socket.invoke("echo", "alive")["data"], "alive")


if __name__ == "__main__":
    main()
