"""What a clause recommends at a severity: one enforcement, or several that step up with the actor's strikes.

The one home of the two shapes in which ``ClauseVersion.recommended`` holds them by severity: "warning", and where it
steps up [{"from_strikes": 0, "kind": "warning"}, {"from_strikes": 3, "kind": "suspension"}].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _, ngettext

from policies.texts import LEVELS, MOST_STEPS, MOST_STRIKES, NO_STEP, Step
from policies.vocabulary import EnforcementKind

Recommended = Mapping[str, Any]

KINDS: Final = (NO_STEP, *EnforcementKind.values)  # mildest first


def read(recommended: Recommended, level: int) -> tuple[Step, ...]:
    """Return the steps at a severity, from 0 strikes on; there is always one."""
    held = recommended.get(str(level), NO_STEP)
    if isinstance(held, str):
        return (Step(0, held),)
    return tuple(Step(row["from_strikes"], row["kind"]) for row in held)


def at(recommended: Recommended, level: int, *, strikes: int) -> Step:
    """Return the step that an actor with so many strikes is at."""
    return max((step for step in read(recommended, level) if step.from_strikes <= strikes), key=_from)


def write(first: Sequence[str], further: Sequence[Sequence[Step]]) -> dict[str, Any]:
    """Return what a clause holds: what is recommended first at each severity, and the steps from more strikes on."""
    held: dict[str, Any] = {}
    for level in range(LEVELS):
        steps = [Step(0, first[level]), *further[level]]
        rows = [{"from_strikes": step.from_strikes, "kind": step.kind} for step in steps]
        held[str(level)] = rows if further[level] else first[level]
    return held


def refusal_of(steps: Sequence[Step]) -> str | None:
    """Say why these are no steps at a severity; the first is what is recommended without strikes."""
    if len(steps) > MOST_STEPS + 1:
        return _("There are more than %(most)s steps.") % {"most": MOST_STEPS}
    for before, after in pairwise(steps):
        if not before.from_strikes < after.from_strikes <= MOST_STRIKES:
            return _("Each step begins at more strikes than the one before, and at %(most)s at most.") % {
                "most": MOST_STRIKES
            }
        if _rung(after.kind) <= _rung(before.kind):
            return _("Each step is graver than the one before.")
    return None


def refusal_of_held(recommended: Recommended | None) -> str | None:
    """Say why a clause cannot hold this; None holds nothing new."""
    for level in range(LEVELS if recommended else 0):
        found = read(recommended or {}, level)
        if any(step.kind not in KINDS for step in found) or not found or found[0].from_strikes:
            return _("There is no enforcement of that kind, or not from 0 strikes on.")
        if reason := refusal_of(found):
            return reason
    return None


def told(steps: Sequence[Step]) -> str:
    """Return steps in words: "Warning; from 3 strikes Suspension"."""
    return "; ".join(_told(step) for step in steps)


def _told(step: Step) -> str:
    kind = str(EnforcementKind(step.kind).label) if step.kind != NO_STEP else _("nothing")
    if not step.from_strikes:
        return kind
    words = ngettext("from %(strikes)s strike %(kind)s", "from %(strikes)s strikes %(kind)s", step.from_strikes)
    return words % {"strikes": step.from_strikes, "kind": kind}


def _from(step: Step) -> int:
    return step.from_strikes


def _rung(kind: str) -> int:
    return KINDS.index(kind)
