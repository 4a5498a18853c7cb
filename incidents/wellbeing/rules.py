"""When it is enough: pure functions of where a person stands and of the limits that hold for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _, ngettext

from policies.vocabulary import Severity
from trust.accounts.models import User
from trust.permissions import Permission

ANY: Final = max(Severity) + 1  # below this severity: all of them
FEWEST_PEOPLE: Final = 5
BREAK_AT_LEAST: Final = timedelta(minutes=5)
PAUSE_AS_BREAK: Final = timedelta(minutes=15)
BREAK_AFTER_MINUTES: Final = 50
LONGEST_STRETCH: Final = 300  # seconds that one message of a browser may add
COOLS_FROM: Final = Severity.SERIOUS


def weight_of(severity: int) -> int:
    """Return what an item weighs in the severity-weighted sum: each step of severity twice the one below it."""
    return 1 << severity


@dataclass(frozen=True)
class Standing:
    """Where a person stands now: today's items and seconds by severity, what they saw in a row, what they chose.

    ``held`` are the severities of items that they hold and have not revealed yet: those are as good as seen.
    """

    limits: Sequence[Mapping[str, Any]] = ()
    opted_out: Sequence[int] = ()
    items: Sequence[int] = (0,) * ANY
    seconds: Sequence[int] = (0,) * ANY
    in_a_row: Sequence[int] = (0,) * ANY
    of_category_in_a_row: Mapping[str, int] = field(default_factory=dict)
    last_severity: int = 0
    last_at: datetime | None = None
    seconds_since_break: int = 0
    break_at: datetime | None = None
    held: Sequence[int] = ()

    def severe(self, severe_from: int) -> int:
        return sum(self.items[severe_from:]) + self._held(severe_from)

    def severe_in_a_row(self, severe_from: int) -> int:
        return self.in_a_row[severe_from] + self._held(severe_from)

    def _held(self, severe_from: int) -> int:
        return sum(severity >= severe_from for severity in self.held)

    @property
    def minutes(self) -> int:
        return sum(self.seconds) // 60

    @property
    def count(self) -> int:
        return sum(self.items)


@dataclass(frozen=True)
class Bounds:
    """What the dispatcher may hand out: items below a severity and of none of ``avoided``; ``why`` says what holds it.

    ``cooler`` is the severity below which the next item should be, where such a one waits.
    """

    below: int = ANY
    avoided: tuple[int, ...] = ()
    why: str = ""
    cooler: int = ANY


def bounds_of(standing: Standing, now: datetime) -> Bounds:
    rested = is_rested(standing.last_at, standing.break_at, now)
    below, why = ANY, ""
    for limits in standing.limits:
        sentence = _day_is_full(standing, limits) or ("" if rested else _row_is_full(standing, limits))
        if sentence and limits["severe_from"] < below:
            below, why = limits["severe_from"], sentence
    tired = [] if rested else _tired_of(standing)
    if tired and not why:
        why = _("You have had many items of one kind in a row; other items, another queue or a break come first.")
    cools = any(limits["cools_down"] for limits in standing.limits) and not rested
    is_warm = cools and standing.last_severity >= COOLS_FROM
    return Bounds(
        below=below,
        avoided=tuple(sorted({*standing.opted_out, *tired})),
        why=why,
        cooler=min(below, COOLS_FROM) if is_warm else below,
    )


def is_rested(last_at: datetime | None, break_at: datetime | None, now: datetime) -> bool:
    """Say whether a break of some minutes, or a long pause, lies between the last reveal and now."""
    if last_at is None or now - last_at >= PAUSE_AS_BREAK:
        return True
    return break_at is not None and break_at >= last_at and now - break_at >= BREAK_AT_LEAST


def sentences_after_item(standing: Standing, now: datetime) -> list[str]:
    """Say, at the end of an item, which soft limits are reached and that a break is due. None while all is well."""
    if is_rested(standing.last_at, standing.break_at, now):
        return []
    found = [sentence for limits in standing.limits for sentence in _soft(standing, limits)]
    if is_break_due(standing):
        minutes = standing.seconds_since_break // 60
        sentence = ngettext(
            "%(minutes)s minute of content since your last break.",
            "%(minutes)s minutes of content since your last break.",
            minutes,
        )
        found.append(sentence % {"minutes": minutes})
    return list(dict.fromkeys(found))


def is_break_due(standing: Standing) -> bool:
    after = [limits["break_after_minutes"] for limits in standing.limits if limits["break_after_minutes"]]
    return standing.seconds_since_break >= 60 * min(after, default=BREAK_AFTER_MINUTES)


def refusal_to_set_for_everyone(by: User) -> str | None:
    if not by.may(Permission.MANAGE_WELLBEING):
        return _("Only leads and admins set what holds for everyone.")
    return None


def refusal_to_set_own(by: User) -> str | None:
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads are shown content.")
    return None


# ── Parts ────────────────────────────────────────────────


def _day_is_full(standing: Standing, limits: Mapping[str, Any]) -> str:
    level = limits["severe_from"]
    most, minutes = limits["day_items_hard"], limits["day_minutes_hard"]
    if most is not None and standing.severe(level) >= most:
        sentence = ngettext(
            "You have reached today’s limit of %(most)s item of %(level)s and up; below that, items still come.",
            "You have reached today’s limit of %(most)s items of %(level)s and up; below that, items still come.",
            most,
        )
        return sentence % {"most": most, "level": Severity(level).code}
    if minutes is not None and standing.minutes >= minutes:
        sentence = ngettext(
            "You have reached today’s limit of %(most)s minute of content; items below %(level)s still come.",
            "You have reached today’s limit of %(most)s minutes of content; items below %(level)s still come.",
            minutes,
        )
        return sentence % {"most": minutes, "level": Severity(level).code}
    return ""


def _row_is_full(standing: Standing, limits: Mapping[str, Any]) -> str:
    level, most = limits["severe_from"], limits["row_items_hard"]
    if most is None or standing.severe_in_a_row(level) < most:
        return ""
    sentence = ngettext(
        "You have had %(most)s item of %(level)s and up in a row; a lighter one or a break comes first.",
        "You have had %(most)s items of %(level)s and up in a row; a lighter one or a break comes first.",
        most,
    )
    return sentence % {"most": most, "level": Severity(level).code}


def _tired_of(standing: Standing) -> list[int]:
    """Return the categories that came so often in a row that others come first."""
    after = [limits["rotate_after"] for limits in standing.limits if limits["rotate_after"]]
    if not after:
        return []
    return [int(category) for category, count in standing.of_category_in_a_row.items() if count >= min(after)]


def _soft(standing: Standing, limits: Mapping[str, Any]) -> Iterator[str]:
    level = limits["severe_from"]
    severe, minutes, in_a_row = sum(standing.items[level:]), standing.minutes, standing.in_a_row[level]
    counts = (
        (
            limits["day_items_soft"],
            severe,
            ngettext("%(count)s item of %(level)s and up today", "%(count)s items of %(level)s and up today", severe),
        ),
        (
            limits["day_minutes_soft"],
            minutes,
            ngettext("%(count)s minute of content today", "%(count)s minutes of content today", minutes),
        ),
        (
            limits["row_items_soft"],
            in_a_row,
            ngettext(
                "%(count)s item of %(level)s and up in a row", "%(count)s items of %(level)s and up in a row", in_a_row
            ),
        ),
    )
    for most, count, phrase in counts:
        if most is not None and count >= most:
            said = phrase % {"count": count, "level": Severity(level).code}
            yield _("%(said)s; the mark is %(most)s.") % {"said": said, "most": most}
