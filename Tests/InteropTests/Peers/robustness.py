"""Bad input from outside: each connection gets its answer or its close in bounded time, the server's memory returns to
where it was, and another socket keeps its latency meanwhile. Needs --pid. The server under test: --demo
--handshake-timeout 1000 --ping-interval 1000 --ping-timeout 3000.
"""

import contextlib
import json
import random
import select
import socket as sockets
import struct
import threading
import time
import urllib.parse

import jwt
from websockets.exceptions import ConnectionClosed

from peer import KEY, Socket, check, equal, main, opened, token
import peer

# A server that closes waits this long for the peer's close frame, after whatever deadline made it close.
CLOSE_TIMEOUT = 5.0
# Allocators and pools keep some memory; what an attack leaves behind must not exceed this.
KEPT_MEMORY = 12 << 20


def memory():
    """The server's proportional set size in bytes."""
    with open(f"/proc/{peer.options.pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no Pss line")


class Clock:
    """Sums up how long this process did not get to run: what the whole machine lost is not the server's fault."""

    def __init__(self):
        self.lost = 0.0
        threading.Thread(target=self.tick, daemon=True).start()

    def tick(self):
        last = time.monotonic()
        while True:
            time.sleep(0.01)
            now = time.monotonic()
            self.lost += max(0.0, now - last - 0.05)
            last = now


class Watched:
    """Around an attack: an echo every 20 ms on another socket, and the server's memory before and after."""

    clock = Clock()

    def __init__(self, bound_memory=True):
        # A sanitizer's quarantine and shadow make the memory figures meaningless.
        self.bound_memory = bound_memory and not peer.options.no_memory_bounds

    def __enter__(self):
        self.worst, self.failure, self.stopped = 0.0, None, threading.Event()
        self.socket = opened(token())
        self.before = memory()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def watch(self):
        try:
            while not self.stopped.wait(0.02):
                started, lost = time.monotonic(), self.clock.lost
                equal(self.socket.invoke("echo", "x")["data"], "x")
                self.worst = max(self.worst, time.monotonic() - started - (self.clock.lost - lost))
        except Exception as error:
            self.failure = error

    def __exit__(self, kind, *_):
        self.stopped.set()
        self.thread.join()
        self.socket.connection.close()
        if kind is not None:
            return
        if self.failure is not None:
            raise AssertionError(f"the other socket failed: {self.failure!r}")
        if self.worst > peer.options.longest_echo:
            raise AssertionError(f"another socket waited {self.worst:.2f} s for an echo")
        if not self.bound_memory:
            return
        deadline = time.monotonic() + 5
        while (grown := memory() - self.before) > KEPT_MEMORY:
            if time.monotonic() > deadline:
                raise AssertionError(f"memory grew by {grown >> 10} KiB and stays there")
            time.sleep(0.1)


def raw():
    """A TCP connection to the server."""
    url = urllib.parse.urlsplit(peer.options.url)
    connection = sockets.create_connection((url.hostname, url.port), timeout=10)
    connection.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
    return connection


