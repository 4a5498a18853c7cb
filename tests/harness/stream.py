"""The process of the live stream on the test database, and viewers whose connections are handed to it."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.test import Client

from incidents.queues.stream.address import socket_path
from incidents.queues.stream.handing import Watch, hand_on
from tests.environment import ROOT
from tests.harness import database
from trust.accounts.models import User
from trust.permissions import Permission

SECONDS_TO_WAIT = 60


class Viewing:
    """The viewer's end of a stream."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.connection.settimeout(20)
        self.seen: list[str] = []
        self._lines = connection.makefile("rb")
        self.status = self._lines.readline().decode().strip()
        while self._lines.readline().strip():
            pass

    def close(self) -> None:
        self._lines.close()
        self.connection.close()

    def next(self, name: str) -> Any:
        """Return the data of the next event called ``name``; None once the stream has ended."""
        current, deadline = "", time.monotonic() + SECONDS_TO_WAIT
        for line in self._lines:
            if time.monotonic() > deadline:  # signs of life alone would keep it waiting for ever
                raise AssertionError(f"no {name!r} within {SECONDS_TO_WAIT} s, but {self.seen}")
            key, _colon, value = line.decode().strip().partition(": ")
            if key == "event":
                current = value
                self.seen.append(value)
            elif key == "data" and current == name:
                return json.loads(value)
        return None


class StreamProcess:
    def __init__(self, data_dir: Path) -> None:
        self.path = socket_path(data_dir)
        self.viewings: list[Viewing] = []

    def look(self, person: User, *, queue: int = 0, **changes: Any) -> Viewing:
        """Sign ``person`` in and hand a connection of theirs on, as the page ``/events/`` does."""
        client = Client()
        client.force_login(person)
        watch = Watch(
            session=hashlib.sha256(str(client.session.session_key).encode()).hexdigest(),
            person=person.pk,
            stamp=hashlib.sha256(person.password.encode()).hexdigest(),
            roles=",".join(person.roles),
            is_lead=person.may(Permission.MANAGE_QUEUES),
            queue=queue,
        )
        served, looking = socket.socketpair()
        with served:
            assert hand_on(served, replace(watch, **changes), to=self.path)
        self.viewings.append(Viewing(looking))
        return self.viewings[-1]


@contextmanager
def running(data_dir: Path) -> Iterator[StreamProcess]:
    environment = os.environ | {"DATA_DIR": str(data_dir), "DATABASE_URL": database.app_url()}
    with subprocess.Popen([sys.executable, "-m", "incidents.queues.stream"], cwd=ROOT, env=environment) as process:
        stream = StreamProcess(data_dir)
        _wait_for(stream.path)
        try:
            yield stream
        finally:
            for viewing in stream.viewings:
                viewing.close()
            process.terminate()
            assert process.wait(10) == 0


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        if time.monotonic() > deadline:
            raise AssertionError("the process of the stream did not start")
        time.sleep(0.02)
