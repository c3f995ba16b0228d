"""Presents tokens with the upgrade request, by `websockets`: as bearer, cookie and subprotocol.

The server under test: --upgrade-bearer --upgrade-cookie session --upgrade-subprotocol bearer. --origins app.test:*
"""

import json

import websockets
from websockets.sync.client import connect

from peer import check, equal, main, token
import peer

ORIGIN = "http://app.test:8080"


def opened(**options):
    headers = {"Origin": ORIGIN, **options.pop("additional_headers", {})}
    return connect(peer.options.url, additional_headers=headers, open_timeout=10, **options)


def handshake(socket):
    socket.send('{"event":"#handshake","data":{"authToken":null},"cid":1}')
    return json.loads(socket.recv(timeout=10))["data"]


def places(signed):
    yield {"additional_headers": {"Authorization": f"Bearer {signed}"}}
    yield {"additional_headers": {"Cookie": f"theme=dark; session={signed}"}}
    yield {"subprotocols": ["asyngular", f"bearer.{signed}"]}


@check
def good_tokens_authenticate():
    for options in places(token()):
        with opened(**options) as socket:
            equal(handshake(socket)["isAuthenticated"], True, str(list(options)))
            equal(socket.subprotocol, "asyngular" if "subprotocols" in options else None)


@check
def bad_tokens_are_refused_before_the_upgrade():
    for options in places(token(key="some other key that is long enough")):
        try:
            opened(**options).close()
        except websockets.exceptions.InvalidStatus as error:
            equal(error.response.status_code, 401)
            equal(error.response.body, b"invalid signature")
        else:
            raise AssertionError("a forged token was upgraded")


@check
def without_a_token_nothing_changes():
    with opened() as socket:
        equal(handshake(socket)["isAuthenticated"], False)


if __name__ == "__main__":
    main()
