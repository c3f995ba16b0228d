"""Single exchanges of the SocketCluster contract with `websockets`: packets, reserved events, pub/sub, malformed input,
close codes. The server under test: --demo --handshake-timeout 1000 --ping-interval 1000 --ping-timeout 2500.
"""

import contextlib
import http.client
import json
import socket as sockets
import time
import urllib.parse

from websockets.exceptions import ConnectionClosed

from peer import Socket, check, equal, main, opened, token
import peer


@check
def echo_keeps_the_data_as_it_was():
    with opened() as socket:
        for value in (None, 0, -1, 1.5, 1e300, True, "", "é\u2028\"\\\u0000\U0001f600", [], {}, [[{"a": [None]}]]):
            equal(socket.invoke("echo", value), {"rid": socket.cid, "data": value})
        equal(socket.invoke("echo"), {"rid": socket.cid}, "absent data")
        # Escapes and spaces inside data are the application's: they come back equal, whatever their spelling.
        socket.send('{ "cid" : 900 , "data" : "\\u00e9\\/" , "event" : "\\u0065cho" }')
        socket.expect({"rid": 900, "data": "é/"})


@check
def any_number_is_a_cid():
    with opened() as socket:
        for text in ("0", "-7", "1.5", "9007199254740991", "1e3"):
            socket.send('{"event":"echo","data":1,"cid":%s}' % text)
            socket.expect({"rid": json.loads(text), "data": 1})


@check
def a_cid_of_another_type_makes_a_transmit():
    with opened() as socket:
        for text in ('"1"', "null", "true", "[1]", "{}"):
            socket.send('{"event":"echo","data":1,"cid":%s}' % text)
        socket.expect_silence()
        equal(socket.invoke("echo", "alive")["data"], "alive")


@check
def batches_are_handled_in_order():
    with Socket() as socket:
        packets = [{"event": "#handshake", "data": {"authToken": token()}, "cid": 1}]
        packets += [{"event": "echo", "data": n, "cid": n} for n in range(2, 40)]
        socket.send(packets)
        reply = socket.receive()
        equal((reply["rid"], reply["data"]["isAuthenticated"]), (1, True))
        for n in range(2, 40):
            socket.expect({"rid": n, "data": n})


@check
def frames_behind_the_handshake_are_answered_after_it():
    with Socket() as socket:
        socket.send({"event": "#handshake", "data": {"authToken": token()}, "cid": 1})
        for n in range(2, 20):
            socket.send({"event": "echo", "data": n, "cid": n})
        equal(socket.receive()["rid"], 1)
        for n in range(2, 20):
            socket.expect({"rid": n, "data": n})


@check
def a_binary_frame_may_carry_json():
    with opened() as socket:
        socket.send(b'{"event":"echo","data":"binary","cid":7}')
        socket.expect({"rid": 7, "data": "binary"})


@check
def raw_messages_change_nothing():
    with opened() as socket:
        for text in ("hello", "123", "null", '"x"', "{}", '{"event":5}', '{"rid":"1"}', "[]", '[1,"a",null]', "{", "[",
                     '{"event":"echo","cid":3', '{"event":"echo","cid":3}x', "{'event':'echo','cid':3}",
                     '{"event":"echo","cid":03}', '{"event":"echo","data":"\n","cid":3}', '{"rid":99,"data":1}',
                     '\ufeff{"event":"echo","cid":3}', "[" * 1000, '{"event":"echo","cid":NaN}'):
            socket.send(text)
        socket.expect_silence()
        equal(socket.invoke("echo", "alive")["data"], "alive")


@check
def strict_handshake():
    for first in ({"event": "echo", "data": 1, "cid": 1}, {"event": "#publish", "data": {"channel": "c"}}, "hello",
                  {"rid": 1}, [{"event": "echo", "cid": 2}], None):
        with Socket() as socket:
            socket.send(socket.pong if first is None else first)
            socket.expect_close(4009)
    with Socket() as socket:
        socket.send("[]")
        equal(socket.handshake()["isAuthenticated"], False)


@check
def nothing_is_processed_after_a_refusing_close():
    """Stock servers go on with the rest of the batch; an unhandshaken peer could publish that way."""
    with opened() as watcher:
        watcher.invoke("#subscribe", {"channel": "bypass"})
        publish = {"event": "#publish", "data": {"channel": "bypass", "data": "unhandshaken"}}
        for messages in ([["hello", publish]], ["hello", publish],
                         [[{"event": "#handshake", "data": {"authToken": None}}, publish]]):
            with Socket() as socket:
                with contextlib.suppress(ConnectionClosed):  # the server may have closed before the second message
                    for message in messages:
                        socket.send(message)
                socket.expect_close(4009 if "hello" in str(messages) else 4008)
        watcher.expect_silence()


