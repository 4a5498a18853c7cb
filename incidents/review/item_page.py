"""What the item page says, in the order in which it says it: sentences and choices made of what queries read."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _, gettext_lazy as _lazy, ngettext

from incidents.intake.models import Alert, AlertKind
from incidents.queues import weighing
from incidents.queues.models import Item, Round
from incidents.review import queries
from incidents.review.detector_feedback import Feedback, feedback
from incidents.review.findings import Guidelines
from incidents.review.forms import DecisionForm, ViolationForm
from incidents.review.models import Decision, GroupDecision
from incidents.review.queries import Attachment, ItemRecord, Message
from policies import queries as policies, tags
from policies.models import ClauseVersion
from policies.vocabulary import Severity, Side
from trust import languages, numbers
from trust.accounts.models import User
from trust.hostile import Span

MOST_CHOICES: Final = 9
MOST_SCORES: Final = 4
MOST_OTHER_SCORES: Final = 40
MOST_PARAMETERS: Final = 20
LONGEST_PARAMETER: Final = 200

ROLES: Final = {
    "system": _lazy("System"),
    "user": _lazy("User"),
    "assistant": _lazy("Assistant"),
    "tool": _lazy("Tool"),
}


@dataclass(frozen=True)
class MessageView:
    message: Message
    role: str
    is_known_role: bool
    words: int
    gist: str
    spans: list[Span]
    attached: str


@dataclass(frozen=True)
class AlertView:
    """One alert: who raised it, the highest of what it flagged, its other scores, and what a person wrote."""

    alert: Alert
    raised_by: str
    scores: list[tuple[str, float | None, float | None]]
    others: list[tuple[str, float | None, float | None]]
    comment: str


@dataclass(frozen=True)
class Choice:
    """A clause that is offered with a digit, and why."""

    number: int
    text: ClauseVersion
    reason: str
    is_suggested: bool
    side: str

    @property
    def key(self) -> str:
        return self.text.clause.key

    @property
    def rungs(self) -> list[policies.Rung]:
        return policies.rungs(self.text)


@dataclass(frozen=True)
class Row:
    """One violation of the form: what stands in it now. All but the last are folded to a line."""

    number: int
    prefix: str
    title: str
    clause: str
    other: str
    severity: str
    side: str
    complied: bool
    span: tuple[str, str, str]
    is_last: bool
    errors: list[str]


@dataclass(frozen=True)
class ItemPage:
    record: ItemRecord
    held: Round | None
    messages: list[MessageView]
    parameters: list[tuple[str, str]]
    alerts: list[AlertView]
    choices: list[Choice]
    clauses: list[ClauseVersion]
    why_here: list[str]
    form: DecisionForm | None
    rows: list[Row]
    wrong: Feedback | None
    severities: list[tuple[str, str]]
    sides: list[tuple[str, str]]


def item_page(
    record: ItemRecord, *, held: Round | None, guidelines: Guidelines, form: DecisionForm | None, by: User
) -> ItemPage:
    """Put the page together. 2 queries."""
    choices = _choices(record, guidelines, by) if held else []
    return ItemPage(
        record=record,
        held=held,
        messages=_messages(record),
        parameters=[
            (name, (value if isinstance(value, str) else json.dumps(value))[:LONGEST_PARAMETER])
            for name, value in list(record.parameters.items())[:MOST_PARAMETERS]
        ],
        alerts=[_alert(alert, is_restricted=record.is_restricted) for alert in record.alerts],
        choices=choices,
        clauses=guidelines.clauses if held else [],
        why_here=[said for entry in record.item.trace for said in (_why(entry), *weighing.weight_in_words(entry))],
        form=form,
        rows=_rows(form, choices, guidelines) if form else [],
        wrong=feedback(record.alerts, form) if form else None,
        severities=[(str(level.value), str(level.label)) for level in Severity],
        sides=[(side.value, str(side.label)) for side in Side],
    )


def decision_sentence(decision: Decision) -> str:
    """Say what was just decided: "Item 48212 decided: benign."."""
    names = {"item": decision.item_id, "verdict": languages.noun_within(decision.get_verdict_display())}
    return _("Item %(item)s decided: %(verdict)s.") % names


def group_decision_sentence(whole: GroupDecision) -> str:
    """Say how many were judged and how many stay open. 1 query."""
    is_check = [decision is None for decision in whole.parts.values_list("decision", flat=True)]
    names = {"judged": is_check.count(False), "checks": is_check.count(True)}
    sentence = ngettext(
        "%(judged)s other was judged the same. Left open as a check: %(checks)s.",
        "%(judged)s others were judged the same. Left open as a check: %(checks)s.",
        names["judged"],
    )
    return sentence % names


# ── The conversation ─────────────────────────────────────


def _messages(record: ItemRecord) -> list[MessageView]:
    found = _found_spans(record.alerts)
    cited: dict[int, list[Span]] = {}
    violations = [violation for decision in record.decisions[:1] for violation in decision.violations.all()]
    for number, violation in enumerate(violations, start=1):
        if violation.span_message is not None:
            span = (violation.span_start or 0, violation.span_end or 0, number)
            cited.setdefault(violation.span_message, []).append(span)
    language = record.generation.language if record.generation else ""
    return [
        _message(message, found.get(message.number, {}), cited.get(message.number, []), language)
        for message in record.messages or []
    ]


def _message(message: Message, found: dict[str, list[Span]], cited: list[Span], language: str) -> MessageView:
    role = str(ROLES.get(message.role, message.role))
    words = len(message.content.split()) if message.content is not None else 0
    length = ngettext("%(role)s, %(words)s word", "%(role)s, %(words)s words", words) % {
        "role": role,
        "words": numbers.count(words),
    }
    gist = f"{length}, {language}." if language else f"{length}."
    if names := ", ".join(sorted(name for name in found if name)):
        gist += " " + _("Detector found: %(names)s.") % {"names": names}
    is_known = message.role in ROLES
    spans = [*(span for spans in found.values() for span in spans), *cited]
    return MessageView(message, role, is_known, words, gist, spans, _attached(message.attachments))


def _attached(attachments: Sequence[Attachment]) -> str:
    """Say how many things came along and what they are; "" when nothing did."""
    if not attachments:
        return ""
    names = {"number": len(attachments), "kinds": ", ".join(languages.noun_within(one.label) for one in attachments)}
    return ngettext("%(number)s attachment: %(kinds)s.", "%(number)s attachments: %(kinds)s.", len(attachments)) % names


def _found_spans(alerts: Iterable[Alert]) -> dict[int, dict[str, list[Span]]]:
    """Return what detectors marked: {message: {category: spans}}."""
    found: dict[int, dict[str, list[Span]]] = {}
    for alert in alerts:
        for span in alert.spans:
            of_message = found.setdefault(span["message"], {})
            of_message.setdefault(span.get("category", ""), []).append((span["start"], span["end"], None))
    return found


def _alert(alert: Alert, *, is_restricted: bool) -> AlertView:
    is_detector = alert.kind == AlertKind.DETECTOR
    highest = sorted(alert.flagged, key=lambda name: -alert.scores.get(name, 0.0))[:MOST_SCORES]
    others = sorted(alert.scores.keys() - set(highest), key=lambda name: (-alert.scores[name], name))
    return AlertView(
        alert=alert,
        raised_by=str((is_detector and alert.detector_version) or alert.source.slug),
        scores=[_score(alert, name) for name in highest],
        others=[_score(alert, name) for name in others[:MOST_OTHER_SCORES]],
        comment="" if is_restricted else alert.comment,
    )


def _score(alert: Alert, name: str) -> tuple[str, float | None, float | None]:
    return name, alert.scores.get(name), alert.thresholds.get(name)


def _why(entry: dict[str, Any]) -> str:
    """Say what routing did with one alert, from what it noted on the item."""
    names = {"queue": entry["queue"], "rule": entry["rule"], "position": entry["position"], "tried": entry["tried"]}
    if entry.get("restricted"):
        return _("Its category is restricted, so it is in %(queue)s whatever the rules say.") % names
    if entry.get("sampled_as") == Item.SampledAs.RANDOM_SAMPLE:
        return _("It is part of a random sample, which goes to %(queue)s whatever the rules say.") % names
    if entry.get("closed_as") == Item.ClosedAs.MUTED:
        return _("It came in and was closed without a judgement.")
    if not entry["rule"]:
        sentence = ngettext(
            "The %(tried)s rule did not match; %(queue)s is the default queue.",
            "None of the %(tried)s rules matched; %(queue)s is the default queue.",
            entry["tried"],
        )
        return sentence % names
    if entry.get("closed_as"):
        names |= {"version": entry["version"], "closed_as": Item.ClosedAs(entry["closed_as"]).label}
        return _("Rule %(position)s, “%(rule)s”, of version %(version)s closed it: %(closed_as)s.") % names
    if entry["tried"] == 1:
        return _("Rule %(position)s, “%(rule)s”, sent it to %(queue)s.") % names
    names["before"] = entry["tried"] - 1
    sentence = ngettext(
        "Rule %(position)s, “%(rule)s”, sent it to %(queue)s. The rule before it did not match.",
        "Rule %(position)s, “%(rule)s”, sent it to %(queue)s. The %(before)s rules before it did not match.",
        entry["tried"] - 1,
    )
    return sentence % names


# ── The decision ─────────────────────────────────────────


def _choices(record: ItemRecord, guidelines: Guidelines, by: User) -> list[Choice]:
    """Offer what the detectors mean, what this actor did last, what this reviewer found lately; none is chosen.

    What is not about the language of the item is not among them; it is found by its name.
    """
    reasons: dict[int, str] = {}
    for text in _suggested(record.alerts, guidelines):
        reasons.setdefault(text.clause_id, _("suggested"))
    suggested = set(reasons)
    for clause_id in queries.last_clauses_of_actor(record.actor, but=record.item):
        reasons.setdefault(clause_id, _("this actor before"))
    for clause_id in queries.last_clauses_of_reviewer(by):
        reasons.setdefault(clause_id, _("you lately"))
    language = record.item.generation.language if record.item.generation else ""
    texts = [guidelines.by_clause[clause_id] for clause_id in reasons if clause_id in guidelines.by_clause]
    offered = [text for text in texts if tags.applies(text.languages, language)][:MOST_CHOICES]
    side = _side_that_fired(record)
    return [
        Choice(number, text, reasons[text.clause_id], text.clause_id in suggested, side)
        for number, text in enumerate(offered, start=1)
    ]


def offered_in_bulk(
    alerts: Sequence[Alert], guidelines: Guidelines, *, among: Container[str], by: User
) -> list[Choice]:
    """Offer what the detectors mean and what this person found lately, of the clauses ``among``. 1 query."""
    reasons = {text.clause_id: _("suggested") for text in _suggested(alerts, guidelines)}
    suggested = set(reasons)
    for clause_id in queries.last_clauses_of_reviewer(by):
        reasons.setdefault(clause_id, _("you lately"))
    texts = [guidelines.by_clause[clause_id] for clause_id in reasons if clause_id in guidelines.by_clause]
    fitting = [text for text in texts if text.clause.key in among][:MOST_CHOICES]
    return [
        Choice(number, text, reasons[text.clause_id], text.clause_id in suggested, side="")
        for number, text in enumerate(fitting, start=1)
    ]


def found_by_name(text: ClauseVersion) -> Choice:
    """Return a clause that was not offered, as it stands beside the item."""
    return Choice(0, text, "", is_suggested=False, side="")


def _suggested(alerts: Sequence[Alert], guidelines: Guidelines) -> list[ClauseVersion]:
    categories = [(alert.taxonomy, alert.taxonomy_version, name) for alert in alerts for name in alert.flagged]
    named = [guidelines.by_key[name] for _taxonomy, _version, name in categories if name in guidelines.by_key]
    return [*named, *guidelines.suggested(categories)]


def _side_that_fired(record: ItemRecord) -> str:
    """Return the side that the detectors marked, both when they marked none or both."""
    marked = {span["message"] for alert in record.alerts for span in alert.spans}
    roles = {message.role for message in record.messages or [] if message.number in marked}
    if roles and roles <= {"assistant", "tool"}:
        return Side.COMPLETION
    if roles and roles <= {"user", "system"}:
        return Side.PROMPT
    return Side.INTERACTION


def _rows(form: DecisionForm, choices: Sequence[Choice], guidelines: Guidelines) -> list[Row]:
    offered = {choice.key for choice in choices}
    last = len(form.violations) - 1
    rows = [_row(number, row, offered, is_last=number == last) for number, row in enumerate(form.violations)]
    texts = [guidelines.by_key.get(row.other or row.clause) for row in rows]
    return [replace(row, title=text.title) if text else row for row, text in zip(rows, texts, strict=True)]


def _row(number: int, row: ViolationForm, offered: set[str], *, is_last: bool) -> Row:
    value = {name: row[name].value() for name in row.fields}
    clause, other = str(value["clause"] or ""), str(value["other"] or "")
    if clause not in offered:
        clause, other = "", other or clause
    return Row(
        number=number,
        prefix=str(row.prefix),
        title=other or clause,
        clause=clause,
        other=other,
        severity=_text(value["severity"]),
        side=str(value["side"] or ""),
        complied=bool(value["complied"]),
        span=(_text(value["span_message"]), _text(value["span_start"]), _text(value["span_end"])),
        is_last=is_last,
        errors=[str(sentence) for sentences in row.errors.values() for sentence in sentences] if row.is_bound else [],
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
