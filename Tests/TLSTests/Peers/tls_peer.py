"""Python's ssl module as a peer of the TLS layer.

    tls_peer.py serve FOLDER              servers, one for each way to behave; prints their ports as JSON
    tls_peer.py drive FOLDER PORT PORT    a client of an echo server and of one that wants certificates;
                                          prints PASS or FAIL for each check

FOLDER holds what make-certificates made.
"""

import json
import socket
import ssl
import struct
import sys
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
folder = sys.argv[2]


def path(name):
    return f"{folder}/{name}"


# MARK: servers


def server_context(certificate="server", version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path(f"{certificate}.pem"), path(f"{certificate}.key"))
    context.set_alpn_protocols(["http/1.1"])
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def echo(connection):
    while data := connection.recv(65536):
        connection.sendall(data)
    # The peer has said goodbye; so does this side.
    connection.unwrap().close()


def tls(context, body):
    def serve(raw):
        try:
            body(context.wrap_socket(raw, server_side=True))
        except (ssl.SSLError, OSError):
            raw.close()

    return serve


def demanding(context):
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(path("ca.pem"))
    return context


def old():
    context = server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def cut(connection):
    """Ends the stream without a close notification."""
    connection.sendall(connection.recv(100))
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection):
    connection.sendall(connection.recv(100))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def goodbye(connection):
    """Says goodbye first, with a last word."""
    connection.sendall(b"last")
    connection.unwrap().close()


def name(connection):
    connection.sendall(connection.context.names.pop().encode())
    connection.unwrap().close()


def naming():
    context = server_context()
    context.names = []
    context.sni_callback = lambda connection, name, _: context.names.append(name or "-")
    return context


def half_flight(raw):
    """Sends half of what a server says, and no more."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = server_context().wrap_bio(incoming, outgoing, server_side=True)
    while True:
        incoming.write(raw.recv(65536))
        try:
            connection.do_handshake()
        except ssl.SSLWantReadError:
            pass
        flight = outgoing.read()
        if flight:
            raw.sendall(flight[: len(flight) // 2])
            break
    raw.recv(1)


def plain(raw):
    raw.recv(65536)
    raw.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    raw.close()


def silent(raw):
    while raw.recv(65536):
        pass


def serve():
    behaviours = {
        "echo": tls(server_context(), echo),
        "echo12": tls(server_context(version=ssl.TLSVersion.TLSv1_2), echo),
        "rsa": tls(server_context("rsa"), echo),
        "stranger": tls(server_context("stranger"), echo),
        "demanding": tls(demanding(server_context()), echo),
        "old": tls(old(), echo),
        "cut": tls(server_context(), cut),
        "reset": tls(server_context(), reset),
        "goodbye": tls(server_context(), goodbye),
        "name": tls(naming(), name),
        "halfFlight": half_flight,
        "plain": plain,
        "silent": silent,
    }
    ports = {}
    for key, behaviour in behaviours.items():
        listener = socket.create_server(("127.0.0.1", 0))
        ports[key] = listener.getsockname()[1]

        def accept(listener=listener, behaviour=behaviour):
            while True:
                raw, _ = listener.accept()
                raw.settimeout(20)
                threading.Thread(target=behaviour, args=(raw,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
    print(json.dumps(ports), flush=True)
    threading.Event().wait()


# MARK: client


def client_context(certificate=None):
    context = ssl.create_default_context(cafile=path("ca.pem"))
    context.set_alpn_protocols(["http/1.1"])
    if certificate:
        context.load_cert_chain(path(f"{certificate}.pem"), path(f"{certificate}.key"))
    return context


def connect(context, port, session=None):
    raw = socket.create_connection(("127.0.0.1", port), timeout=20)
    return context.wrap_socket(raw, server_hostname="localhost", session=session)


def exchange(connection, data):
    # In pieces that the other side can hold, by one thread: Python's connections are not safe for two before 3.13.
    for start in range(0, len(data), 65536):
        piece = data[start : start + 65536]
        connection.sendall(piece)
        received = b""
        while len(received) < len(piece):
            received += connection.recv(65536) or (_ for _ in ()).throw(EOFError())
        assert received == piece, "other bytes came back"


def refused(action, *kinds):
    try:
        action()
    except kinds:
        return
    raise AssertionError("was not refused")


def drive(echo_port, demanding_port):
    versions = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

    def talk(version):
        context = client_context()
        context.minimum_version = context.maximum_version = versions[version]
        connection = connect(context, echo_port)
        assert connection.version() == f"TLSv{version}"
        assert connection.selected_alpn_protocol() == "http/1.1"
        exchange(connection, b"x")
        exchange(connection, bytes(range(256)) * 8192)
        return connection

    def resume(version):
        connection = talk(version)
        assert not connection.session_reused
        again = connect(connection.context, echo_port, session=connection.session)
        assert again.session_reused, "not resumed"
        exchange(again, b"again")
        again.unwrap().close()

    def farewell():
        connection = talk("1.3")
        # Returns only when the other side's notification has come.
        connection.unwrap().close()

    def old_version():
        context = client_context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        refused(lambda: connect(context, echo_port), ssl.SSLError)

    def plain_text():
        raw = socket.create_connection(("127.0.0.1", echo_port), timeout=20)
        raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        while data := raw.recv(65536):
            answer += data
        # An alert, and nothing that a browser would show.
        assert not answer or answer[0] == 21, answer

    def with_certificate():
        connection = connect(client_context("client"), demanding_port)
        exchange(connection, b"known")
        connection.unwrap().close()

    def without_certificate():
        def attempt():
            connection = connect(client_context(), demanding_port)
            exchange(connection, b"unknown")

        refused(attempt, ssl.SSLError, ConnectionError)

    def impostor():
        def attempt():
            exchange(connect(client_context("impostor"), demanding_port), b"unknown")

        refused(attempt, ssl.SSLError, ConnectionError)

    def cut_off():
        talk("1.3").shutdown(socket.SHUT_RDWR)

    checks = {
        "talk12": lambda: talk("1.2"),
        "talk13": lambda: talk("1.3"),
        "resume12": lambda: resume("1.2"),
        "resume13": lambda: resume("1.3"),
        "farewell": farewell,
        "oldVersion": old_version,
        "plainText": plain_text,
        "withCertificate": with_certificate,
        "withoutCertificate": without_certificate,
        "impostor": impostor,
        "cutOff": cut_off,
    }
    for key, check in checks.items():
        try:
            check()
            print(f"PASS {key}", flush=True)
        except Exception as error:
            print(f"FAIL {key} - {type(error).__name__}: {error}", flush=True)


if sys.argv[1] == "serve":
    serve()
else:
    drive(int(sys.argv[3]), int(sys.argv[4]))
