#!/usr/bin/env python3
"""Counts what a connection, and a call, cost the server: instructions, heap blocks and system calls.

Usage: server_counts.py SERVER THRESHOLDS.json [--update] [--connections N]

Instructions are callgrind's, of all threads of the server with one loop. They do not depend on what else the machine does,
but the kernel's are not among them, which is most of a connection: beside them stand the system calls (strace's) and how the
processor time of a run without tools divides into the program's own and the kernel's. Valgrind shows programs an instruction
set of its own (AVX2, no SHA extensions), so the hashing of a token counts more than it costs, about ten times; what is spent
in libcrypto is shown apart for that reason.

Fails if a row takes over 5 % more instructions than kept, or more heap blocks.
"""
import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

WINDOW = 32
SLACK, MARGIN = float(os.environ.get("COUNTS_SLACK", "1.05")), 50
PROCESSORS = os.sched_getaffinity(0)
MASK = b"\x3d\x21\xfa\x37"
PATH = "/socketcluster/"
HEAP = re.compile(r"^(malloc|calloc|realloc|posix_memalign|aligned_alloc|memalign)$")
# What valgrind up to 3.19 does to the mask of sigsuspend() is to write to it, and libdispatch's is a constant.
PRELOAD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
int sigsuspend(const sigset_t *mask) {
  sigset_t copy = *mask;
  return ((int (*)(const sigset_t *))dlsym(RTLD_NEXT, "sigsuspend"))(&copy);
}
"""


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Keys:
    """A secret, a key pair, and tokens of about 290 bytes."""

    def __init__(self, folder, server):
        self.secret = os.path.join(folder, "secret")
        self.private, self.public = os.path.join(folder, "private.pem"), os.path.join(folder, "public.pem")
        self.bytes = base64url(os.urandom(48))
        with open(self.secret, "wb") as file:
            file.write(self.bytes)
        for command in (
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.private],
            ["pkey", "-in", self.private, "-pubout", "-out", self.public],
        ):
            subprocess.run(["openssl"] + command, check=True, capture_output=True)
        self.server = server
        self.issued = 0

    def claims(self):
        self.issued += 1
        now = int(time.time())
        return json.dumps({
            "username": f"user{self.issued:08}", "sub": f"{self.issued:08}-8d5c-4f39-9f4f-3f0d9d1c6c56", "admin": False,
            "channels": ["news", "private-1"], "iat": now, "exp": now + 86400,
        })

    def hs256(self):
        text = base64url(b'{"alg":"HS256","typ":"JWT"}') + b"." + base64url(self.claims().encode())
        return (text + b"." + base64url(hmac.new(self.bytes, text, hashlib.sha256).digest())).decode()

    def es256(self):
        text = base64url(b'{"alg":"ES256","typ":"JWT"}') + b"." + base64url(self.claims().encode())
        command = ["openssl", "dgst", "-sha256", "-sign", self.private]
        der = subprocess.run(command, input=text, check=True, capture_output=True).stdout
        return (text + b"." + base64url(self.raw(der))).decode()

    @staticmethod
    def raw(der):
        """The two integers of an ECDSA signature as RFC 7518 §3.4 has them."""
        first = der[4 : 4 + der[3]]
        second = der[6 + der[3] :]
        return b"".join(int.from_bytes(number, "big").to_bytes(32, "big") for number in (first, second))

    def arguments(self, algorithm):
        if algorithm == "ES256":
            return ["--auth-private-key-file", self.private, "--auth-public-key-file", self.public, "--auth-algorithm", "ES256"]
        return ["--auth-key-file", self.secret]


class Client:
    """Drives the server in lockstep, so that every run of it does the same in the same turns."""

    def __init__(self, port):
        self.port = port
        # Connections that call.
        self.held = []
        self.upgrade = (
            f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()

    @staticmethod
    def frame(text):
        data = text.encode()
        head = bytes([0x81, 0x80 | len(data)]) if len(data) < 126 else b"\x81\xfe" + struct.pack(">H", len(data))
        key = (MASK * (len(data) // 4 + 1))[: len(data)]
        return head + MASK + bytes(a ^ b for a, b in zip(data, key))

    def handshake(self, token):
        return self.frame('{"event":"#handshake","data":{"authToken":%s},"cid":1}' % json.dumps(token))

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    @staticmethod
    def receive(connection, is_enough):
        data = b""
        while not is_enough(data):
            more = connection.recv(1 << 20)
            if not more:
                sys.exit("server_counts: the server closed a connection: " + repr(data[:200]))
            data += more
        return data

    @classmethod
    def open(cls, connections, requests, handshakes, is_authenticated):
        for connection, request in zip(connections, requests):
            connection.sendall(request)
        for connection in connections:
            head = cls.receive(connection, lambda data: b"\r\n\r\n" in data)
            if not head.startswith(b"HTTP/1.1 101"):
                sys.exit("server_counts: the upgrade was refused")
        for connection, handshake in zip(connections, handshakes):
            connection.sendall(handshake)
        for connection in connections:
            answer = cls.receive(connection, lambda data: data.endswith(b"}}"))
            if (b'"isAuthenticated":true' in answer) != is_authenticated:
                sys.exit("server_counts: unexpected answer to a handshake: " + repr(answer[:200]))

    def storm(self, tokens):
        """Connections that come, do their handshakes and go, some at a time."""
        for start in range(0, len(tokens), WINDOW):
            chunk = tokens[start : start + WINDOW]
            handshakes = [self.handshake(token) for token in chunk]
            connections = [self.connect() for _ in chunk]
            self.open(connections, [self.upgrade] * len(chunk), handshakes, chunk[0] is not None)
            for connection in connections:
                connection.close()

    def established(self, count):
        connections = [self.connect() for _ in range(count)]
        for connection in connections:
            self.open([connection], [self.upgrade], [self.handshake(None)], False)
        return connections

    def echo(self, connections, depth, rounds):
        calls = b"".join(
            self.frame('{"event":"echo","data":"%s","cid":%d}' % ("x" * 64, 10_000_000 + call)) for call in range(depth)
        )
        for _ in range(rounds):
            for connection in connections:
                connection.sendall(calls)
            for connection in connections:
                self.receive(connection, lambda data: data.count(b'"rid"') >= depth and data.endswith(b"}"))


class Run:
    """A server, bare or under a tool, that tells what each stage took."""

    def __init__(self, keys, algorithm, tool, folder):
        self.tool, self.dumps = tool, 0
        self.output = tempfile.mktemp(dir=folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [keys.server, "serve", "--host", "127.0.0.1", "--port", str(port), "--loops", "1"] + keys.arguments(algorithm)
        environment = dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1")
        if tool == "callgrind":
            command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.output}"] + command
            environment["LD_PRELOAD"] = f"{folder}/preload.so"
        elif tool == "strace":
            command = ["strace", "-f", "-o", self.output] + command
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            # Apart from this program, where there are two processors.
            preexec_fn=lambda: os.sched_setaffinity(0, {min(PROCESSORS)}),
        )
        line = self.process.stdout.readline()
        if not line.startswith(b"ready "):
            sys.exit(f"server_counts: the server did not start ({' '.join(command)})")
        self.client = Client(port)
        self.client.storm([None] * 2 * WINDOW)

    def stop(self):
        if self.tool == "strace":
            # strace itself would die of it, and leave the server.
            subprocess.run(["kill", str(self.pid())], check=False)
        else:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def pid(self):
        if self.tool != "strace":
            return self.process.pid
        return int(open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split()[0])

    def reading(self):
        if self.tool == "callgrind":
            self.dumps += 1
            subprocess.run(["callgrind_control", "-d", str(self.process.pid)], check=True, capture_output=True)
            return self.profile(f"{self.output}.{self.dumps}")
        if self.tool == "strace":
            text = open(self.output).read()
            return [len(re.findall(r"^\d+ +(?!\+\+\+|---|<\.\.\.)", text, re.M))]
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(") ", 1)[1].split()
        return [int(fields[11]), int(fields[12])]

    @classmethod
    def profile(cls, path):
        """Instructions and heap blocks since the last time."""
        text = open(path).read()
        names = dict(re.findall(r"^c?fn=\((\d+)\) (.*)$", text, re.M))
        blocks = 0
        for function, calls in re.findall(r"^cfn=\((\d+)\).*\ncalls=(\d+)", text, re.M):
            if HEAP.match(names.get(function, "")):
                blocks += int(calls)
        return [int(re.search(r"^(?:summary|totals): (\d+)", text, re.M)[1]), blocks, cls.cryptography(text)]

    @staticmethod
    def cryptography(text):
        """Instructions in libcrypto itself."""
        total, objects, current, is_call = 0, {}, None, False
        for line in text.splitlines():
            if line.startswith("ob="):
                number, name = re.match(r"ob=\((\d+)\)(?: (.*))?", line).groups()
                current = objects.setdefault(number, name or "")
            elif match := re.match(r"cob=\((\d+)\) (.*)", line):
                objects[match[1]] = match[2]
            elif line.startswith("calls="):
                is_call = True
            elif line and (line[0].isdigit() or line[0] in "+-*"):
                if not is_call and current and "libcrypto" in current:
                    total += int(line.split()[-1])
                is_call = False
        return total

    def measure(self, count, body):
        time.sleep(0.3)
        before = self.reading()
        body()
        # What connections leave behind is done by then.
        time.sleep(0.5)
        after = self.reading()
        if self.tool == "callgrind":
            return [value / count for value in after]
        return [(one - other) / count for one, other in zip(after, before)]


def rows(keys, count):
    """Name, algorithm of the server's key, operations, and what is done with a client: first a little, then all of it."""
    def storm(name, algorithm, tokens):
        return name, algorithm, len(tokens), lambda client: client.storm(tokens[:WINDOW]), lambda client: client.storm(tokens)

    def echo(depth):
        count16 = count // 16
        return (
            f"echo 64 B, depth {depth}", "HS256", count16 * 16 * depth,
            lambda client: client.echo(client.held, depth, 2), lambda client: client.echo(client.held, depth, count16),
        )

    one, other = keys.hs256(), keys.es256()
    yield storm("connection, no token", "HS256", [None] * count)
    yield storm("connection, HS256, one token", "HS256", [one] * count)
    yield storm("connection, HS256, unique tokens", "HS256", [keys.hs256() for _ in range(count)])
    yield echo(1)
    yield echo(16)
    # Remembered: the server has seen it before it is counted.
    yield storm("connection, ES256, one token (remembered)", "ES256", [other] * count)


