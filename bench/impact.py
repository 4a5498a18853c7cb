"""What a draft would change, over a hundred thousand past decisions: the page, and drawing a sample."""

from bench import past
from bench.registry import Result, at_most, bench, seconds
from bench.world import World
from tests.factories import make_user
from tests.impact.factories import make_draft, old_text

DECISIONS = 100_000
VISITS = 5
SECONDS = 2.0


@bench("impact")
def impact(world: World) -> list[Result]:
    draft = make_draft()
    past.put(world, many=DECISIONS, policy=draft.policy_id, text=old_text(draft).pk, by=make_user().pk)
    visitor = world.visitor(make_user(role="policy_editor"))
    address = f"/policies/{draft.policy.key}/versions/2/impact/"
    with world.without_background():
        drawn = seconds(lambda: visitor.post(f"{address}sample/", size="400"))
        visitor.get(address)
        page = sorted(seconds(lambda: visitor.get(address)) for _visit in range(VISITS))[VISITS // 2]
    note = f"{DECISIONS:,} past decisions"
    return [
        Result("impact/page", page, SECONDS, "s", at_most(1), note=note),
        Result("impact/sample", drawn, SECONDS, "s", at_most(1), note=f"400 of {note}"),
    ]
