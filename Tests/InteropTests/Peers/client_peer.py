"""A server that speaks the client's protocol well, badly, or only in part.

    client_peer.py SCENARIO [FOLDER]      FOLDER: certificates, for wss

Prints PORT and its number, then PASS when the scenario has gone through, or FAIL and the reason.
"""

import asyncio
import base64
import json
import ssl
import sys
import time
from collections import Counter

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

connections = 0
calls = []
visits = Counter()


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


TOKEN = f"{part({'alg': 'HS256'})}.{part({'sub': 'peer', 'exp': int(time.time()) + 3600})}.c2lnbmF0dXJl"


async def packet(connection):
    return json.loads(await connection.recv())


async def call(connection):
    """The client's next call, also if it came while something else was waited for."""
    return calls.pop(0) if calls else await packet(connection)


async def until(connection, is_wanted):
    """The next message of a kind; calls that come before it are kept."""
    while not is_wanted(message := await connection.recv()):
        calls.append(json.loads(message))
    return message


async def send(connection, value):
    await connection.send(json.dumps(value))


async def handshake(connection, **data):
    first = await packet(connection)
    assert first["event"] == "#handshake", first
    reply = {"id": "peer", "pingTimeout": 20000, "isAuthenticated": False, **data}
    await send(connection, {"rid": first["cid"], "data": reply})
    return first["data"]


async def answer(connection, value=None):
    made = await call(connection)
    await send(connection, {"rid": made["cid"], "data": made.get("data") if value is None else value})
    return made


async def late(connection):
    """The answer to the first call comes when nobody waits for it any more, with that of the second."""
    await handshake(connection)
    first, second = await call(connection), await call(connection)
    assert second["cid"] != first["cid"], second
    await send(connection, {"rid": first["cid"], "data": "late"})
    await send(connection, {"rid": second["cid"], "data": "in time"})
    await send(connection, {"rid": second["cid"], "data": "again"})
    await answer(connection)


async def wrong(connection):
    """Answers to calls that were never made, before and behind the right one."""
    await handshake(connection)
    cid = (await call(connection))["cid"]
    for rid in [999, str(cid), -cid, cid + 0.5, None, 1e300, True, [cid]]:
        await send(connection, {"rid": rid, "data": "wrong"})
        await send(connection, {"rid": rid, "error": {"name": "WrongError", "message": "wrong"}})
    await connection.send("no packet")
    await connection.send("[")
    await connection.send(b"\x00\xff")
    await connection.send("")
    await until(connection, lambda message: message == "")
    await send(connection, [{"event": "nobody"}, {"rid": cid, "data": "right"}, {"rid": cid, "data": "again"}])
    await answer(connection)


async def dribble(connection):
    """Every byte of every frame by itself, fragments with control frames between them."""

    async def trickle(*frames):
        for byte in b"".join(frame.serialize(mask=False) for frame in frames):
            connection.transport.write(bytes([byte]))
            await asyncio.sleep(0.0005)

    first = await packet(connection)
    reply = {"rid": first["cid"], "data": {"id": "peer", "pingTimeout": 20000, "isAuthenticated": False}}
    await trickle(Frame(Opcode.TEXT, json.dumps(reply).encode()))
    made = await call(connection)
    text = json.dumps({"rid": made["cid"], "data": "ü" * 100}, ensure_ascii=False).encode()
    await trickle(
        Frame(Opcode.TEXT, text[:31], fin=False),
        Frame(Opcode.PING, b"between"),
        Frame(Opcode.CONT, text[31:32], fin=False),
        Frame(Opcode.CONT, b"", fin=False),
        Frame(Opcode.PONG, b"unasked"),
        Frame(Opcode.CONT, text[32:]),
        Frame(Opcode.TEXT, b""),
    )
    await until(connection, lambda message: message == "")
    await answer(connection)


async def reset(connection):
    """Cut off at more and more bytes of the answer to the handshake, until it is whole."""
    first = await packet(connection)
    reply = {"rid": first["cid"], "data": {"id": "peer", "pingTimeout": 20000, "isAuthenticated": False}}
    frame = Frame(Opcode.TEXT, json.dumps(reply).encode()).serialize(mask=False)
    cut = (connections - 1) * 9
    connection.transport.write(frame[:cut])
    if cut < len(frame):
        await asyncio.sleep(0.005)
        connection.transport.abort()
        return False
    await answer(connection)


