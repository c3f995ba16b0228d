"""Many connections at once, each with a token in its handshake."""

import socket as sockets
import urllib.parse

from peer import token
import peer


def handshaken(count, signed=None):
    """Opens this many connections with a token in the handshake, a window of them at a time."""
    url = urllib.parse.urlsplit(peer.options.url)
    upgrade = (f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()
    packet = b'{"event":"#handshake","data":{"authToken":"%s"},"cid":1}' % (signed or token()).encode()
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
