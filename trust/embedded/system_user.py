"""PostgreSQL refuses to run as root. Where Trustdesk runs as root, its server runs as a system user of its own."""

import os
import pwd
import stat
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

NAME = "trustdesk"
FALLBACK = "nobody"


def is_needed() -> bool:
    return os.geteuid() == 0


def uid() -> int:
    """Return the user id that the server runs with."""
    return _entry().pw_uid if is_needed() else os.geteuid()


def popen_options() -> dict[str, Any]:
    """Return the arguments that make ``subprocess`` run a program as the server's user."""
    if not is_needed():
        return {}
    entry = _entry()
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}


def become() -> None:
    """Give up root for good in this process."""
    if not is_needed():
        return
    entry = _entry()
    os.chdir("/")
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def give(path: Path) -> None:
    """Make ``path`` belong to the server's user."""
    if is_needed():
        entry = _entry()
        os.chown(path, entry.pw_uid, entry.pw_gid)


def let_through(*paths: Path) -> None:
    """Let the server's user walk down to ``paths``: the search bit and no more, on folders that lack it."""
    if not is_needed():
        return
    for path in paths:
        for folder in [path.resolve(), *path.resolve().parents]:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def let_read(folder: Path) -> None:
    """Let the server's user read and run the programs below ``folder``, which a strict umask may have forbidden."""
    if not is_needed() or folder.stat().st_mode & stat.S_IROTH:
        return
    for path in [*folder.rglob("*"), folder]:
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | (mode & stat.S_IRWXU) >> 6)


@cache
def _entry() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    made = subprocess.run(["useradd", "--system", "--no-create-home", NAME], capture_output=True, check=False)
    return pwd.getpwnam(NAME if made.returncode == 0 else FALLBACK)
