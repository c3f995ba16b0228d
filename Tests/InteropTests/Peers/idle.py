"""Holds authenticated idle connections and measures what each costs the server (--pid) in proportional set size."""

import resource
import select
import socket as sockets
import time
import urllib.parse

from peer import check, main, token
import peer


def memory():
    with open(f"/proc/{peer.options.pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))


def handshaken(count):
    """Opens this many connections with a token in the handshake, a window of them at a time."""
    url = urllib.parse.urlsplit(peer.options.url)
    upgrade = (f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()
    packet = b'{"event":"#handshake","data":{"authToken":"%s"},"cid":1}' % token().encode()
    # A masked text frame with a mask of zero.
    first = upgrade + b"\x81\xfe" + len(packet).to_bytes(2, "big") + b"\0\0\0\0" + packet
    connections = []
    while len(connections) < count:
        window = []
        for _ in range(min(100, count - len(connections))):
            connection = sockets.create_connection((url.hostname, url.port), timeout=20)
            connection.sendall(first)
            window.append(connection)
        for connection in window:
            received = b""
            while b"\r\n\r\n" not in received or not received.endswith(b"}"):
                piece = connection.recv(4096)
                if not piece:
                    raise AssertionError(f"closed after {received[:200]!r}")
                received += piece
            if b'"isAuthenticated":true' not in received:
                raise AssertionError(f"not authenticated: {received!r}")
        connections += window
    return connections


@check
def memory_of_an_idle_connection():
    count = peer.options.count
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < count + 200:
        raise AssertionError(f"{count} connections need a hard RLIMIT_NOFILE above it; it is {hard}")
    # Code, pools and the verifier's contexts are there once; they are not the price of a connection.
    for connection in handshaken(100):
        connection.close()
    time.sleep(0.5)
    before = memory()
    connections = handshaken(count)
    time.sleep(0.5)
    each = (memory() - before) / count
    print(f"{count} authenticated idle connections: {each:.0f} bytes each", flush=True)
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    by_descriptor = {connection.fileno(): connection for connection in connections}
    for descriptor, _ in poll.poll(0):  # pings are fine
        if not by_descriptor[descriptor].recv(100):
            raise AssertionError("a connection was closed")
    for connection in connections:
        connection.close()
    if each > peer.options.limit:
        raise AssertionError(f"{each:.0f} bytes for each connection, limit {peer.options.limit}")
    deadline = time.monotonic() + 10
    while (kept := memory() - before) > count * peer.options.limit / 2 + (4 << 20):
        if time.monotonic() > deadline:
            raise AssertionError(f"{kept >> 10} KiB are kept after all have gone")
        time.sleep(0.2)


def arguments(parser):
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--limit", type=int, default=4096, help="bytes a connection may cost")


if __name__ == "__main__":
    main(arguments)
