"""How many past items a second look would be about, over a hundred thousand: by clause, and by category."""

from statistics import median
from urllib.parse import urlencode

from django.utils import timezone

from bench import past
from bench.registry import Result, at_most, bench, seconds
from bench.world import World
from incidents.backfill.queries import FREQUENT
from incidents.quality.models import Category
from policies.models import PolicyVersion
from tests.factories import make_user
from tests.impact.factories import make_draft, old_text

ITEMS = 100_000
VISITS = 5
SECONDS = 2.0


@bench("backfill")
def backfill(world: World) -> list[Result]:
    """The page that tells the count: by a clause that seven of ten cite, a rare category, and one that all have."""
    draft = make_draft()
    past.put(world, many=ITEMS, policy=draft.policy_id, text=old_text(draft).pk, by=make_user().pk)
    _in_force(draft)
    now = timezone.now()
    for name, alerts in (("rare", ITEMS // 1_000), ("often", FREQUENT + 1)):
        Category.objects.create(
            taxonomy="bench", taxonomy_version="1", name=name, alerts=alerts, first_at=now, last_at=now
        )
    visitor = world.visitor(make_user(role="lead"))
    address = f"/policies/{draft.policy.key}/look-again/"
    ways = {
        "clause": {"way": "clause", "clauses": old_text(draft).clause.key},
        "rare": {"way": "category", "named": "rare"},
        "often": {"way": "category", "named": "often"},
    }
    results = []
    with world.without_background():
        for name, query in ways.items():
            asked = f"{address}?{urlencode(query)}"
            visitor.get(asked)
            took = median(seconds(lambda asked=asked: visitor.get(asked)) for _visit in range(VISITS))
            note = f"{ITEMS:,} past items"
            results.append(Result(f"backfill/{name}", took, SECONDS, "s", at_most(1), note=note))
    return results


def _in_force(draft: PolicyVersion) -> None:
    now = timezone.now()
    draft.policy.versions.filter(status="published").update(status="retired", retired_at=now)
    PolicyVersion.objects.filter(pk=draft.pk).update(status="published", published_at=now)
