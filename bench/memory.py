"""What the whole of ``make run`` holds in memory."""

import time

import psutil

from bench.registry import Result, at_most, bench
from bench.world import World
from trust.accounts.models import User

SECONDS_AFTER_READY = 60
LIMIT = 600.0
PAGES = ["/", "/queues/", "/policies/"]


@bench("memory")
def memory(world: World) -> list[Result]:
    """Sum of PSS (shared pages counted once) of all processes, a minute after Ready, pages having been asked for."""
    visitor = world.visitor(User.objects.get(email="lead@example.org"))
    for _visit in range(20):
        for page in PAGES:
            visitor.get(page)
    time.sleep(max(0.0, world.ready_at + SECONDS_AFTER_READY - time.monotonic()))
    held = sum(_pss(process) for process in world.instance.processes()) / 2**20
    return [Result("memory", held, LIMIT, "MB", at_most(1.0))]


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0
