"""Plain HTTP on the WebSocket's port: the demo's routes, connections that are kept, what two parsers could read differently,
and the HTTP login: a token from `POST /login` in the handshake.

The server under test: --demo --handshake-timeout 3000.
"""

import contextlib
import http.client
import json
import socket as sockets
import time
import urllib.parse

import jwt

from peer import KEY, Socket, check, equal, main
import peer


def address():
    url = urllib.parse.urlsplit(peer.options.url)
    return url.hostname, url.port


@contextlib.contextmanager
def client():
    connection = http.client.HTTPConnection(*address(), timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def ask(connection, method, path, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def log_in(connection, username="alice", password="right"):
    body = json.dumps({"username": username, "password": password})
    return ask(connection, "POST", "/login", body, Content_Type="application/json")


@contextlib.contextmanager
def raw():
    connection = sockets.create_connection(address(), timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def read_all(connection):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            data += piece
    return data


@check
def login_over_http_then_authenticated_in_the_handshake():
    with client() as connection:
        status, headers, body = log_in(connection)
    equal(status, 200)
    equal(headers["Content-Type"], "application/json")
    equal(headers["Cache-Control"], "no-store")
    signed = json.loads(body)["token"]
    claims = jwt.decode(signed, KEY, algorithms=["HS256"])
    equal((claims["username"], claims["channels"]), ("alice", ["room/7"]))
    equal(claims["exp"] - claims["iat"], 86400)
    with Socket() as socket:
        equal(socket.handshake(signed)["isAuthenticated"], True)
        equal(socket.invoke("#subscribe", {"channel": "room/7"}), {"rid": socket.cid})
        equal(socket.invoke("#subscribe", {"channel": "room/8"})["error"]["name"], "AccessError")


@check
def wrong_credentials():
    with client() as connection:
        for username, password in (("alice", "wrong"), ("alice", ""), ("alice", "rightright"), ("bob", "right"),
                                   ("alice", ["right"]), (None, None)):
            status, headers, body = log_in(connection, username, password)
            equal((status, json.loads(body)), (401, {"error": "Invalid user credentials"}))
            equal(headers["WWW-Authenticate"].startswith("Bearer"), True)
        equal(log_in(connection)[0], 200, "the connection goes on")


@check
def login_takes_json_only():
    with client() as connection:
        good = '{"username":"alice","password":"right"}'
        for content_type, body, expected in (("text/plain", good, 415),
                                             ("application/x-www-form-urlencoded", "username=alice&password=right", 415),
                                             ("application/json", good[:-1], 400), ("application/json", "", 400),
                                             ("application/json", "[]", 401), ("application/json", good, 200)):
            equal(ask(connection, "POST", "/login", body, Content_Type=content_type)[0], expected, body)
        equal(ask(connection, "GET", "/login")[0], 405)
        status, headers, _ = ask(connection, "PUT", "/login")
        equal((status, headers["Allow"]), (405, "POST, OPTIONS"))


@check
def a_body_in_chunks():
    with client() as connection:
        pieces = (b'{"username":', b'"alice","password"', b':"right"}')
        connection.request("POST", "/login", iter(pieces), {"Content-Type": "application/json"}, encode_chunked=True)
        equal(connection.getresponse().status, 200)


@check
def too_large_a_body():
    with client() as connection:
        status, headers, _ = ask(connection, "POST", "/login", " " * 4097, Content_Type="application/json")
        equal((status, headers["Connection"]), (413, "close"))


@check
def the_page_and_its_files():
    with client() as connection:
        for path, content_type in (("/", "text/html; charset=utf-8"), ("/style.css", "text/css; charset=utf-8"),
                                   ("/client.js", "text/javascript; charset=utf-8"),
                                   ("/page.js", "text/javascript; charset=utf-8"), ("/icon.svg", "image/svg+xml"),
                                   ("/config.json", "application/json")):
            status, headers, body = ask(connection, "GET", path)
            equal((status, headers["Content-Type"]), (200, content_type), path)
            policy = headers["Content-Security-Policy"]
            equal("default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy, True, policy)
            equal(headers["X-Content-Type-Options"], "nosniff")
            equal(headers["Referrer-Policy"], "no-referrer")
            status, headers, nothing = ask(connection, "HEAD", path)
            equal((status, headers["Content-Length"], nothing), (200, str(len(body)), b""), path)
        page = ask(connection, "GET", "/")[2]
        equal(b"<style" in page or b"style=" in page or b"<script>" in page or b"onclick" in page, False, "inline code")


@check
def requests_sent_ahead_are_answered_in_order():
    request = "{} {} HTTP/1.1\r\nHost: a\r\n\r\n"
    paths = ["/health", "/nowhere", "/config.json", "/page.js"] * 20
    with raw() as connection:
        connection.sendall("".join(request.format("GET", path) for path in paths).encode())
        reader = connection.makefile("rb")
        for path in paths:
            status = reader.readline().split()[1]
            headers = http.client.parse_headers(reader)
            body = reader.read(int(headers["Content-Length"]))
            equal(status, b"404" if path == "/nowhere" else b"200", path)
            equal(body.startswith({"/health": b'{"status"', "/config.json": b'{"path"', "/page.js": b"//",
                                   "/nowhere": b"Not"}[path]), True, path)


@check
def a_websocket_behind_requests():
    url = urllib.parse.urlsplit(peer.options.url)
    with client() as connection:
        equal(ask(connection, "GET", "/health")[0], 200)
        socket = connection.sock
        upgrade = (f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()
        text = b'{"event":"#handshake","data":{},"cid":1}'
        socket.sendall(upgrade + bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text)
        data = b""
        while b'"isAuthenticated":false' not in data:
            piece = socket.recv(4096)
            equal(piece != b"", True, f"cut after {data!r}")
            data += piece
        equal(data.startswith(b"HTTP/1.1 101 "), True)


@check
def what_could_be_read_in_two_ways_is_refused():
    hidden = b"0\r\n\r\nGET /config.json HTTP/1.1\r\nHost: a\r\n\r\n"
    for fields, expected in (("Content-Length: 4\r\nTransfer-Encoding: chunked", b"400"),
                             ("Content-Length: 4\r\nContent-Length: 5", b"400"), ("Content-Length: 4,4", b"400"),
                             ("Content-Length: -1", b"400"), ("Content-Length : 4", b"400"),
                             ("Transfer-Encoding: chunked, gzip", b"501"), ("Transfer-Encoding: x", b"501"),
                             ("X: 1\nTransfer-Encoding: chunked", b"400"), ("X: 1\r\n Y: 2", b"400")):
        with raw() as connection:
            connection.sendall(f"POST /login HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n".encode() + hidden)
            answer = read_all(connection)
        equal(answer.split()[1], expected, fields)
        equal(answer.count(b"HTTP/1.1"), 1, fields)
    for chunks in (b"0\n\r\n", b"0 \r\n\r\n", b"1\r\nab\r\n", b"0x1\r\na\r\n", b"-1\r\n", b"1;\n\r\na\r\n0\r\n\r\n"):
        with raw() as connection:
            connection.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + hidden)
            answer = read_all(connection)
        equal(answer.split()[1], b"400", chunks)
        equal(answer.count(b"HTTP/1.1"), 1, chunks)


@check
def expectations():
    with raw() as connection:
        connection.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                           b"Expect: 100-continue\r\n\r\n")
        equal(connection.recv(4096), b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(b"{}")
        equal(connection.recv(4096).split()[1], b"401")
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n")
        equal(connection.recv(4096).split()[1], b"417")


@check
def a_head_that_dribbles_ends_at_its_deadline():
    with raw() as connection:
        started = time.monotonic()
        data = b""
        connection.settimeout(0.2)
        for byte in b"GET / HTTP/1.1\r\nHost: " + b"a" * 1000:
            try:
                connection.sendall(bytes((byte,)))
                data += connection.recv(4096)
                break
            except TimeoutError:
                pass
        equal(data.split()[1], b"408")
        equal(2 < time.monotonic() - started < 8, True, "three seconds")


@check
def http_1_0():
    with raw() as connection:
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        answer = read_all(connection)
        equal(b"Connection: close" in answer, True)
    with raw() as connection:
        connection.sendall(b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        equal(b"Connection: keep-alive" in connection.recv(4096), True)


if __name__ == "__main__":
    main()
