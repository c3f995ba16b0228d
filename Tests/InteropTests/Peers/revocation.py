"""Revokes one subject among many live sockets: all of its sockets lose their identity in time, the others notice nothing."""

import resource
import select
import time

from crowd import handshaken
from peer import check, main, token
import peer

REMOVAL = b'{"event":"#removeAuthToken"}'


def frame(text):
    """A masked text frame with a mask of zero."""
    payload = text.encode()
    return b"\x81" + bytes([0x80 | len(payload)]) + b"\0\0\0\0" + payload


@check
def one_subject_among_many():
    count, share = peer.options.count, peer.options.share
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    admin = handshaken(1, token(sub="root", admin=True))[0]
    others = handshaken(count - share, token(sub="somebody else"))
    concerned = handshaken(share, token(sub="target"))
    waiting = {connection.fileno(): connection for connection in concerned}
    poll = select.epoll()
    for descriptor in waiting:
        poll.register(descriptor, select.EPOLLIN)
    started = time.monotonic()
    admin.sendall(frame('{"event":"revoke","data":{"subject":"target"},"cid":2}'))
    while waiting:
        events = poll.poll(10)
        if not events:
            raise AssertionError(f"{len(waiting)} of {share} sockets were not told within 10 s")
        for descriptor, _ in events:
            received = waiting[descriptor].recv(4096)
            if REMOVAL not in received:
                raise AssertionError(f"expected a removal, got {received!r}")
            poll.unregister(descriptor)
            del waiting[descriptor]
    elapsed = (time.monotonic() - started) * 1000
    print(f"{share} of {count} live sockets lost their identity within {elapsed:.1f} ms", flush=True)
    if b'{"rid":2}' not in admin.recv(4096):
        raise AssertionError("the revocation was not answered")
    quiet = select.poll()
    for connection in others:
        quiet.register(connection, select.POLLIN)
    if quiet.poll(200):
        raise AssertionError("a socket of somebody else was told something")
    for connection in others[:: max(1, len(others) // 50)]:
        connection.sendall(frame('{"event":"echo","data":1,"cid":3}'))
        if b'{"rid":3,"data":1}' not in connection.recv(4096):
            raise AssertionError("a socket of somebody else does not answer")
    if elapsed > peer.options.limit:
        raise AssertionError(f"{elapsed:.1f} ms, limit {peer.options.limit}")
    for connection in [admin] + others + concerned:
        connection.close()


def arguments(parser):
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--share", type=int, default=100, help="sockets of the subject")
    parser.add_argument("--limit", type=float, default=100, help="milliseconds it may take")


if __name__ == "__main__":
    main(arguments)
