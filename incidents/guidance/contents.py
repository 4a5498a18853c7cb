"""What items are, for those who may not open them: counted by what they were flagged with, language and severity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Exists, OuterRef

from incidents.intake.models import Alert, Restriction
from incidents.review.models import Decision
from policies.vocabulary import Severity

MOST_TOLD: Final = 6  # of categories and of languages, the most common


@dataclass(slots=True)
class Contents:
    """How many items there are of each kind. An item that was flagged with several categories counts in each."""

    items: int = 0
    flagged: Counter[str] = field(default_factory=Counter)
    spoken: Counter[str] = field(default_factory=Counter)
    expected: Counter[int] = field(default_factory=Counter)

    @property
    def categories(self) -> list[tuple[str, int]]:
        return self.flagged.most_common(MOST_TOLD)

    @property
    def languages(self) -> list[tuple[str, int]]:
        return self.spoken.most_common(MOST_TOLD)

    @property
    def severities(self) -> list[tuple[Severity, int]]:
        """Return how many items each severity was expected of, the highest first."""
        return [(Severity(level), count) for level, count in sorted(self.expected.items(), reverse=True)]


def contents_by(groups: Mapping[int, int]) -> dict[int, Contents]:
    """Return what the items of decisions are, by group; ``groups`` says of each decision which. 2 queries.

    Restricted items are not counted.
    """
    decisions = Decision.objects.filter(pk__in=groups, item__generation__isnull=False).exclude(
        Exists(Restriction.objects.filter(generation=OuterRef("item__generation")))
    )
    rows = list(
        decisions.order_by("pk").values_list(
            "pk", "item__generation", "item__generation__language", "round__expected_severity"
        )
    )
    alerts = Alert.objects.filter(generation__in=[generation for _pk, generation, _language, _severity in rows])
    flags: dict[int, set[str]] = {}
    for generation, flagged in alerts.values_list("generation", "flagged").order_by("pk"):
        flags.setdefault(generation, set()).update(flagged)
    found: dict[int, Contents] = {}
    for pk, generation, language, severity in rows:
        contents = found.setdefault(groups[pk], Contents())
        contents.items += 1
        contents.flagged.update(sorted(flags.get(generation, ())))
        contents.spoken[language] += 1
        contents.expected[severity] += 1
    return found
