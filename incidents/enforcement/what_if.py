"""How many actors have how many strikes, and how many they would have under another rule: counted, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from incidents.enforcement import rules
from incidents.enforcement.models import EnforcementAction
from policies.vocabulary import Verdict

THRESHOLDS: Final = range(1, 13)
MOST_TOLD: Final = 1_000  # strikes of one actor; more are told as so many
MOST_NAMED: Final = 20
ACTED_ON: Final = (EnforcementAction.Status.PROPOSED, *EnforcementAction.RUNNING)


@dataclass(frozen=True)
class Rule:
    """What a violation weighs by its severity (S0 to S4), and for how many days it counts."""

    weights: tuple[int, ...] = tuple(rules.STRIKES_OF_SEVERITY.values())
    days: int = rules.STRIKE_DAYS


@dataclass(frozen=True)
class Histogram:
    """How many actors have how many strikes, from one on."""

    actors: Mapping[int, int]

    def reaching(self, threshold: int) -> int:
        return sum(actors for strikes, actors in self.actors.items() if strikes >= threshold)

    def bars(self) -> list[tuple[int, int]]:
        """Return the actors with 1 to 12 strikes, and in the last place those with more."""
        last = THRESHOLDS[-1]
        return [
            *((strikes, self.actors.get(strikes, 0)) for strikes in THRESHOLDS),
            (last + 1, self.reaching(last + 1)),
        ]


@dataclass(frozen=True)
class _Alike:
    """So many actors with as many strikes under the rule and as many today; the first of them by their number."""

    recounted: int
    today: int
    is_acted_on: bool
    actors: int
    first: list[int]


@dataclass(frozen=True)
class WhatIf:
    """What a rule would come to. Touched is who has as many strikes as a threshold; newly, who has fewer today."""

    alike: list[_Alike]

    @property
    def histogram(self) -> Histogram:
        counted: Counter[int] = Counter()
        for one in self.alike:
            counted[one.recounted] += one.actors
        return Histogram({strikes: actors for strikes, actors in counted.items() if strikes})

    def newly(self, threshold: int) -> int:
        return sum(one.actors for one in self._new(threshold))

    def newly_untouched(self, threshold: int) -> int:
        """Return how many of them have no action proposed or running."""
        return sum(one.actors for one in self._new(threshold) if not one.is_acted_on)

    def no_longer(self, threshold: int) -> int:
        """Return how many are at the threshold today, and would not be."""
        return sum(one.actors for one in self.alike if one.recounted < threshold <= one.today)

    def first(self, threshold: int) -> list[int]:
        """Return the first twenty who would newly be touched, those with most strikes first."""
        new = sorted((-one.recounted, actor) for one in self._new(threshold) for actor in one.first)
        return [actor for _strikes, actor in new[:MOST_NAMED]]

    def _new(self, threshold: int) -> list[_Alike]:
        return [one for one in self.alike if one.today < threshold <= one.recounted]


_TODAY: Final = """
    select actor_id, least(sum(weight), %(most)s)::int as strikes from enforcement_strike
    where voided_at is null and expires_at > %(now)s group by actor_id
"""
# An item's outcome is the newest decision that stands; it counts once, unless a lead voided a strike for it.
_WHAT_IF: Final = f"""
    with upheld as (
        select distinct on (item.id)
            item.id as item_id, item.actor_id, coalesce(item.severity, 0) as severity, decided_at
        from queues_item item join review_decision decision on decision.item_id = item.id
        where item.verdict = %(violating)s and decision.verdict = %(violating)s and item.actor_id is not null
            and not exists (select from review_retraction taken_back where taken_back.decision_id = decision.id)
        order by item.id, decided_at desc, decision.id desc
    ), recounted as (
        select actor_id, least(sum((%(weights)s::int[])[severity + 1]), %(most)s)::int as strikes from upheld
        where decided_at > %(since)s and not exists (
            select from review_decision judged join enforcement_strike strike on strike.decision_id = judged.id
            where judged.item_id = upheld.item_id and strike.voided_by_id is not null)
        group by actor_id
    ), today as ({_TODAY}), acted_on as (
        select distinct actor_id from enforcement_enforcementaction where status = any(%(acted_on)s)
    )
    select coalesce(recounted.strikes, 0), coalesce(today.strikes, 0), acted_on.actor_id is not null, count(*),
        (array_agg(actor_id order by actor_id))[1:%(named)s]
    from recounted full join today using (actor_id) left join acted_on using (actor_id)
    group by 1, 2, 3
"""  # noqa: S608  parts of our own


def histogram(now: datetime) -> Histogram:
    """Count the actors by the strikes that count now. 1 query over all of these strikes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select strikes, count(*) from ({_TODAY}) counted group by strikes",  # noqa: S608  a part of our own
            {"now": now, "most": MOST_TOLD},
        )
        return Histogram({strikes: actors for strikes, actors in cursor.fetchall() if strikes})


def what_if(rule: Rule, now: datetime) -> WhatIf:
    """Recount the upheld violations of all actors under ``rule``. 1 query over all of them.

    A violation counts from the day of the decision that stands: where a second opinion agreed, from then on.
    """
    values: dict[str, Any] = {
        "now": now,
        "since": now - timedelta(days=rule.days),
        "weights": list(rule.weights),
        "violating": Verdict.VIOLATING.value,
        "acted_on": [status.value for status in ACTED_ON],
        "most": MOST_TOLD,
        "named": MOST_NAMED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WHAT_IF, values)
        return WhatIf([_Alike(*row) for row in cursor.fetchall()])
