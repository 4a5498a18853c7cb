"""How an item is shown to one person, what is told once before it, and what is said to them at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from incidents.queues.models import Round
from incidents.wellbeing import queries as wellbeing, rules
from incidents.wellbeing.queries import Dress
from policies.models import ClauseVersion
from trust.accounts.models import User


@dataclass(frozen=True)
class Care:
    """``severity`` and ``categories`` are what was expected before the item was judged (None: nothing is known)."""

    dress: Dress
    severity: int | None
    categories: list[str]

    @property
    def is_open(self) -> bool:
        return not self.dress.is_covered


def care_for(round: Round | None, *, clauses: Iterable[ClauseVersion], by: User) -> Care:
    """Put together how the item of ``round`` is shown to ``by``. 1 query."""
    categories = round.categories if round else []
    titles = {text.version.policy_id: text.version.title for text in clauses}
    return Care(
        dress=wellbeing.dress_for(by, categories),
        severity=round.expected_severity if round and categories else None,
        categories=[titles[category] for category in categories if category in titles],
    )


def sentences_after_item(by: User, now: datetime) -> list[str]:
    """Return what is said to ``by`` at the end of an item. 1 query."""
    return rules.sentences_after_item(wellbeing.standing_of(by, now), now)
