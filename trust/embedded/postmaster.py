"""Find, stop and clear up after the PostgreSQL processes of one cluster, also after a kill -9."""

import signal
from pathlib import Path

import psutil

SECONDS_FOR_ORPHANS = 5


def find(cluster: Path) -> psutil.Process | None:
    """Return the live server process named in the cluster's pid file. A number that was reused does not count."""
    try:
        process = psutil.Process(int((cluster / "postmaster.pid").read_text().splitlines()[0]))
    except (OSError, IndexError, ValueError, psutil.NoSuchProcess):
        return None
    return process if _works_in(process, cluster) else None


def stop(cluster: Path, *, timeout: float) -> None:
    """Stop the server as Ctrl-C would: open transactions end, committed ones stay. Does nothing when it is down."""
    process = find(cluster)
    if process is None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(timeout)


def clear_remains(cluster: Path, socket: Path) -> None:
    """Remove what a killed server left: orphaned backends, and pid files whose process is gone.

    PostgreSQL refuses to start while a backend still holds the old shared memory, and also when an unrelated process
    has got the number in the pid file, which is common in a container that restarts.
    """
    if find(cluster) is not None:
        return
    _end_orphans(cluster)
    for leftover in (cluster / "postmaster.pid", socket.with_name(socket.name + ".lock"), socket):
        leftover.unlink(missing_ok=True)


def _end_orphans(cluster: Path) -> None:
    """Orphans leave by themselves within moments; one that is busy is asked, then killed."""
    for ask in (None, signal.SIGQUIT, signal.SIGKILL):
        orphans = _backends(cluster)
        for orphan in orphans:
            if ask is not None:
                _send(orphan, ask)
        _, alive = psutil.wait_procs(orphans, timeout=SECONDS_FOR_ORPHANS if ask else 1)
        if not alive:
            return


def _backends(cluster: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _works_in(process, cluster)]


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    """Say whether this is a PostgreSQL process of ``cluster``: each one works inside the cluster's folder."""
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == cluster.resolve()
    except (psutil.Error, OSError):
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
