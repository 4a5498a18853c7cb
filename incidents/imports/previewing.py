"""The first records of a file as the alerts that they would become."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _, ngettext

from incidents.imports import queries
from incidents.imports.models import Import
from incidents.intake import queries as intake
from incidents.intake.formats.native import Alert, Message
from incidents.intake.formats.reader import Unread
from trust import clock

RECORDS: Final = 5
LONGEST_SHOWN: Final = 5_000  # characters of one message


@dataclass(frozen=True)
class Said:
    gist: str
    text: str


@dataclass(frozen=True)
class Previewed:
    """An alert of a record, or what is wrong with it. Of what is restricted no text is here at all."""

    line: int
    external_id: str | None
    errors: dict[str, list[str]] = field(default_factory=dict)
    is_restricted: bool = False
    facts: dict[str, str] = field(default_factory=dict)
    messages: list[Said] = field(default_factory=list)


def preview(found: Import) -> list[Previewed]:
    """Read the first records by the format and mapping as they are. 2 queries."""
    part = queries.first_records(found, RECORDS)
    reader, restricted = queries.reader(found, part.places), intake.restricted_categories()
    previewed: list[Previewed] = []
    for one in reader.read(part.records, received_at=clock.now()):
        line = part.places[one.place] + 1
        if isinstance(one, Unread):
            is_restricted = restricted.may_be_named_in(part.records[one.place])
            errors = {path: [] for path in one.reason.errors} if is_restricted else one.reason.errors
            previewed.append(Previewed(line, one.reason.external_id, errors=errors, is_restricted=is_restricted))
        elif restricted.category_of(one.alert):
            previewed.append(Previewed(line, one.alert.external_id, is_restricted=True))
        else:
            said = [_said(message) for message in one.alert.generation.messages or []]
            previewed.append(Previewed(line, one.alert.external_id, facts=_facts(one.alert), messages=said))
    return previewed


def _facts(alert: Alert) -> dict[str, str]:
    generation, actor = alert.generation, alert.actor
    facts: dict[str, Any] = {
        _("occurred"): alert.occurred_at.isoformat(),
        _("kind"): alert.kind,
        _("detector"): f"{alert.detector.name} {alert.detector.version}".strip() if alert.detector else "",
        _("taxonomy"): f"{alert.taxonomy.name} {alert.taxonomy.version}".strip() if alert.taxonomy else "",
        _("flagged"): ", ".join(alert.flagged),
        _("labels"): _pairs(alert.labels),
        _("scores"): _pairs(alert.scores),
        _("generation"): generation.external_id,
        _("model"): generation.model,
        _("language"): generation.language,
        _("actor"): f"{actor.kind} {actor.external_id}" if actor else "",
    }
    return {name: str(value)[:500] for name, value in facts.items() if value}


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in list(values.items())[:20])


def _said(message: Message) -> Said:
    words = len(message.content.split())
    counted = ngettext("%(role)s, one word", "%(role)s, %(words)s words", words)
    return Said(counted % {"role": message.role, "words": words}, message.content[:LONGEST_SHOWN])
