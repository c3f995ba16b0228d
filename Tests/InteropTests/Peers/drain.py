"""Connects clients, sends SIGTERM to the server (--pid) and sees each of them closed with 1001 and nothing accepted any
more. The caller checks the exit status of the server.
"""

import os
import signal
import socket as sockets
import time
import urllib.parse

from peer import check, equal, main, opened, token
import peer


@check
def sigterm_closes_every_socket_with_1001():
    clients = [opened(token() if number % 2 else None) for number in range(20)]
    url = urllib.parse.urlsplit(peer.options.url)
    silent = sockets.create_connection((url.hostname, url.port))
    for client in clients:
        client.send({"event": "echo", "data": "before", "cid": 9})
    for client in clients:
        client.expect({"rid": 9, "data": "before"})
    started = time.monotonic()
    os.kill(peer.options.pid, signal.SIGTERM)
    for client in clients:
        client.expect_close(1001)
    silent.settimeout(10)
    try:
        equal(silent.recv(100), b"", "a connection without a request is closed")
    except ConnectionResetError:
        pass
    try:
        sockets.create_connection((url.hostname, url.port), timeout=2).close()
        raise AssertionError("still accepting")
    except OSError:
        pass
    if time.monotonic() - started > 8:
        raise AssertionError(f"draining took {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
