"""How much an alert weighs: what is muted or lowered for a while, and how right its detector or source has been.

Pure; ``docs/decisions/0010-accuracy-moves-priority-a-little.md`` says why, with the formula.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _

from incidents.intake.models import AlertKind
from incidents.queues.effects import LAST, Effect
from incidents.queues.matching import AlertFacts
from incidents.queues.models import Damping, Item, Reliability
from trust import numbers
from trust.proportions import share_of

FEWEST_JUDGED: Final = 20
REPORTS: Final = (AlertKind.USER_REPORT, AlertKind.PARTNER_REPORT, AlertKind.STAFF)
MUTED_STANDING: Final = LAST + 2  # whatever else is said about the generation names the queue
MUTED_PRIORITY: Final = -(2**15)  # and its priority

# The interval of 95 % must lie beyond a bound: few judgements move nothing, whichever way they point.
RAISED: Final = ((0.8, 2), (0.6, 1))
LOWERED: Final = ((0.1, -2), (0.25, -1))


def steps_of(violating: int, judged: int) -> int:
    """Return the steps of priority, -2 to 2, that follow from ``violating`` of ``judged`` items."""
    share = share_of(violating, judged, least=FEWEST_JUDGED)
    if share is None:
        return 0
    raised = next((steps for bound, steps in RAISED if share.low >= bound), 0)
    return raised or next((steps for bound, steps in LOWERED if share.high <= bound), 0)


class Weights:
    """What is in force while one batch is routed."""

    def __init__(self, dampings: Iterable[Damping], reliabilities: Iterable[Reliability]) -> None:
        self._dampings: dict[tuple[str, int | str], list[Damping]] = {}
        for damping in dampings:
            self._dampings.setdefault(_target(damping), []).append(damping)
        self._detectors: dict[int, Reliability] = {}
        self._sources: dict[tuple[int | None, bool], Reliability] = {}
        for one in reliabilities:
            if one.detector_version_id is not None:
                self._detectors[one.detector_version_id] = one
            else:
                self._sources[one.source_id, one.is_report] = one
        machines = [*self._detectors.values(), *(one for (_id, report), one in self._sources.items() if not report)]
        self._highest_of_machines = max((one.steps for one in machines), default=0)

    def weigh(self, facts: AlertFacts, effect: Effect) -> tuple[Effect, dict[str, Any]]:
        """Return what the alert leads to in the end, and what the trace is to say of it.

        Nothing is changed of what is restricted, and of random samples, which would estimate nothing any more.
        """
        kind = facts.traits.values["alert.kind"]
        if facts.restricted_category or kind == AlertKind.RANDOM_SAMPLE:
            return effect, {}
        damping = self._damping(facts, kind)
        if damping and damping.steps is None:
            closed = Item.ClosedAs.MUTED.value
            muted = Effect(effect.match, MUTED_STANDING, queue=effect.queue, priority=MUTED_PRIORITY, closed_as=closed)
            return muted, {"muted_by": damping.pk}
        steps, notes = self._accuracy(facts, kind)
        if damping and damping.steps:
            steps -= damping.steps
            notes |= {"lowered_by": damping.pk, "lowered": damping.steps}
        return (replace(effect, priority=effect.priority + steps) if steps else effect), notes

    def _damping(self, facts: AlertFacts, kind: str) -> Damping | None:
        """Return the strongest that holds; what damps a detector leaves people's reports alone."""
        if not self._dampings:
            return None
        targets: list[tuple[str, Any]] = [("source", facts.source_id)]
        if kind == AlertKind.DETECTOR:
            targets.append(("version", facts.detector_version_id))
            targets.append(("detector", facts.traits.values["alert.detector"]))
        found = [damping for target in targets for damping in self._dampings.get(target, ())]
        return max(found, key=lambda damping: (damping.is_muted, damping.steps or 0), default=None)

    def _accuracy(self, facts: AlertFacts, kind: str) -> tuple[int, dict[str, Any]]:
        """Return the steps that accuracy gives. A person's report never falls behind a detector by it."""
        is_report = kind in REPORTS
        known = None if is_report else self._detectors.get(facts.detector_version_id or 0)
        known = known or self._sources.get((facts.source_id, is_report))
        own = known.steps if known else 0
        if is_report and own < self._highest_of_machines:
            return self._highest_of_machines, {"beside_machines": self._highest_of_machines}
        if is_report and own < 0:
            return 0, {}
        if known is None:
            return 0, {}
        return own, {"accuracy": {"violating": known.violating, "judged": known.judged, "steps": own}}


def _target(damping: Damping) -> tuple[str, int | str]:
    if damping.source_id is not None:
        return "source", damping.source_id
    if damping.detector_version_id is not None:
        return "version", damping.detector_version_id
    return "detector", damping.detector


def weight_in_words(noted: Mapping[str, Any]) -> list[str]:
    """Say what the trace of one alert notes about its weight."""
    sentences = []
    if "muted_by" in noted:
        sentences.append(_("Its source or detector was muted (%(number)s).") % {"number": noted["muted_by"]})
    if accuracy := noted.get("accuracy"):
        values = {
            "precision": numbers.decimal(accuracy["violating"] / accuracy["judged"], 2),
            "judged": numbers.count(accuracy["judged"]),
            "steps": f"{accuracy['steps']:+d}",
        }
        sentences.append(_("Priority %(steps)s: precision %(precision)s (n = %(judged)s).") % values)
    if steps := noted.get("beside_machines"):
        sentences.append(
            _("Priority %(steps)s: a report by a person, lifted as far as any detector.") % {"steps": f"{steps:+d}"}
        )
    if "lowered_by" in noted:
        values = {"steps": f"-{noted['lowered']}", "number": noted["lowered_by"]}
        sentences.append(_("Priority %(steps)s: its source or detector was lowered (%(number)s).") % values)
    return sentences
