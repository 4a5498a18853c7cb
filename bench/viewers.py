"""What it costs that many people leave the live list of queues open, and how soon they see a change."""

import selectors
import socket
import time

import psutil

from bench.registry import Result, at_most, bench
from bench.world import World
from incidents.queues import operations as queues
from incidents.queues.models import Round
from tests.factories import make_queue, make_round, make_user
from tests.harness.browser import session_cookie

VIEWERS = 500
SECONDS = 30.0
SECONDS_BETWEEN_CHANGES = 3.0
SECONDS_TO_SEE = 5.0


@bench("idle_viewers")
def idle_viewers(world: World) -> list[Result]:
    """The processor's time of all processes with and without viewers, the same changes going on; the slowest update."""
    queue = make_queue(slug="watched")
    round, lead, reviewer = make_round(queue=queue), make_user(role="lead"), make_user()
    cookie = session_cookie(lead, world.instance.url)
    with world.without_background():
        _change(round, reviewer)
        alone = _spent(world, round, reviewer)
        streams = [_stream(world.instance.port, f"{cookie['name']}={cookie['value']}") for _one in range(VIEWERS)]
        _heard(streams)
        time.sleep(2)
        watched = _spent(world, round, reviewer)
        _drain(streams)
        changed_at = time.monotonic()
        _change(round, reviewer)
        slowest = _heard(streams) - changed_at
        for stream in streams:
            stream.close()
    share = 100 * (watched - alone) / SECONDS
    return [
        Result("idle_viewers", share, 100.0, "% of a core", at_most(0.1), f"{VIEWERS} viewers"),
        Result("idle_viewers/update", slowest, SECONDS_TO_SEE, "s", at_most(1.0), "until the last one heard"),
    ]


def _change(round: Round, reviewer: object) -> None:
    """Take the round, or give it back."""
    round.refresh_from_db()
    if round.lease_by_id:
        queues.release(round, by=reviewer)  # type: ignore[arg-type]
    else:
        queues.claim(round.queue, by=reviewer)  # type: ignore[arg-type]


def _spent(world: World, round: Round, reviewer: object) -> float:
    """Return the seconds of processor time that all processes spend while something changes now and then."""
    before = processor(world)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        _change(round, reviewer)
        time.sleep(SECONDS_BETWEEN_CHANGES)
    return processor(world) - before


def processor(world: World) -> float:
    """Return the seconds of processor time that all processes of the instance have spent."""
    total = 0.0
    for process in world.instance.processes():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def _stream(port: int, cookie: str) -> socket.socket:
    stream = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = f"GET /events/?queue=watched HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
    stream.sendall(head.encode())
    if not (answer := stream.recv(64)).startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"no stream: {answer!r}")
    return stream


def _heard(streams: list[socket.socket]) -> float:
    """Return when the last of them has heard of counts."""
    at = time.monotonic()
    with selectors.DefaultSelector() as waiting:
        for stream in streams:
            waiting.register(stream, selectors.EVENT_READ, bytearray())
        while waiting.get_map():
            ready = waiting.select(30)
            if not ready:
                raise RuntimeError("a viewer heard nothing")
            for key, _events in ready:
                key.data.extend(key.fileobj.recv(65536))  # type: ignore[union-attr]
                if b"event: counts" in key.data:
                    waiting.unregister(key.fileobj)
                    at = time.monotonic()
    return at


def _drain(streams: list[socket.socket]) -> None:
    """Read what came meanwhile."""
    time.sleep(2)
    for stream in streams:
        stream.setblocking(False)
        try:
            while stream.recv(65536):
                pass
        except BlockingIOError:
            stream.settimeout(30)
