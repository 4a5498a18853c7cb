"""The instance that is measured: real processes on a free port, its own embedded PostgreSQL at durable defaults."""

import http.client
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
import psutil
import psycopg

from tests.harness.instance import Instance

SETTINGS = "bench.settings"
EMPTY = "/bench/empty/"  # a view that does nothing, behind the same middleware
LARGE = {"small": 200_000, "full": 1_000_000}


@dataclass
class World:
    """What a bench works with. ``large`` is how many rows "many" means at this scale."""

    instance: Instance
    scale: str
    ready_at: float
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def large(self) -> int:
        return LARGE[self.scale]

    def owner(self) -> psycopg.Connection:
        return psycopg.connect(self.instance.database_urls.owner)

    def app(self) -> psycopg.Connection:
        return psycopg.connect(self.instance.database_urls.app, autocommit=True)

    def processor_seconds(self) -> float:
        """Return what this process and all of the instance's have used so far, those that have ended included.

        Other work on the machine makes a rate worse at once, and this hardly.
        """
        own = os.times()
        return own.user + own.system + sum(_processor_seconds(process) for process in self.instance.processes())

    def key(self, *scopes: str, source: str = "bench") -> str:
        """Return the text of a new key without limits."""
        limits = ["--requests-per-minute", "0", "--alerts-per-minute", "0", "--source", source]
        return self.instance.manage("create_api_key", "Bench", "--scope", *scopes, *limits).splitlines()[-1]

    def visitor(self, person: Any) -> "Visitor":
        """Return a browser-like client with a session of ``person``."""
        from django.test import Client

        client = Client()
        client.force_login(person)
        return Visitor(self.instance.port, {name: morsel.value for name, morsel in client.cookies.items()})

    @contextmanager
    def without_background(self) -> Iterator[None]:
        """Keep worker and scheduler still, so that only the work that is named is measured."""
        for name in ("worker", "scheduler"):
            self.instance.pause(name)
        try:
            yield
        finally:
            for name in ("worker", "scheduler"):
                self.instance.resume(name)


class Visitor:
    """One connection that stays open, with a session cookie and the token that forms carry."""

    TOKEN = "b" * 32  # any token will do, as long as cookie and header agree

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        cookies = {**cookies, "csrf": self.TOKEN}
        self._headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}

    def get(self, path: str) -> tuple[int, bytes]:
        return self._ask("GET", path, None, {})

    def post(self, path: str, **fields: str) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.TOKEN}
        return self._ask("POST", path, urlencode(fields).encode(), headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        self._connection.request(method, path, body=body, headers=self._headers | headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path} answered {response.status}: {content[:300]!r}")
        return response.status, response.headers.get("Location", "").encode() or content


def set_up_django(data_dir: Path) -> None:
    """Let this process read and write the instance's own database, once the instance is there."""
    os.environ |= {"DATA_DIR": str(data_dir), "DEMO": "0", "DJANGO_SETTINGS_MODULE": SETTINGS}
    for outside in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "CELERY_BROKER_URL", "PORT"):
        os.environ.pop(outside, None)
    django.setup()


@contextmanager
def started(data_dir: Path, *, scale: str) -> Iterator[World]:
    with Instance(data_dir, DJANGO_SETTINGS_MODULE=SETTINGS) as instance:
        yield World(instance, scale, ready_at=time.monotonic())


def _processor_seconds(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:4])  # user, system, and the same of children that have ended
    except psutil.Error:
        return 0.0


def in_parallel(works: Sequence[Callable[[], object]]) -> float:
    """Run the functions at once, each in a thread of its own; return the seconds until the last one is done."""
    errors: list[BaseException] = []
    gate = threading.Barrier(len(works) + 1)

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return time.perf_counter() - begun
