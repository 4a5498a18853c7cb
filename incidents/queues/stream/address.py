"""Where the process listens for connections that are handed to it."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

LONGEST_PATH: Final = 100  # the kernel's limit is 108 bytes on Linux and 104 on macOS


def socket_path(data_dir: Path) -> Path:
    """Return the path of the socket: in the data folder, or in a folder of our own where that path is too long."""
    beside = data_dir.absolute() / "events.sock"
    if len(os.fsencode(beside)) <= LONGEST_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"trustdesk-events-{digest}" / "events.sock"
