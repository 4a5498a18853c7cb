"""The web server's settings, for ``make run`` and for production alike.

``python -m gunicorn --config deploy/gunicorn.conf.py trust.wsgi:application``; WEB_BIND, WEB_WORKERS and WEB_THREADS
change what is below. ``/events/`` is not served here: it is kept for a process of its own.
"""

import gc
import os
from pathlib import Path
from typing import Any

bind = os.environ.get("WEB_BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 15
limit_request_line = 8190
limit_request_field_size = 8190
loglevel = "warning"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeat files, in memory


def pre_fork(server: Any, worker: Any) -> None:
    """Keep what was loaded before the fork in shared memory: the collector would copy it page by page."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Look for cycles less often: a batch of a thousand alerts makes many objects and no garbage in cycles."""
    gc.set_threshold(50_000, 20, 20)
