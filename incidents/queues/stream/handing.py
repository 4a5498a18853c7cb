"""The web server's side: pass the socket of a request on to the process of the stream, and forget it."""

import json
import os
import socket
import ssl
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from incidents.queues.stream.address import is_ours

SECONDS_TO_WAIT: Final = 2.0


@dataclass(frozen=True)
class Watch:
    """Who looks, as they were when they asked, and at which queue's rows (0: at none).

    ``session`` is a digest of the session's key, which opens nothing. ``stamp`` is one of the password's hash: it
    differs once the password was changed.
    """

    session: str
    person: int
    stamp: str
    roles: str
    is_lead: bool
    queue: int


def hand_on(connection: object, watch: Watch, *, to: Path) -> bool:
    """Hand the socket of a request on; say whether that worked. What is written to it here afterwards goes nowhere.

    The web server goes on to answer and to shut the connection down, which would end the stream: so its own descriptor
    is put on a socket that leads nowhere instead.
    """
    if not isinstance(connection, socket.socket) or isinstance(connection, ssl.SSLSocket) or not is_ours(to):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as process:
            process.settimeout(SECONDS_TO_WAIT)
            process.connect(str(to))
            socket.send_fds(process, [json.dumps(asdict(watch)).encode()], [connection.fileno()])
    except OSError:
        return False
    nowhere, end = socket.socketpair()
    with nowhere, end:
        os.dup2(nowhere.fileno(), connection.fileno(), inheritable=False)
    return True
