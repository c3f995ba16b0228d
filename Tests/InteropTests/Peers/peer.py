"""What the peer scripts share: named checks, tokens made with PyJWT, and a thin SocketCluster client over `websockets`.

A script registers checks with `@check` and calls `main()`. It prints one `PASS name` or `FAIL name - reason` line for
each and `N passed, M failed` at the end; its exit status is 0 only if all passed.
"""

import argparse
import json
import os
import sys
import time
import traceback

import jwt
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

KEY = os.environ.get("ASYNGULAR_AUTH_KEY", "test-key-" + "0123456789abcdef" * 4)
TIMEOUT = 10.0

_checks = []
options = None


def check(function):
    """Registers a function without arguments as a check; its docstring, if any, is only for the reader."""
    _checks.append(function)
    return function


def main(add_arguments=lambda parser: None):
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("url", help="ws://127.0.0.1:PORT/socketcluster/")
    parser.add_argument("--protocol-version", type=int, default=2, choices=(1, 2))
    parser.add_argument("--pid", type=int, help="the server's process id, for checks that look at it or signal it")
    parser.add_argument("--only", action="append", help="run only the named check")
    add_arguments(parser)
    options = parser.parse_args()
    passed = failed = 0
    for function in _checks:
        if options.only and function.__name__ not in options.only:
            continue
        started = time.monotonic()
        try:
            function()
        except Exception as error:  # a peer script reports whatever went wrong and goes on
            failed += 1
            where = traceback.extract_tb(error.__traceback__)
            lines = [f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in where][-3:]
            print(f"FAIL {function.__name__} - {type(error).__name__}: {error} [{' '.join(lines)}]", flush=True)
        else:
            passed += 1
            print(f"PASS {function.__name__} ({time.monotonic() - started:.2f} s)", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def token(claims=None, key=KEY, algorithm="HS256", lifetime=3600, **extra):
    """A token as PyJWT makes it: the demo account's claims unless told otherwise."""
    payload = dict(claims if claims is not None else {"username": "alice", "channels": ["room/7"]})
    payload.setdefault("iat", int(time.time()))
    if lifetime is not None:
        payload.setdefault("exp", payload["iat"] + lifetime)
    payload.update(extra)
    return jwt.encode(payload, key, algorithm=algorithm)


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what + ': ' if what else ''}got {actual!r}, expected {expected!r}")


class Socket:
    """One WebSocket connection. Frames are shown to the check as they are, except that pings are answered (and counted)
    unless `answers_pings` is false."""

    def __init__(self, url=None, answers_pings=True, **arguments):
        self.ping, self.pong = ("#1", "#2") if options.protocol_version == 1 else ("", "")
        self.answers_pings = answers_pings
        self.pings = 0
        # `ping_interval=None`: no pings of the WebSocket protocol's own, only SocketCluster's.
        self.connection = connect(url or options.url, ping_interval=None, compression=None, proxy=None,
                                  max_size=None, **arguments)
        self.cid = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, value):
        """Sends a packet (any JSON value) or raw text."""
        self.connection.send(value if isinstance(value, (str, bytes)) else json.dumps(value))

    def receive_text(self, timeout=TIMEOUT):
        deadline = time.monotonic() + timeout
        while True:
            text = self.connection.recv(timeout=max(0, deadline - time.monotonic()))
            if text == self.ping and self.answers_pings:
                self.pings += 1
                self.connection.send(self.pong)
                continue
            return text

    def receive(self, timeout=TIMEOUT):
        text = self.receive_text(timeout)
        if not isinstance(text, str):
            raise AssertionError(f"a binary frame of {len(text)} bytes")
        return json.loads(text) if text[:1] in ("{", "[") else text

    def expect(self, packet, timeout=TIMEOUT):
        """The next frame must be this packet (key order does not matter)."""
        equal(self.receive(timeout), packet)

    def expect_silence(self, seconds=0.2):
        """Nothing but pings may come."""
        try:
            unexpected = self.receive(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"unexpected frame {unexpected!r}")

    def expect_close(self, code, reason=None, timeout=TIMEOUT):
        """The server must close with this code; other frames before it fail the check."""
        try:
            unexpected = self.receive(timeout)
        except ConnectionClosed as closed:
            received = closed.rcvd
            equal(received.code if received else 1006, code, "close code")
            if reason is not None:
                equal(received.reason, reason, "close reason")
            return
        raise AssertionError(f"got {unexpected!r}, expected a close with {code}")

    def invoke(self, event, *data):
        """Sends an RPC and gives its reply; only for checks where no other frame can come first."""
        self.cid += 1
        packet = {"event": event, "cid": self.cid}
        if data:
            packet["data"] = data[0]
        self.send(packet)
        reply = self.receive()
        equal(reply.get("rid") if isinstance(reply, dict) else reply, self.cid, "rid")
        return reply

    def handshake(self, signed=None):
        """Handshakes and gives the reply's data."""
        return self.invoke("#handshake", {"authToken": signed})["data"]

    def login(self):
        """Logs the demo account in; gives the token that the server set."""
        reply = self.invoke("login", {"username": "alice", "password": "right"})
        equal(reply.get("error"), None, "login error")
        packet = self.receive()
        equal(packet["event"], "#setAuthToken")
        return packet["data"]["token"]


def opened(signed=None, **arguments):
    """A socket that has completed its handshake."""
    socket = Socket(**arguments)
    try:
        socket.handshake(signed)
    except BaseException:
        socket.connection.close()
        raise
    return socket
