"""``python -m incidents.queues.stream``: the process behind ``/events/``."""

import asyncio
import resource
import signal
from contextlib import suppress

from incidents.queues.stream.address import socket_path
from incidents.queues.stream.reading import Reader
from incidents.queues.stream.serving import Stream
from trust import environment
from trust.embedded import postgres


async def _main() -> None:
    data_dir = environment.data_dir()
    url = environment.text("DATABASE_URL", default=postgres.urls(data_dir).app)
    serving = asyncio.create_task(Stream(Reader(url)).run(socket_path(data_dir)))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    with suppress(asyncio.CancelledError):
        await serving


def _open_as_many_files_as_allowed() -> None:
    """Every stream is an open file, and the usual limit is 1024."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard > 0 else 65536, hard))


if __name__ == "__main__":
    _open_as_many_files_as_allowed()
    asyncio.run(_main())
