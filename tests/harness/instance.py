"""A whole Trustdesk of real processes on a free port, in a data folder of its own: what ``make run`` starts."""

import fcntl
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg

from trust.embedded import postgres, supervisor

ROOT = supervisor.ROOT
SECONDS_TO_START = 180
SECONDS_TO_STOP = 60

# How each process is told from its siblings by its command line.
MARKS = {
    "web": "gunicorn",
    "worker": "celery",
    "scheduler": "scheduler",
    "events": "queues.stream",
    "postgres": "postgres",
}


class Instance:
    """Start with ``with Instance(data_dir) as trustdesk:``; everything is stopped at the end.

    A folder that is not there yet begins as a copy of one that was set up before, unless it ``is_first`` itself.
    """

    def __init__(self, data_dir: Path, *, is_first: bool = False, **environment: str) -> None:
        self.data_dir = data_dir.absolute()
        self.is_first = is_first
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_urls = postgres.urls(self.data_dir)
        self.output = self.data_dir.with_name(self.data_dir.name + ".out")
        self._environment = os.environ | {"PORT": str(self.port), "DATA_DIR": str(self.data_dir), "DEMO": "0"}
        for outside in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE"):
            self._environment.pop(outside, None)
        self._environment |= {"WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"} | environment  # the receiver stands here
        self._manager: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Run ``manage.py start`` and wait for its ``Ready`` line."""
        if not self.is_first and not self.data_dir.exists():
            subprocess.run(["cp", "--archive", str(_set_up()), str(self.data_dir)], check=True)
        with self.output.open("wb") as output:
            self._manager = subprocess.Popen(
                [sys.executable, "manage.py", "start"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait(lambda: f"Ready: {self.url}" in self.output.read_text(), "Ready line", SECONDS_TO_START)

    def stop(self) -> None:
        """End it as Ctrl-C would, and by force when that does not work."""
        if self._manager is None:
            return
        family = self.processes()
        if self._manager.poll() is None:
            os.killpg(self._manager.pid, signal.SIGINT)
        try:
            self._manager.wait(SECONDS_TO_STOP)
        finally:
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._manager = None

    def kill(self, name: str) -> None:
        """Kill one of web, worker, scheduler or postgres with SIGKILL, children included, and return at once."""
        for process in self._group_of(name):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue

    def pause(self, name: str) -> None:
        """Stop the processes of ``name`` where they stand; ``resume`` lets them go on."""
        for process in self._group_of(name):
            process.suspend()

    def resume(self, name: str) -> None:
        for process in self._group_of(name):
            process.resume()

    def wait_ready(self, seconds: float = 90) -> None:
        self._wait(self.is_ready, "/readyz", seconds)

    def wait_until_running(self, name: str, seconds: float = 90) -> None:
        """Wait until the process manager has started ``name`` again."""
        self._wait(lambda: bool(self._group_of(name)), name, seconds)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def manage(self, *arguments: str) -> str:
        """Run one management command beside the running instance and return its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"manage.py {arguments[0]} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Read the database as its owner."""
        with psycopg.connect(self.database_urls.owner) as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()

    def processes(self) -> list[psutil.Process]:
        """Return the process manager and all below it."""
        if self._manager is None or not psutil.pid_exists(self._manager.pid):
            return []
        return _with_children(psutil.Process(self._manager.pid))

    def memory_of(self, name: str) -> int:
        """Return the bytes that the processes of ``name`` hold for themselves."""
        return sum(process.memory_full_info().uss for process in self._group_of(name))

    def logs(self) -> str:
        """Return everything the processes have written so far."""
        files = sorted((self.data_dir / "logs").glob("*.log*"))
        return "\n".join(file.read_text(errors="replace") for file in files)

    def _group_of(self, name: str) -> list[psutil.Process]:
        if self._manager is None:
            raise RuntimeError("the instance is not running")
        children = psutil.Process(self._manager.pid).children()
        found = [child for child in children if MARKS[name] in " ".join(_command_line(child))]
        return [process for child in found for process in _with_children(child)]

    def _wait(self, condition: Any, what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if self._manager is None or self._manager.poll() is not None:
                raise AssertionError(f"the instance ended:\n{self.output.read_text()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"no {what} within {seconds} s:\n{self.output.read_text()}\n{self.logs()[-4000:]}")
            time.sleep(0.1)


@functools.cache
def _set_up() -> Path:
    """Start and stop an instance once for all processes of a run of tests; return its data folder."""
    folder = _folder_of_this_run()
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        done = folder / "done"
        if not done.exists():
            shutil.rmtree(folder / "data", ignore_errors=True)  # of one that failed half way
            with Instance(folder / "data", is_first=True):
                pass
            shutil.rmtree(folder / "data" / "logs")
            done.touch()
    return folder / "data"


def forget_set_up() -> None:
    """Remove what was set up for the run that this process leads, or for one of the same number that was killed."""
    shutil.rmtree(_folder_of_this_run(), ignore_errors=True)


def _folder_of_this_run() -> Path:
    leads = "PYTEST_XDIST_WORKER" not in os.environ
    return Path(tempfile.gettempdir(), f"trustdesk-set-up-{os.getpid() if leads else os.getppid()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _with_children(process: psutil.Process) -> list[psutil.Process]:
    """Return ``process`` and all below it; nothing when it has just ended, as a killed one may at any moment."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
