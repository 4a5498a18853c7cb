"""What the item page offers for saying that a detector was wrong: which one, and how, each with a digit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

from incidents.intake.models import Alert
from incidents.review.forms import DecisionForm, wrong_value
from incidents.review.models import DetectorWrong

MOST_DETECTORS: Final = 5


@dataclass(frozen=True)
class WrongChoice:
    number: int
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class WrongDetector:
    name: str
    choices: list[WrongChoice]


@dataclass(frozen=True)
class Feedback:
    """What can be said of each detector that raised the item; ``said`` is the kind that is chosen, "" for none."""

    detectors: list[WrongDetector]
    said: str
    number_of_none: int


def feedback(alerts: Iterable[Alert], form: DecisionForm) -> Feedback | None:
    """Offer each detector once, by the earliest of ``alerts``, newest first; None when no detector raised any."""
    by_detector = {str(alert.detector_version): alert for alert in alerts if alert.detector_version_id}
    first = sorted(by_detector.items(), key=lambda named: named[1].pk)[:MOST_DETECTORS]
    if not first:
        return None
    chosen, numbers = form["wrong"].value() or "", count(1)
    detectors = [
        WrongDetector(name, [_choice(next(numbers), alert, kind, chosen) for kind in DetectorWrong.Kind])
        for name, alert in first
    ]
    said = (choice.label for detector in detectors for choice in detector.choices if choice.is_chosen)
    return Feedback(detectors, next(said, ""), number_of_none=next(numbers))


def _choice(number: int, alert: Alert, kind: DetectorWrong.Kind, chosen: str) -> WrongChoice:
    value = wrong_value(alert.pk, kind)
    return WrongChoice(number, value, str(kind.label), value == chosen)
