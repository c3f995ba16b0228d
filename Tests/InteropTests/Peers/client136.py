"""The third-party client `socketclusterclient` 1.3.6 (PyPI), unmodified: handshake with a token made by PyJWT, login,
subscribe, publish and RPC. It knows protocol version 2 only. The server under test: --demo --ping-interval 500.

The client registers an acknowledgement only after it has sent the call, so calls are made from its own thread, inside
its callbacks: each check is a generator that is resumed with the next thing that happened.
"""

import threading
import time

import jwt
from socketclusterclient import Socketcluster

from peer import KEY, TIMEOUT, check, equal, main, token
import peer


def drive(script, signed=None):
    """Connects a client and resumes `script(client)` with ("auth", flag), ("token", text), ("ack", name, error, data) and
    ("event", name, data) as they come, until the generator ends; then disconnects."""
    client = Socketcluster.socket(peer.options.url)
    if signed is not None:
        client.setAuthtoken(signed)
    generator = script(client)
    next(generator)
    failures = []
    finished = threading.Event()

    def resume(*happened):
        if finished.is_set():
            return
        try:
            generator.send(happened)
        except StopIteration:
            finished.set()
            client.disconnect()
        except Exception as error:  # the client swallows what callbacks raise
            failures.append(error)
            finished.set()
            client.disconnect()

    def failed(_, error):
        failures.append(error)
        finished.set()

    client.setBasicListener(None, None, failed)
    client.setAuthenticationListener(lambda _, text: resume("token", text), lambda _, flag: resume("auth", flag))
    client.acknowledge = lambda name, error, data: resume("ack", name, error, data)
    client.listen = lambda name: client.on(name, lambda event, data: resume("event", event, data))
    thread = threading.Thread(target=client.connect, daemon=True)
    thread.start()
    if not finished.wait(TIMEOUT):
        failures.append(TimeoutError("the client stands still"))
        client.disconnect()
    thread.join(TIMEOUT)
    if failures:
        raise failures[0]


@check
def handshake_without_token():
    def script(client):
        equal((yield), ("auth", False))
        equal(len(client.id), 20, "socket id")

    drive(script)


@check
def handshake_with_a_token_made_by_pyjwt():
    def script(client):
        equal((yield), ("auth", True))
        client.publishack("room/7", "hello", client.acknowledge)
        equal((yield), ("ack", "room/7", "", ""))

    for algorithm in ("HS256", "HS384", "HS512"):
        drive(script, token(algorithm=algorithm))


@check
def handshake_with_an_expired_token():
    def script(_):
        equal((yield), ("auth", False))

    drive(script, token(iat=1, exp=2))


@check
def login_subscribe_publish():
    def script(client):
        equal((yield), ("auth", False))
        client.emitack("login", {"username": "alice", "password": "wrong"}, client.acknowledge)
        kind, name, error, _ = yield
        equal((kind, name, error["name"]), ("ack", "login", "LoginError"))

        client.subscribeack("room/7", client.acknowledge)
        kind, name, error, _ = yield
        equal((kind, name, error["name"]), ("ack", "room/7", "AccessError"))

        client.emitack("login", {"username": "alice", "password": "right"}, client.acknowledge)
        equal((yield), ("ack", "login", "", ""))
        kind, signed = yield
        equal((kind, jwt.decode(signed, KEY, algorithms=["HS256"])["username"]), ("token", "alice"))

        client.subscribeack("room/7", client.acknowledge)
        equal((yield), ("ack", "room/7", "", ""))
        client.listen("room/7")
        client.publishack("room/7", {"text": "hi"}, client.acknowledge)
        happened = [(yield), (yield)]
        happened.sort()
        equal(happened, [("ack", "room/7", "", ""), ("event", "room/7", {"text": "hi"})])

        client.unsubscribeack("room/7", client.acknowledge)
        equal((yield), ("ack", "room/7", "", ""))

    drive(script)


@check
def calls():
    def script(client):
        equal((yield), ("auth", False))
        for value in ({"a": [1, 2.5, "é"]}, "text", 7, [], True):
            client.emitack("echo", value, client.acknowledge)
            equal((yield), ("ack", "echo", "", value))

    drive(script)


@check
def messages_of_another_client():
    received = []

    def subscriber(client):
        equal((yield), ("auth", True))
        client.listen("room/7")
        client.subscribeack("room/7", client.acknowledge)
        equal((yield), ("ack", "room/7", "", ""))
        subscribed.set()
        for _ in range(50):
            received.append((yield)[2])

    def publisher(client):
        equal((yield), ("auth", True))
        for number in range(50):
            client.publishack("room/7", number, client.acknowledge)
            equal((yield), ("ack", "room/7", "", ""))

    subscribed = threading.Event()
    thread = threading.Thread(target=drive, args=(subscriber, token()))
    thread.start()
    if not subscribed.wait(TIMEOUT):
        raise TimeoutError("not subscribed")
    drive(publisher, token())
    thread.join(TIMEOUT)
    equal(received, list(range(50)))


@check
def its_pongs_keep_it_connected():
    """Longer than the server's pong timeout (1500 ms)."""
    def script(client):
        equal((yield), ("auth", False))
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            client.emitack("echo", 1, client.acknowledge)
            equal((yield), ("ack", "echo", "", 1))
            time.sleep(0.1)

    drive(script)


if __name__ == "__main__":
    main()
