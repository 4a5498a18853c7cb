"""Where the process listens for connections that are handed to it, and whether that place is our own."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

LONGEST_PATH: Final = 100  # the kernel's limit is 108 bytes on Linux and 104 on macOS
_FOLDER: Final = "trustdesk-events-"


def socket_path(data_dir: Path) -> Path:
    """Return the path of the socket: in the data folder, or in a folder of our own where that path is too long."""
    beside = data_dir.absolute() / "events.sock"
    if len(os.fsencode(beside)) <= LONGEST_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"{_FOLDER}{digest}" / "events.sock"


def is_ours(path: Path) -> bool:
    """Say whether nobody else can have made the folder of a socket where anyone may make one, or can enter it."""
    if not path.parent.name.startswith(_FOLDER):
        return True
    try:
        folder = path.parent.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(folder.st_mode) and folder.st_uid == os.geteuid() and not stat.S_IMODE(folder.st_mode) & 0o077
