"""Reads of quality: what came in, how late, and how often it was right; exact at once. Each is one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q
from django.utils.translation import gettext as _, ngettext

from incidents.intake import queries as intake
from incidents.intake.models import DetectorVersion
from incidents.intake.operations import LATENESS
from incidents.quality import facts
from incidents.quality.models import CategoryOfSource, Outcome
from incidents.queues.models import Damping
from incidents.queues.operations import Rated
from incidents.queues.weighing import REPORTS as KINDS_OF_REPORT
from incidents.review.models import DetectorWrong
from trust.proportions import Share, share_of

REPORTS: Final = [kind.value for kind in KINDS_OF_REPORT]
WEEK: Final = timedelta(days=7)


@dataclass
class Volume:
    """How many alerts came in, how many of them flagged something, and how late, by the steps of LATENESS."""

    alerts: int = 0
    flagged: int = 0
    by_lateness: list[int] = field(default_factory=lambda: [0] * (len(LATENESS) + 1))

    def add(self, alerts: int, *, is_flagged: bool, lateness: int) -> None:
        self.alerts += alerts
        self.flagged += alerts if is_flagged else 0
        self.by_lateness[lateness] += alerts

    def flagged_share(self) -> Share | None:
        return share_of(self.flagged, self.alerts)

    def within(self, share: float) -> str:
        """Say in which time ``share`` of the alerts were here, as far as the steps tell; "" without any."""
        reached = 0
        for step, alerts in enumerate(self.by_lateness):
            reached += alerts
            if reached and reached >= share * self.alerts:
                return lateness_in_words(step)
        return ""

    def median(self) -> str:
        return self.within(0.5)

    def late(self) -> str:
        return self.within(0.95)


@dataclass
class Accuracy:
    """How the items that something was said about turned out, in numbers of items."""

    items: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str, items: int) -> None:
        self.items[outcome] = self.items.get(outcome, 0) + items

    @property
    def violating(self) -> int:
        return self.items.get(Outcome.VIOLATING, 0)

    @property
    def benign(self) -> int:
        return self.items.get(Outcome.BENIGN, 0)

    @property
    def no_policy_fits(self) -> int:
        return self.items.get(Outcome.NO_POLICY_FITS, 0)

    @property
    def cannot_judge(self) -> int:
        return self.items.get(Outcome.CANNOT_JUDGE, 0)

    @property
    def restricted(self) -> int:
        return self.items.get(Outcome.RESTRICTED, 0)

    @property
    def judged(self) -> int:
        """Of which precision is the share: what is neither violating nor benign says nothing of it."""
        return self.violating + self.benign

    def precision(self) -> Share | None:
        return share_of(self.violating, self.judged)


def lateness_in_words(step: int) -> str:
    if step == len(LATENESS):
        return _("over %(time)s") % {"time": _seconds_in_words(LATENESS[-1])}
    return _("under %(time)s") % {"time": _seconds_in_words(LATENESS[step])}


def _seconds_in_words(seconds: int) -> str:
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": seconds}
    if seconds < 3_600:
        return _("%(minutes)s min") % {"minutes": seconds // 60}
    if seconds < 172_800:
        return _("%(hours)s h") % {"hours": seconds // 3_600}
    days = seconds // 86_400
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


# ── What came in ─────────────────────────────────────────


def volumes(by: str, *, since: date | None = None, **narrowed: Any) -> dict[Any, Volume]:
    """Return volumes by a column of ``facts.ARRIVALS``; ``narrowed`` are values of others, a list for any of them."""
    where, values = _where(narrowed)
    rows = _rows(
        f"""
        {facts.COUNTED_ARRIVALS}
        select {by}, is_flagged, lateness, sum(alerts)::bigint from facts
        where day >= coalesce(%(since)s, '-infinity'::date) and {where} group by 1, 2, 3
        """,  # noqa: S608  names of ours
        values | {"since": since},
    )
    found: dict[Any, Volume] = {}
    for key, is_flagged, lateness, alerts in rows:
        found.setdefault(key, Volume()).add(alerts, is_flagged=is_flagged, lateness=lateness)
    return found


# ── How often it was right ───────────────────────────────


def accuracies(by: str, *, with_categories: bool = False, **narrowed: Any) -> dict[Any, Accuracy]:
    """Return accuracies by a column of ``facts.COUNT``; ``narrowed`` are values of others, a list for any of them."""
    where, values = _where(narrowed)
    rows = _rows(
        f"""
        {facts.COUNTED_RATINGS}
        select {by}, outcome, sum(items)::bigint from facts
        where (category <> '') = %(with_categories)s and {where} group by 1, 2 having sum(items) <> 0
        """,  # noqa: S608  names of ours
        values | {"reports": REPORTS, "with_categories": with_categories},
    )
    found: dict[Any, Accuracy] = {}
    for key, outcome, items in rows:
        found.setdefault(key, Accuracy()).add(outcome, items)
    return found


def reliability() -> dict[Rated, tuple[int, int]]:
    """Return (violating, judged) of every detector's version and every sort of what sources send, as swept. 1 query."""
    rows = _rows(
        """
        select source_id, detector_version_id, is_report, sum(items) filter (where outcome = 'violating'), sum(items)
        from (
            select null::bigint as source_id, detector_version_id, false as is_report, outcome, items
            from quality_ratingcount where category = '' and not is_report and detector_version_id is not null
            union all
            select source_id, null, is_report, outcome, items from quality_ratingcount where category = ''
        ) each
        where outcome in ('violating', 'benign') group by 1, 2, 3
        """,
        {},
    )
    return {
        Rated(source, version, is_report): (violating or 0, judged)
        for source, version, is_report, violating, judged in rows
    }


