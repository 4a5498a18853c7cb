"""Pages: the item page against an empty view; deep pages and busy actors against first pages and calm actors."""

from bench import seed
from bench.registry import Result, at_most, bench, interleaved, seconds
from bench.world import EMPTY, Visitor, World
from tests.factories import make_alert, make_generation, make_item, make_round, make_user
from trust import pagination

VISITS = 40
MESSAGES = 6

MIDDLE = """
    select rank, due_at, id from queues_round
    where status = 'open' and lease_by_id is null and queue_id = (select id from queues_queue where slug = %s)
    order by rank, due_at, id offset %s limit 1
"""
ITEM_OF_ACTOR = """
    select item.id from queues_item item join actors_actor actor on actor.id = item.actor_id
    where actor.external_id = %s order by item.id limit 1
"""


@bench("item_page")
def item_page(world: World) -> list[Result]:
    """An item of six messages that the reviewer holds, with every published clause to choose from."""
    reviewer = make_user(role="reviewer")
    roles = ("user", "assistant") * (MESSAGES // 2)
    text = "Which ladder fits a garden with a kettle in it? " * 15
    generation = make_generation(messages=[{"role": role, "content": text} for role in roles])
    make_alert(generation=generation)
    item = make_item(generation=generation)
    make_round(item=item, lease_by=reviewer)
    visitor = world.visitor(reviewer)
    with world.without_background():
        page, empty = in_turns(visitor, f"/items/{item.pk}/", EMPTY)
    return [Result("item_page", page, empty, "ms", at_most(15))]


@bench("page_deep")
def page_deep(world: World) -> list[Result]:
    seed.many_open_items(world)
    visitor = world.visitor(make_user(role="lead"))
    with world.owner() as owner:
        middle = owner.execute(MIDDLE, [seed.DEEP, world.large // seed.QUEUES // 2]).fetchone()
        busy, calm = (owner.execute(ITEM_OF_ACTOR, [name]).fetchone() for name in (seed.BUSY_ACTOR, seed.CALM_ACTOR))
    if middle is None or busy is None or calm is None:
        raise RuntimeError("the seed is not there")
    first = f"/queues/{seed.DEEP}/"
    deep = f"{first}?cursor={pagination.encode(middle)}"
    with world.without_background():
        half_way, top = in_turns(visitor, deep, first)
        of_busy, of_calm = in_turns(visitor, f"/items/{busy[0]}/", f"/items/{calm[0]}/")
    return [
        Result("page_deep/queue", half_way, top, "ms", at_most(1.5)),
        Result("page_deep/actor", of_busy, of_calm, "ms", at_most(1.5)),
    ]


def in_turns(visitor: Visitor, page: str, other: str) -> tuple[float, float]:
    """Return the median milliseconds of two pages, asked for in turns after a first visit of each."""
    visitor.get(page)
    visitor.get(other)
    return interleaved(lambda: _milliseconds(visitor, page), lambda: _milliseconds(visitor, other), rounds=VISITS)


def _milliseconds(visitor: Visitor, page: str) -> float:
    return seconds(lambda: visitor.get(page)) * 1000
