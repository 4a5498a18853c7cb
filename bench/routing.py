"""Routing of many waiting alerts by fifty rules, in this process, with the worker still."""

from bench.registry import Result, at_least, bench, seconds
from bench.world import World
from incidents.queues import operations
from tests.harness import waiting

WAITING = {"small": 20_000, "full": 100_000}
ROWS_PER_SECOND = 2_000


@bench("routing")
def routing(world: World) -> list[Result]:
    many = WAITING[world.scale]
    with world.without_background():
        _route_all()
        with world.owner() as owner:
            waiting.put_in_force(owner, "general")
            waiting.let_wait(owner, many, name="bench-routing")
        spent = seconds(_route_all)
        with world.owner() as owner:
            left = owner.execute("select exists (select from intake_alerttoroute)").fetchone()
    if left and left[0]:
        raise RuntimeError("alerts are still waiting to be routed")
    note = f"{many:,} alerts, {waiting.RULES} rules"
    return [Result("routing", many / spent, ROWS_PER_SECOND, "rows/s", at_least(1), note=note)]


def _route_all() -> None:
    while operations.route_alerts():
        pass
