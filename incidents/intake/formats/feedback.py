"""What people and evaluators say about something that a tracing tool recorded, whichever tool it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from django.utils.translation import gettext_lazy
from msgspec import Meta

from incidents.intake.formats import tracing, verdicts
from incidents.intake.formats.converting import Given, NotOfFormat

_WHEN: Final = {"sentence": gettext_lazy("Must be a time, such as 2026-11-01T10:00:00Z."), "values": {}}

When = Annotated[datetime, Meta(extra=_WHEN)]  # without a zone it is UTC


@dataclass(frozen=True)
class Recorded:
    """What the tool recorded: the generation, who asked, and when."""

    tool: str
    id: str
    generation: Mapping[str, Any]
    occurred_at: datetime | None = None
    actor: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Feedback:
    """One judgement. A label is what it says in a word; a score a number, or true or false."""

    id: str
    name: str
    kind: Literal["detector", "staff", "user_report"]
    occurred_at: datetime | None
    score: float | bool | None = None
    label: str = ""
    comment: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


def alerts(recorded: Recorded, judgements: list[Feedback], given: Given) -> list[dict[str, Any]]:
    """Make an alert for each judgement; without one, the alert that brings in what nobody has judged.

    Only the first brings the messages: a long conversation with many scores must not become many long alerts.
    """
    if judgements:
        known = dataclasses.replace(recorded, generation={"external_id": recorded.generation["external_id"]})
        return [judged(known if index else recorded, feedback) for index, feedback in enumerate(judgements)]
    return [_alert(recorded, recorded.id, recorded.occurred_at, recorded.metadata) | tracing.unjudged(given)]


def judged(recorded: Recorded, feedback: Feedback) -> dict[str, Any]:
    """Make the alert of one judgement. Only a label that leaves no doubt flags; any other is a category of its own."""
    when = feedback.occurred_at or recorded.occurred_at
    about: dict[str, Any] = {**recorded.metadata, **tracing.said(label=feedback.label), **feedback.metadata}
    violates = verdicts.is_violation(feedback.label)
    labels: dict[str, bool] = {}
    if isinstance(feedback.score, bool):
        labels[feedback.name] = feedback.score
    if violates is not None:
        labels[feedback.name] = violates
    elif feedback.label:
        labels[f"{feedback.name}={feedback.label}"[:120]] = True
    score = tracing.number(feedback.score)
    if not labels and score is None:
        about["score"] = feedback.name
    return _alert(recorded, feedback.id, when, about) | tracing.said(
        kind=feedback.kind,
        detector={"name": feedback.name} if feedback.kind == "detector" else None,
        taxonomy={"name": f"{recorded.tool}-scores"},
        flagged=[feedback.name] if violates else [],
        labels=labels,
        scores={} if score is None else {feedback.name: score},
        comment=feedback.comment,
    )


def _alert(recorded: Recorded, identity: str, when: datetime | None, metadata: Mapping[str, Any]) -> dict[str, Any]:
    if when is None:
        raise NotOfFormat({"created_at": [str(_WHEN["sentence"])]}, identity)
    return tracing.said(
        external_id=tracing.identifier(recorded.tool, identity),
        occurred_at=(when if when.tzinfo else when.replace(tzinfo=UTC)).isoformat(),
        generation=dict(recorded.generation),
        actor=recorded.actor,
        metadata=tracing.said(**metadata),
    )


def user(identity: Any) -> dict[str, Any] | None:
    """Name the account that asked, if it is named."""
    return {"kind": "user", "external_id": identity} if isinstance(identity, str) and identity else None
