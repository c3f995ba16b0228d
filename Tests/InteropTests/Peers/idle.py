"""Holds authenticated idle connections and measures what each costs the server (--pid) in proportional set size."""

import resource
import select
import time

from crowd import handshaken
from peer import check, main
import peer


def memory():
    with open(f"/proc/{peer.options.pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))


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
