"""Locks on files of the data folder. The kernel frees them when their holder ends, however it ends."""

import fcntl
import os
from pathlib import Path
from typing import IO

MANAGER = "manager.lock"


def opened(data_dir: Path, name: str) -> IO[bytes]:
    return (data_dir / name).open("ab")


def share(handle: IO[bytes]) -> None:
    """Wait until nobody holds the lock alone, then hold it together with others."""
    fcntl.flock(handle, fcntl.LOCK_SH)


def wait_for(handle: IO[bytes]) -> None:
    """Wait until nobody else holds the lock, then hold it alone."""
    fcntl.flock(handle, fcntl.LOCK_EX)


def take(handle: IO[bytes]) -> bool:
    """Hold the lock alone if nobody else holds it; say whether that worked."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def keep_across_exec(handle: IO[bytes]) -> None:
    """Let the program that this process becomes hold the lock on."""
    os.set_inheritable(handle.fileno(), True)


def is_managed(data_dir: Path) -> bool:
    """Say whether a process manager runs from this data folder right now."""
    if not (data_dir / MANAGER).exists():
        return False
    with opened(data_dir, MANAGER) as handle:
        return not take(handle)
