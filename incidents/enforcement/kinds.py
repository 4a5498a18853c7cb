"""What each kind of enforcement takes, does to the actor's standing, and means: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from policies.vocabulary import EnforcementKind, Standing
from trust import numbers

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LONGEST_TEXT: Final = 100


@dataclass(frozen=True)
class Parameter:
    """One setting of a kind. ``most`` None: a text of at most 100 characters."""

    name: str
    label: StrPromise
    most: int | None = None
    default: int | None = None
    is_required: bool = True


@dataclass(frozen=True)
class Kind:
    """``standing`` is where it puts the actor (None: where they were). ``is_lifted``: its end undoes something."""

    parameters: tuple[Parameter, ...]
    standing: Standing | None
    is_lifted: bool = True


def _days(default: int, *, is_required: bool = True) -> Parameter:
    return Parameter("days", gettext_lazy("Days"), most=3650, default=default, is_required=is_required)


KINDS: Final[dict[EnforcementKind, Kind]] = {
    EnforcementKind.NOTICE: Kind((_days(30),), standing=None, is_lifted=False),
    EnforcementKind.WARNING: Kind((_days(90),), standing=Standing.WARNED, is_lifted=False),
    EnforcementKind.RATE_LIMIT: Kind(
        (
            Parameter("requests_per_minute", gettext_lazy("Requests per minute"), most=1_000_000, default=10),
            _days(30, is_required=False),
        ),
        standing=Standing.LIMITED,
    ),
    EnforcementKind.QUOTA: Kind(
        (
            Parameter("requests_per_day", gettext_lazy("Requests per day"), most=1_000_000_000, default=1000),
            _days(30, is_required=False),
        ),
        standing=Standing.LIMITED,
    ),
    EnforcementKind.FEATURE_BLOCK: Kind(
        (Parameter("feature", gettext_lazy("Feature")), _days(30, is_required=False)), standing=Standing.LIMITED
    ),
    EnforcementKind.SUSPENSION: Kind((_days(30),), standing=Standing.SUSPENDED),
    EnforcementKind.BAN: Kind((), standing=Standing.BANNED),
    EnforcementKind.REFERRAL: Kind(
        (Parameter("authority", gettext_lazy("Authority")),), standing=None, is_lifted=False
    ),
}

LADDER: Final = tuple(EnforcementKind)
STANDINGS_WORST_LAST: Final = (
    Standing.GOOD,
    Standing.WARNED,
    Standing.LIMITED,
    Standing.SUSPENDED,
    Standing.BANNED,
)


def rung(kind: str) -> int:
    """Return how far up the ladder ``kind`` stands, from 0."""
    return LADDER.index(EnforcementKind(kind))


def defaults(kind: EnforcementKind) -> dict[str, Any]:
    """Return the parameters that a recommendation starts with; texts are left for the person."""
    return {one.name: one.default for one in KINDS[kind].parameters if one.default is not None}


def standing_under(kinds: list[str]) -> Standing:
    """Return where an actor stands under all of ``kinds`` together: the worst of them."""
    standings = [KINDS[EnforcementKind(kind)].standing or Standing.GOOD for kind in kinds]
    return max(standings, key=STANDINGS_WORST_LAST.index, default=Standing.GOOD)


def in_words(kind: str, parameters: dict[str, Any]) -> str:
    """Say the action and its settings in one line: "Rate limit, 10 requests a minute, 30 days"."""
    parts = [str(EnforcementKind(kind).label)]
    if per_minute := parameters.get("requests_per_minute"):
        words = ngettext("%(n)s request a minute", "%(n)s requests a minute", per_minute)
        parts.append(words % {"n": _grouped(per_minute)})
    if per_day := parameters.get("requests_per_day"):
        words = ngettext("%(n)s request a day", "%(n)s requests a day", per_day)
        parts.append(words % {"n": _grouped(per_day)})
    parts += [str(parameters[name]) for name in ("feature", "authority") if parameters.get(name)]
    if days := parameters.get("days"):
        parts.append(ngettext("%(n)s day", "%(n)s days", days) % {"n": days})
    return ", ".join(parts)


def effect_at_once(kind: str, parameters: dict[str, Any]) -> str:
    """Say what happens when the action is approved, to whom it is meant for."""
    sentences = {
        EnforcementKind.NOTICE: _("They are told. Nothing is taken from them."),
        EnforcementKind.WARNING: _("They are warned. Nothing is taken from them; their standing is “warned”."),
        EnforcementKind.RATE_LIMIT: _("More than %(requests_per_minute)s requests a minute will be refused."),
        EnforcementKind.QUOTA: _("More than %(requests_per_day)s requests a day will be refused."),
        EnforcementKind.FEATURE_BLOCK: _("The feature “%(feature)s” stops working for them; the rest goes on."),
        EnforcementKind.SUSPENSION: _("All requests are refused until the suspension ends."),
        EnforcementKind.BAN: _("All requests are refused for good."),
        EnforcementKind.REFERRAL: _("The case is handed to %(authority)s. It cannot be taken back once they have it."),
    }
    names = ("requests_per_minute", "requests_per_day", "feature", "authority")
    return sentences[EnforcementKind(kind)] % {name: _grouped(parameters.get(name, "…")) for name in names}


def _grouped(value: Any) -> str:
    """Write 1000 as "1,000"; a text stays as it is."""
    return numbers.count(value) if isinstance(value, int) else str(value)


def problems_of(kind: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return a sentence by name for each parameter that is missing, unknown or out of bounds."""
    known = {one.name: one for one in KINDS[EnforcementKind(kind)].parameters}
    problems = {
        name: _("%(kind)s takes no such parameter.") % {"kind": EnforcementKind(kind).label}
        for name in parameters
        if name not in known
    }
    for name, parameter in known.items():
        if problem := _problem_of(parameter, parameters.get(name)):
            problems[name] = problem
    return problems


def _problem_of(parameter: Parameter, value: Any) -> str | None:
    if value is None or value == "":
        return _("This is needed.") if parameter.is_required else None
    if parameter.most is None:
        if isinstance(value, str) and value.strip() and len(value) <= LONGEST_TEXT and value.isprintable():
            return None
        return _("Give 1 to %(most)s printable characters.") % {"most": LONGEST_TEXT}
    if type(value) is int and 1 <= value <= parameter.most:
        return None
    return _("Give a whole number from 1 to %(most)s.") % {"most": parameter.most}