@check
def malformed_handshake():
    for cid in ({}, {"cid": "1"}, {"cid": None}):
        with Socket() as socket:
            socket.send({"event": "#handshake", "data": {"authToken": None}, **cid})
            socket.expect_close(4008)


@check
def malformed_authenticate():
    with opened() as socket:
        socket.send({"event": "#authenticate", "data": token()})
        socket.expect_close(4008)


@check
def authenticate_with_something_else_than_a_token():
    for data in ({"data": None}, {"data": 5}, {"data": {"authToken": "x"}}, {}):
        with opened() as socket:
            socket.send({"event": "#authenticate", "cid": 2, **data})
            reply = socket.receive()
            equal((reply["rid"], reply["error"]["isBadToken"]), (2, True))
            socket.expect({"event": "#removeAuthToken"})


@check
def a_second_handshake_changes_nothing():
    with opened(token()) as socket:
        socket.invoke("#subscribe", {"channel": "twice"})
        socket.send({"event": "#handshake", "data": {"authToken": None}, "cid": 50})
        reply = socket.receive()
        equal(reply["rid"], 50)
        equal("error" in reply, True, "second handshake refused")
        equal(socket.invoke("echo", 1)["data"], 1)
        # Still authenticated, still subscribed.
        socket.cid = 60
        equal(socket.invoke("#publish", {"channel": "room/7", "data": 1}), {"rid": 61})
        socket.send({"event": "#publish", "data": {"channel": "twice", "data": 2}})
        socket.expect({"event": "#publish", "data": {"channel": "twice", "data": 2}})


@check
def publish_reaches_every_subscriber_in_order():
    subscribers = [opened() for _ in range(8)]
    try:
        for subscriber in subscribers:
            equal(subscriber.invoke("#subscribe", {"channel": "news"}), {"rid": subscriber.cid})
        with opened() as publisher:
            for n in range(200):
                publisher.send({"event": "#publish", "data": {"channel": "news", "data": n}})
            equal(publisher.invoke("echo", 1)["data"], 1)
            frames = [[subscriber.receive_text() for _ in range(200)] for subscriber in subscribers]
        equal([json.loads(text) for text in frames[0]],
              [{"event": "#publish", "data": {"channel": "news", "data": n}} for n in range(200)])
        for other in frames[1:]:
            equal(other, frames[0], "identical bytes for all")
    finally:
        for subscriber in subscribers:
            subscriber.connection.close()


@check
def publish_without_data_and_to_strange_channels():
    with opened() as socket:
        for channel in ("", "a b", "é/\"\\", "#publish", "x" * 500):
            equal(socket.invoke("#subscribe", {"channel": channel}), {"rid": socket.cid})
            socket.send({"event": "#publish", "data": {"channel": channel}})
            socket.expect({"event": "#publish", "data": {"channel": channel}})
            socket.send({"event": "#publish", "data": {"channel": channel, "data": None}})
            socket.expect({"event": "#publish", "data": {"channel": channel, "data": None}})
            equal(socket.invoke("#unsubscribe", channel), {"rid": socket.cid})
            socket.send({"event": "#publish", "data": {"channel": channel}})
        socket.expect_silence()


@check
def subscribing_again_is_answered_again():
    with opened() as socket:
        for _ in range(2):
            equal(socket.invoke("#subscribe", {"channel": "c"}), {"rid": socket.cid})
        socket.send({"event": "#publish", "data": {"channel": "c", "data": 1}})
        socket.expect({"event": "#publish", "data": {"channel": "c", "data": 1}})
        socket.expect_silence()


@check
def malformed_channel_events():
    rows = [("#subscribe", "Subscribe channel name was malformatted", [{"channel": 5}, {}, None, 5, [], "bare"]),
            ("#unsubscribe", "Unsubscribe channel name was malformatted", [5, None, {"channel": "c"}, []]),
            ("#publish", "Publish channel name was malformatted", [{"channel": 5}, {}, None, 5, [], "bare"])]
    with opened() as socket:
        for event, message, values in rows:
            for value in values:
                reply = socket.invoke(event, value)
                equal((reply["error"]["name"], reply["error"]["message"]), ("InvalidActionError", message), f"{event} {value}")
                socket.send({"event": event, "data": value})
        socket.expect_silence()


@check
def unsubscribing_from_an_unknown_channel():
    with Socket() as socket:
        identifier = socket.handshake()["id"]
        equal(socket.invoke("#unsubscribe", "nowhere")["error"], {
            "message": "Failed to unsubscribe socket from the nowhere channel - InvalidActionError: "
                       f"Socket {identifier} tried to unsubscribe from a channel which it is not subscribed to",
            "name": "BrokerError"})


@check
def subscribe_without_cid_subscribes_nothing():
    with opened() as socket:
        socket.send({"event": "#subscribe", "data": {"channel": "silent"}})
        socket.send({"event": "#publish", "data": {"channel": "silent", "data": 1}})
        socket.expect_silence()


