"""The web server's settings, for ``make run`` and for production alike.

``python -m gunicorn --config deploy/gunicorn.conf.py trust.wsgi:application``; WEB_BIND, WEB_WORKERS and WEB_THREADS
change what is below. Connections of ``/events/`` are handed on to a process of their own: ``incidents/queues/stream/``.
"""

import gc
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

HEAD_START: Final = 0.001  # seconds

bind = os.environ.get("WEB_BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 15
limit_request_line = 8190
limit_request_field_size = 8190
loglevel = "warning"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeat files, in memory


class EvenWorker(ThreadWorker):
    """Leaves a new connection to another worker while its own threads are at work, if that one is free to take it.

    Requests of one process share its interpreter lock. Left to the race for it, two senders of large bodies that
    connect at once meet in the same process about every other time, with the other one idle.
    """

    def accept(self, listener: socket.socket) -> None:
        waiting = len(self.keepalived_conns) + len(self.pending_conns)
        if self.nr_conns > waiting:
            time.sleep(HEAD_START)
        super().accept(listener)


worker_class = EvenWorker


def pre_fork(server: Any, worker: Any) -> None:
    """Keep what was loaded before the fork in shared memory: the collector would copy it page by page."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Look for cycles less often: a batch of a thousand alerts makes many objects and no garbage in cycles.

    And let a thread that was answered by the database wait for half a millisecond, not for five, until another one that
    is reading alerts makes room.
    """
    gc.set_threshold(50_000, 20, 20)
    sys.setswitchinterval(0.0005)