async def close(connection):
    """Closes the first connection with the code in the path; a second one stays."""
    await handshake(connection)
    visits[connection.request.path] += 1
    if visits[connection.request.path] > 1:
        await answer(connection)
        return
    code = int(connection.request.path.split("/")[2])
    if code == 1006:
        connection.transport.abort()
    elif code == 1005:
        connection.transport.write(Frame(Opcode.CLOSE, b"").serialize(mask=False))
    else:
        body = code.to_bytes(2, "big") + b"because"
        connection.transport.write(Frame(Opcode.CLOSE, body).serialize(mask=False))
    await connection.wait_closed()
    # Nothing more is to come after these.
    return code == 1000 or code >= 4500


async def token(connection):
    """Sets a token, sees it in the next handshake, takes it away, and does not see it in the one after."""
    if connections == 1:
        assert (await handshake(connection))["authToken"] is None
        await send(connection, {"event": "#setAuthToken", "data": {"token": TOKEN}, "cid": 1})
        assert (await packet(connection)) == {"rid": 1}
    elif connections == 2:
        assert (await handshake(connection, isAuthenticated=True))["authToken"] == TOKEN
        await send(connection, {"event": "#removeAuthToken", "cid": 1})
        assert (await packet(connection)) == {"rid": 1}
    else:
        assert (await handshake(connection))["authToken"] is None
        await answer(connection)
        return
    await connection.close(4100)
    return False


async def refuse_token(connection):
    """Accepts the handshake and not the token; says that the client has to forget it the second time only."""
    if connections <= 2:
        error = {"name": "AuthTokenInvalidError", "message": "invalid signature", "isBadToken": True}
        assert (await handshake(connection, authError=error))["authToken"] == TOKEN
        if connections == 2:
            await send(connection, {"event": "#removeAuthToken"})
        await connection.close(4100)
        return False
    assert (await handshake(connection))["authToken"] is None
    await answer(connection)


async def pings(connection, ping, pong):
    await handshake(connection, pingTimeout=5000)
    for _ in range(20):
        await connection.send(ping)
        await until(connection, lambda message: message == pong)
    await answer(connection)


async def silent(connection):
    """Sends no pings: the client gives up, and comes back at once."""
    await handshake(connection, pingTimeout=100)
    if connections == 1:
        await connection.wait_closed()
        assert connection.close_code == 4000, connection.close_code
        return False
    await connection.send("")
    await answer(connection)


async def asking(connection):
    """Calls the client, with every kind of number."""
    await handshake(connection)
    for cid in [7, 0, -3, 1.5, 9007199254740991]:
        await send(connection, {"event": "double", "data": 21, "cid": cid})
        reply = json.loads(await until(connection, lambda message: '"rid"' in message))
        assert reply == {"rid": cid, "data": 42}, reply
    await send(connection, {"event": "double", "data": "x", "cid": 8})
    reply = json.loads(await until(connection, lambda message: '"rid"' in message))
    assert reply["rid"] == 8 and reply["error"]["name"] == "NumberError", reply
    await answer(connection)


async def echo(connection):
    await handshake(connection)
    for _ in range(3):
        await answer(connection)


scenarios = {
    "late": late,
    "wrong": wrong,
    "dribble": dribble,
    "reset": reset,
    "close": close,
    "token": token,
    "refuseToken": refuse_token,
    "pings1": lambda connection: pings(connection, "#1", "#2"),
    "pings2": lambda connection: pings(connection, "", ""),
    "silent": silent,
    "asking": asking,
    "echo": echo,
    "secure": echo,
    "demanding": echo,
}


def tls(name):
    if name not in ("secure", "demanding"):
        return None
    folder = sys.argv[2]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
    if name == "demanding":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(f"{folder}/ca.pem")
    return context


async def main():
    name = sys.argv[1]

    async def handle(connection):
        global connections
        connections += 1
        try:
            if await scenarios[name](connection) is not False:
                print(f"PASS {connections}", flush=True)
                await connection.wait_closed()
        except ConnectionClosed as error:
            print(f"FAIL the client left: {error}", flush=True)
        except Exception as error:
            print(f"FAIL {type(error).__name__}: {error}", flush=True)

    async with serve(handle, "127.0.0.1", 0, ssl=tls(name), compression=None, ping_interval=None) as server:
        print(f"PORT {server.sockets[0].getsockname()[1]}", flush=True)
        print(f"TOKEN {TOKEN}", flush=True)
        await asyncio.Future()


asyncio.run(main())