@check
def unhandled_events_get_no_answer():
    with opened() as socket:
        socket.send({"event": "nobody", "data": 1})
        socket.send({"event": "#setAuthToken", "data": {"token": token()}})
        if peer.options.protocol_version == 2:  # version 1 clients mean a close by it
            socket.send({"event": "#disconnect", "data": {"code": 1000}})
        socket.expect_silence()
        equal(socket.invoke("echo", 1)["data"], 1)


@check
def handshake_timeout():
    with Socket() as socket:
        started = time.monotonic()
        socket.expect_close(4005)
        elapsed = time.monotonic() - started
        if not 0.7 < elapsed < 8:
            raise AssertionError(f"closed after {elapsed:.2f} s, expected about 1 s")


@check
def pong_timeout():
    with opened() as socket:
        socket.answers_pings = False
        started = time.monotonic()
        try:
            while True:
                equal(socket.receive_text(), socket.ping)
        except ConnectionClosed:
            socket.expect_close(4001)
        elapsed = time.monotonic() - started
        if not 2 < elapsed < 9:
            raise AssertionError(f"closed after {elapsed:.2f} s, expected about 2.5 s")


@check
def large_messages():
    with opened() as socket:
        for size in (125, 126, 127, 65535, 65536, 1 << 20, 5 << 20):
            value = "x" * size
            equal(socket.invoke("echo", value)["data"] == value, True, f"{size} bytes")


@check
def websocket_level_errors():
    rows = [("unmasked", b"\x81\x02hi", 1002), ("reserved bit", b"\xc1\x80\0\0\0\0", 1002),
            ("opcode 3", b"\x83\x80\0\0\0\0", 1002), ("long ping", b"\x89\xfe\x00\x7e\0\0\0\0" + b"x" * 126, 1002),
            ("stray continuation", b"\x80\x80\0\0\0\0", 1002), ("fragmented close", b"\x08\x80\0\0\0\0", 1002),
            ("invalid UTF-8", b"\x81\x82\0\0\0\0\xc3\x28", 1007), ("close 1005", b"\x88\x82\0\0\0\0\x03\xed", 1002),
            ("close of one byte", b"\x88\x81\0\0\0\0x", 1002), ("2^62 bytes", b"\x81\xff\x40" + b"\0" * 11, 1009)]
    for name, frame, code in rows:
        with opened() as socket:
            socket.connection.socket.sendall(frame)
            try:
                socket.expect_close(code)
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from None


@check
def closing_echoes_the_code():
    for code, reason in ((1000, ""), (4200, "bye"), (3000, "é" * 40)):
        socket = opened()
        socket.connection.close(code, reason)
        received = socket.connection.protocol.close_rcvd
        equal(received.code if received else None, code, "echoed close code")


def request(method, path, headers):
    """Sends an HTTP request and gives (status, headers, body)."""
    url = urllib.parse.urlsplit(peer.options.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=5)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read().decode()


UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


@check
def refused_upgrades():
    path = urllib.parse.urlsplit(peer.options.url).path
    without = lambda name: {key: value for key, value in UPGRADE.items() if key != name}
    rows = [("wrong path", "GET", path.rstrip("/"), UPGRADE, {400}), ("other path", "GET", "/nowhere/", UPGRADE, {400}),
            ("POST", "POST", path, UPGRADE, {405}), ("no key", "GET", path, without("Sec-WebSocket-Key"), {400}),
            ("short key", "GET", path, {**UPGRADE, "Sec-WebSocket-Key": "abc"}, {400}),
            ("version 12", "GET", path, {**UPGRADE, "Sec-WebSocket-Version": "12"}, {400, 426}),
            ("no upgrade", "GET", path, without("Upgrade"), {400, 404, 426}),
            ("other upgrade", "GET", path, {**UPGRADE, "Upgrade": "h2c"}, {400, 426})]
    for name, method, target, headers, statuses in rows:
        status, _, _ = request(method, target, headers)
        if status not in statuses:
            raise AssertionError(f"{name}: status {status}, expected {statuses}")
    # The query is not part of the path.
    with Socket(url=peer.options.url + "?a=1&b=x&b=y") as socket:
        equal(socket.handshake()["isAuthenticated"], False)


@check
def no_extension_is_accepted():
    url = urllib.parse.urlsplit(peer.options.url)
    with sockets.create_connection((url.hostname, url.port), timeout=5) as connection:
        head = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.items())
        connection.sendall(f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\n{head}"
                           "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(4096)
        head = answer.decode("latin-1").lower()
        equal(head.startswith("http/1.1 101 "), True, head)
        equal("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=" in head, True, "accept value")
        equal("sec-websocket-extensions" in head, False, "extension accepted")


if __name__ == "__main__":
    main()