def collect(keys, count, tool, folder):
    result, run, algorithm = {}, None, None
    try:
        for name, wanted, operations, warm, body in rows(keys, count):
            if wanted != algorithm:
                if run:
                    run.stop()
                run, algorithm = Run(keys, wanted, tool, folder), wanted
            if name.startswith("echo") and not run.client.held:
                run.client.held = run.client.established(16)
            warm(run.client)
            result[name] = run.measure(operations, lambda: body(run.client))
    finally:
        if run:
            run.stop()
    return result


def can_trace():
    """Whether there is strace, and it may trace; a container may forbid that."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


def main():
    os.sched_setaffinity(0, {max(PROCESSORS)})
    arguments = sys.argv[1:]
    server, path = arguments[:2]
    count = int(arguments[arguments.index("--connections") + 1]) if "--connections" in arguments else 320
    if not shutil.which("valgrind"):
        sys.exit("server_counts: valgrind is needed (Scripts/setup --bench)")
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "server")
        # Valgrind does not read the debugging information of Swift 6.3.
        subprocess.run(["strip", "--strip-debug", "-o", copy, server], check=True)
        source = os.path.join(folder, "preload.c")
        with open(source, "w") as file:
            file.write(PRELOAD)
        compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", f"{folder}/preload.so", source, "-ldl"], check=True)
        keys = Keys(folder, copy)
        counted = collect(keys, count, "callgrind", folder)
        calls = collect(keys, count, "strace", folder) if can_trace() else {}
        times = collect(keys, 2000 // WINDOW * WINDOW, None, folder)
    report(counted, calls, times, path, "--update" in arguments)


def report(counted, calls, times, path, is_update):
    now = {name: {"instructions": round(value[0]), "blocks": round(value[1], 1)} for name, value in counted.items()}
    if is_update:
        with open(path, "w") as file:
            json.dump(now, file, indent=2, sort_keys=True)
            file.write("\n")
    kept = json.load(open(path)) if os.path.exists(path) else {}
    tick = 1_000_000 / os.sysconf("SC_CLK_TCK")
    failures = 0
    heads = ("instructions", "kept", "in libcrypto", "blocks", "kept", "system calls", "own µs", "kernel µs")
    print(f"{'':44}" + "".join(f"{head:>14}" for head in heads))
    for name, value in now.items():
        old = kept.get(name, {"instructions": 0, "blocks": 0})
        cells = [f"{value['instructions']:,}", f"{old['instructions']:,}", f"{counted[name][2]:,.0f}"]
        cells += [f"{value['blocks']:g}", f"{old['blocks']:g}", f"{calls[name][0]:.2f}" if name in calls else "–"]
        cells += [f"{times[name][part] * tick:.1f}" for part in (0, 1)]
        line = f"{name:44}" + "".join(f"{cell:>14}" for cell in cells)
        if value["instructions"] > old["instructions"] * SLACK + MARGIN or value["blocks"] > old["blocks"] + 0.5:
            failures += 1
            line += "  MORE THAN KEPT" if name in kept else "  not kept: --update"
        print(line)
    print("Instructions are the program's own; the kernel's, most of a connection, are not counted.")
    tokens(counted)
    print(f"{len(now) - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)


def tokens(counted):
    """What a token takes of a connection, by count. What it costs is for the clock to say (`asyngular-bench auth-cost`):
    verification runs straight on, and its instructions take less time than those of a connection on the average."""
    base, base_crypto = counted["connection, no token"][0], counted["connection, no token"][2]
    for name in ("connection, HS256, one token", "connection, HS256, unique tokens"):
        print(
            f"{name}: {counted[name][0] - base:,.0f} instructions more,"
            f" {counted[name][2] - base_crypto:,.0f} of them in libcrypto"
        )


if __name__ == "__main__":
    main()