def differences_from_recount() -> list[tuple[Any, ...]]:
    """Compare the counts, with what is still to look at, with a recount of all judged items. 1 query, one snapshot."""
    return _rows(
        f"""
        {facts.COUNTED_RATINGS}, recount as ({facts.by_category(facts.rated("true"))}),
        sides as (
            select {facts.COUNT}, items from facts union all select {facts.COUNT}, -1 from recount
        )
        select {facts.COUNT}, sum(items) from sides group by {facts.COUNT} having sum(items) <> 0
        """,  # noqa: S608  names of ours
        {"reports": REPORTS},
    )


def restricted_names() -> set[str]:
    """Return the names that stand for a restricted policy in any taxonomy, or are our own for it. 1 query."""
    return set(intake.restricted_categories().named)


def wrong_reports(detector: DetectorVersion) -> list[tuple[str, int]]:
    """Return how often reviewers said that ``detector`` was wrong, and stand by it, by what they said. 1 query."""
    found = DetectorWrong.objects.in_force().filter(detector_version=detector)
    counts = dict(found.order_by().values_list("kind").annotate(count=Count("pk")))
    return [(str(kind.label), counts[kind]) for kind in DetectorWrong.Kind if kind in counts]


# ── What damps, and names ────────────────────────────────


def dampings_of_detectors(detectors: Iterable[DetectorVersion], now: datetime) -> dict[int, list[Damping]]:
    """Return what damps each of ``detectors`` now. 1 query."""
    detectors = list(detectors)
    names = {detector.name for detector in detectors}
    wanted = Q(detector_version__in=detectors) | Q(detector__in=names)
    found = list(Damping.objects.in_force(now).filter(wanted).for_panel())
    return {
        detector.pk: [
            damping
            for damping in found
            if damping.detector_version_id == detector.pk or damping.detector == detector.name
        ]
        for detector in detectors
    }


def sources_of_categories(categories: Sequence[int]) -> dict[int, list[CategoryOfSource]]:
    """Return who sends each of ``categories``, most first. 1 query."""
    found: dict[int, list[CategoryOfSource]] = {}
    rows = CategoryOfSource.objects.filter(category__in=categories).select_related("source")
    for row in rows.order_by("category", "-alerts", "pk"):
        found.setdefault(row.category_id, []).append(row)
    return found


def _where(narrowed: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a condition of columns of ours, and its values."""
    parts = [
        f"{name} = any(%({name})s)" if isinstance(value, list) else f"{name} = %({name})s"
        for name, value in narrowed.items()
    ]
    return " and ".join(parts) or "true", dict(narrowed)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