def upgrade_request():
    url = urllib.parse.urlsplit(peer.options.url)
    return (f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()


def frame(payload, opcode=1, fin=True):
    """A masked frame (the mask is zero, which is legal)."""
    size = len(payload)
    head = bytes([opcode | (0x80 if fin else 0)])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 1 << 16:
        head += b"\xfe" + struct.pack(">H", size)
    else:
        head += b"\xff" + struct.pack(">Q", size)
    return head + b"\0\0\0\0" + payload


def upgraded():
    connection = raw()
    connection.sendall(upgrade_request())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        piece = connection.recv(4096)
        if not piece:
            raise AssertionError(f"closed during the upgrade: {answer!r}")
        answer += piece
    return connection


def send_all(connection, data):
    """Sends what the server takes; it may close in the middle."""
    try:
        connection.sendall(data)
    except (ConnectionError, sockets.timeout):
        pass


def read_to_end(connection, timeout=CLOSE_TIMEOUT + 4):
    """Reads until the server closes and gives what came; a connection still open at the timeout fails the check."""
    received = b""
    deadline = time.monotonic() + timeout
    while True:
        readable, _, _ = select.select([connection], [], [], max(0, deadline - time.monotonic()))
        if not readable:
            raise AssertionError(f"still open after {timeout} s; received {received[:80]!r}")
        try:
            piece = connection.recv(1 << 16)
        except ConnectionError:
            return received
        if not piece:
            return received
        received += piece


def all_end(connections, timeout=CLOSE_TIMEOUT + 4):
    """Every one of these connections must be closed by the server in time; gives what each received."""
    deadline = time.monotonic() + timeout
    return [read_to_end(connection, max(0.05, deadline - time.monotonic())) for connection in connections]


def close_all(connections):
    for connection in connections:
        connection.close()


@check
def warm_up():
    """Lets pools and caches reach their usual size, so that the next checks see what attacks leave behind."""
    for _ in range(3):
        connections = [upgraded() for _ in range(100)]
        close_all(connections)
    with opened(token()) as socket:
        equal(len(socket.invoke("echo", "x" * (2 << 20))["data"]), 2 << 20)


@check
def random_bytes():
    generator = random.Random(20260101)
    with Watched():
        for _ in range(4):
            connections = [raw() for _ in range(50)]
            for connection in connections:
                send_all(connection, generator.randbytes(generator.choice((1, 7, 64, 1000, 20000))))
                if generator.random() < 0.5:
                    with contextlib.suppress(OSError):  # already refused and reset
                        connection.shutdown(sockets.SHUT_WR)
            for answer in all_end(connections):
                if answer and not answer.startswith(b"HTTP/1.1 4") and not answer.startswith(b"HTTP/1.1 5"):
                    raise AssertionError(f"answered {answer[:80]!r}")
            close_all(connections)


@check
def random_bytes_after_the_upgrade():
    generator = random.Random(20260102)
    with Watched():
        connections = [upgraded() for _ in range(200)]
        for connection in connections:
            send_all(connection, generator.randbytes(generator.choice((1, 7, 64, 1000, 20000))))
        all_end(connections)
        close_all(connections)


@check
def random_frames_after_the_handshake():
    """Well-formed frames of random opcodes and sizes, and JSON cut and flipped at random."""
    generator = random.Random(20260103)
    packet = json.dumps({"event": "echo", "data": {"a": [1, "é", None]}, "cid": 5}).encode()
    with Watched():
        for _ in range(100):
            with opened() as socket:
                for _ in range(20):
                    mutated = bytearray(packet)
                    for _ in range(generator.randrange(4)):
                        mutated[generator.randrange(len(mutated))] = generator.randrange(32, 127)
                    send_all(socket.connection.socket, frame(bytes(mutated[:generator.randrange(len(mutated) + 1)])))
                send_all(socket.connection.socket, frame(generator.randbytes(40), generator.randrange(16)))


@check
def every_truncation_of_an_upgrade():
    request = upgrade_request()
    with Watched():
        # Ended by the peer: the server answers or closes at once. Left open: its deadline ends it.
        for ended in (True, False):
            connections = []
            for length in range(len(request)):
                connection = raw()
                connection.sendall(request[:length])
                if ended:
                    connection.shutdown(sockets.SHUT_WR)
                connections.append(connection)
            for answer in all_end(connections):
                if answer.startswith(b"HTTP/1.1 101"):
                    raise AssertionError("a truncated upgrade was accepted")
            close_all(connections)


@check
def every_truncation_of_a_frame_sequence():
    sequence = (frame(b'{"event":"#handshake","data":{"authToken":null},"cid":1}')
                + frame(b'{"event":"echo",', fin=False) + frame(b"", 9) + frame(b'"data":"\xc3\xa9","cid":2}', 0)
                + frame(b"\x03\xe8bye", 8))
    with Watched():
        for ended in (True, False):
            connections = []
            for length in range(len(sequence)):
                connection = upgraded()
                connection.sendall(sequence[:length])
                if ended:
                    connection.shutdown(sockets.SHUT_WR)
                connections.append(connection)
            # Those that completed the handshake live until their pongs are missed.
            all_end(connections, CLOSE_TIMEOUT + 6)
            close_all(connections)


@check
def one_mebibyte_of_headers():
    with Watched():
        for filler in (b"X-Filler: " + b"x" * (1 << 20) + b"\r\n", b"X-Filler: x\r\n" * 80000, b"X" * (1 << 20)):
            connections = [raw() for _ in range(4)]
            for connection in connections:
                send_all(connection, upgrade_request()[:-2] + filler + b"\r\n")
            for answer in all_end(connections):
                if answer and not answer.startswith(b"HTTP/1.1 4"):
                    raise AssertionError(f"answered {answer[:80]!r}")
            close_all(connections)
        connection = raw()
        send_all(connection, b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\n\r\n")
        answer = read_to_end(connection)
        if answer and not answer.startswith(b"HTTP/1.1 4"):
            raise AssertionError(f"answered {answer[:80]!r}")


@check
def a_token_of_one_mebibyte():
    big = jwt.encode({"username": "alice", "filler": "x" * (3 << 18)}, KEY, algorithm="HS256")
    with Watched():
        for signed in (big, "x" * (1 << 20), "." * (1 << 20), big[:-1]):
            with Socket() as socket:
                try:
                    data = socket.handshake(signed)
                except ConnectionClosed:
                    continue
                equal(data["isAuthenticated"], False, "authenticated by a token of 1 MiB")
                equal("authError" in data, True, "authError present")


@check
def json_100000_levels_deep():
    depth = 100_000
    texts = ["[" * depth, "[" * depth + "]" * depth, '{"a":' * depth, '{"a":' * depth + "1" + "}" * depth,
             '{"event":"echo","cid":77,"data":' + "[" * depth + "]" * depth + "}",
             '{"event":"#publish","data":{"channel":"deep","data":' + "[" * depth + "]" * depth + "}}",
             '[{"event":"echo","cid":77,"data":' + '{"a":' * depth + "0" + "}" * depth + "}]"]
    with Watched():
        for text in texts:
            with opened() as socket:
                socket.send(text)
                socket.send({"event": "echo", "data": "alive", "cid": 78})
                try:
                    reply = socket.receive()
                    if reply.get("rid") == 77 and "error" in reply:
                        reply = socket.receive()
                    equal(reply, {"rid": 78, "data": "alive"})
                except ConnectionClosed:
                    pass


@check
def long_numbers_and_strings():
    """Each is legal JSON: data comes back equal, a cid may be refused."""
    with Watched():
        with opened() as socket:
            digits = "9" * 100_000
            socket.send('{"event":"echo","data":%s,"cid":1000}' % digits)
            text = socket.receive_text()
            equal(text == '{"rid":1000,"data":%s}' % digits or '"error"' in text, True, text[:80])
            socket.send('{"event":"echo","data":1,"cid":%s}' % digits)
            socket.send('{"event":"%s","data":1,"cid":1001}' % ("e" * 1_000_000))
            socket.send({"event": "echo", "data": "alive", "cid": 1002})
            deadline = time.monotonic() + 10
            while True:
                text = socket.receive_text()
                if text == '{"rid":1002,"data":"alive"}':
                    break
                if time.monotonic() > deadline:
                    raise AssertionError("no answer")


@check
def one_byte_at_a_time():
    """Slow senders: at one byte every 100 ms the upgrade, and then the handshake, must meet the server's deadline (1 s),
    however steadily the bytes come."""
    handshake = frame(b'{"event":"#handshake","data":{"authToken":null},"cid":1}')
    with Watched():
        for make, data in ((raw, upgrade_request()), (upgraded, handshake)):
            connections = [make() for _ in range(20)]
            started = time.monotonic()
            alive = set(connections)
            for offset in range(len(data)):
                for connection in alive:
                    send_all(connection, data[offset:offset + 1])
                readable, _, _ = select.select(list(alive), [], [], 0)
                for connection in readable:
                    try:
                        ended = not connection.recv(4096)
                    except ConnectionError:
                        ended = True
                    if ended:
                        alive.discard(connection)
                elapsed = time.monotonic() - started
                if not alive or elapsed > CLOSE_TIMEOUT + 4:
                    break
                time.sleep(0.1)
            if alive:
                raise AssertionError(f"{len(alive)} slow senders still connected after {elapsed:.1f} s")
            if elapsed < 0.7:
                raise AssertionError(f"closed after {elapsed:.2f} s, before the deadline")
            close_all(connections)


@check
def bytes_one_by_one_but_in_time():
    """The same bytes in single-byte segments are as good as in one."""
    connection = raw()
    for byte in upgrade_request() + frame(b'{"event":"#handshake","data":{"authToken":null},"cid":1}'):
        connection.sendall(bytes([byte]))
    received = b""
    while b'"rid":1' not in received:
        piece = connection.recv(4096)
        equal(bool(piece), True, "closed")
        received += piece
    connection.close()


@check
def ping_flood():
    with Watched():
        connection = upgraded()
        connection.settimeout(5)
        flood = frame(b"x" * 100, 9) * 500
        stop = time.monotonic() + 2
        while time.monotonic() < stop:
            try:
                connection.sendall(flood)
            except (ConnectionError, sockets.timeout):
                break
        connection.close()


@check
def fragment_flood():
    """Fragments without end: refused by size or count, and empty ones count."""
    with Watched():
        for piece in (b"", b"x"):
            connection = upgraded()
            connection.settimeout(10)
            send_all(connection, frame(b'{"event":"#handshake","cid":1}'))
            send_all(connection, frame(b"x", 1, fin=False))
            flood = frame(piece, 0, fin=False) * 1000
            refused = False
            for _ in range(200):
                try:
                    connection.sendall(flood)
                except (ConnectionError, sockets.timeout):
                    refused = True
                    break
            if not refused:
                read_to_end(connection)
            connection.close()


@check
def a_reader_that_does_not_read():
    """Answers pile up until the server stops reading or gives the connection up; they must not pile up without limit."""
    with Watched():
        connection = upgraded()
        connection.settimeout(2)
        connection.sendall(frame(b'{"event":"#handshake","cid":1}'))
        request = frame(json.dumps({"event": "echo", "data": "x" * 60_000, "cid": 2}).encode())
        before, highest = memory(), 0
        stop = time.monotonic() + 5
        while time.monotonic() < stop:
            try:
                connection.sendall(request)
            except (ConnectionError, sockets.timeout):
                break
            highest = max(highest, memory() - before)
        connection.close()
        if highest > 64 << 20 and not peer.options.no_memory_bounds:
            raise AssertionError(f"memory grew by {highest >> 20} MiB behind a peer that does not read")


@check
def handshake_flood():
    """Good and bad tokens from many connections at once; each is answered."""
    signed = [token(), "abc", token(key="x" * 64), token(iat=1, exp=2), None]
    with Watched():
        for _ in range(4):
            connections = []
            for number in range(250):
                connection = raw()
                packet = {"event": "#handshake", "data": {"authToken": signed[number % len(signed)]}, "cid": 1}
                connection.sendall(upgrade_request() + frame(json.dumps(packet).encode()))
                connections.append(connection)
            for number, connection in enumerate(connections):
                received = b""
                while b'"rid":1' not in received:
                    piece = connection.recv(4096)
                    equal(bool(piece), True, "closed without an answer")
                    received += piece
                equal(b'"isAuthenticated":true' in received, number % len(signed) == 0, "authenticated")
            close_all(connections)


@check
def subscription_flood():
    with Watched():
        with opened() as socket:
            for number in range(5000):
                socket.send({"event": "#subscribe", "data": {"channel": f"flood/{number}"}, "cid": number + 10})
            for number in range(5000):
                reply = socket.receive()
                equal(reply.get("rid"), number + 10)


@check
def connections_that_come_and_go():
    """Opened and dropped at every stage, with FIN and with RST."""
    with Watched():
        for number in range(600):
            connection = (raw, upgraded)[number % 2]()
            if number % 3 == 0:
                connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
            if number % 4 == 0:
                send_all(connection, frame(b'{"event":"#handshake","data":{"authToken":"%s"},"cid":1}'
                                           % token().encode()))
            connection.close()


def arguments(parser):
    # The attacker, the watcher and the server share two cores, so this bounds stalls; it does not measure latency.
    parser.add_argument("--longest-echo", type=float, default=1.0,
                        help="seconds that another socket may wait for an echo while the server is attacked")
    parser.add_argument("--no-memory-bounds", action="store_true", help="do not bound memory (sanitizers)")


if __name__ == "__main__":
    main(arguments)
