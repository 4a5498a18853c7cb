"""A retrospective as a file: Markdown for people, JSON for machines. People stand under their pseudonyms.

Numbers leave the house as they may be published: totals only from ten actors on, breakdowns only as the suppressed
table of the scope. Times are the incident's own and always told.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from incidents.retrospectives import facts, freezing, queries
from incidents.retrospectives.facts import BREAKDOWN, LENGTH, NUMBER, Value
from incidents.retrospectives.models import Retrospective, Section
from incidents.statistics import suppression

FEWEST_ACTORS = suppression.K
TIMES = ("started_at", "detected_at", "contained_at", "resolved_at")


@dataclass(frozen=True)
class Export:
    """Everything that both formats say."""

    retrospective: Retrospective
    values: dict[str, Value]
    table: dict[str, Any]
    sections: list[tuple[str, str, str]]
    action_items: list[dict[str, Any]]
    signatures: list[dict[str, Any]]


def export(retrospective: Retrospective) -> Export:
    """Read the whole of ``retrospective``, read ``for_list()``. Frozen numbers once signed, else as they are now."""
    frozen = retrospective.facts if retrospective.is_signed() else freezing.freeze(retrospective.incident)
    assert frozen is not None
    texts = {section.key: section.text for section in retrospective.sections.all()}
    return Export(
        retrospective=retrospective,
        values=publishable(frozen["values"]),
        table=frozen["table"],
        sections=[(key.value, str(key.label), texts.get(key, "")) for key in Section.Key],
        action_items=[
            {
                "text": item.text,
                "owner": item.owner.pseudonym,
                "check_back_on": item.check_back_on.isoformat(),
                "done_at": item.done_at.isoformat() if item.done_at else None,
            }
            for item in retrospective.action_items.select_related("owner").order_by("pk")
        ],
        signatures=[
            {"by": signature.by.pseudonym, "at": signature.at.isoformat()}
            for signature in queries.signatures(retrospective)
        ],
    )


def publishable(values: dict[str, Value]) -> dict[str, Value]:
    """Leave the breakdowns out, and the totals too (null) where fewer than ten actors stand behind them."""
    enough = int(str(values["actors"])) >= FEWEST_ACTORS
    kept = [fact for fact in facts.FACTS if fact.kind != BREAKDOWN]
    return {fact.key: values.get(fact.key) if enough or fact.kind != NUMBER else None for fact in kept}


def as_json(whole: Export) -> dict[str, Any]:
    """Return what the JSON file holds."""
    retrospective, incident = whole.retrospective, whole.retrospective.incident
    return {
        "retrospective": retrospective.pk,
        "title": retrospective.title,
        "status": retrospective.status,
        "signed_at": retrospective.signed_at.isoformat() if retrospective.signed_at else None,
        "incident": {
            "id": incident.pk,
            "title": incident.title,
            "severity": incident.severity,
            "is_anticipated": incident.is_anticipated,
            "status": incident.status,
            **{name: _iso(getattr(incident, name)) for name in TIMES},
        },
        "facts": whole.values,
        "fewest_actors": FEWEST_ACTORS,
        "violations_by_week_and_policy": whole.table,
        "sections": {key: text for key, _label, text in whole.sections},
        "action_items": whole.action_items,
        "signatures": whole.signatures,
    }


def as_markdown(whole: Export) -> str:
    """Return what the Markdown file holds."""
    retrospective, incident = whole.retrospective, whole.retrospective.incident
    state = _("Signed off") if retrospective.is_signed() else _("Draft")
    parts = [
        f"# {retrospective.title}",
        _("Retrospective %(number)s of incident %(incident)s. %(state)s.")
        % {"number": retrospective.pk, "incident": incident.pk, "state": state},
        _heading(_("Facts")),
        "\n".join(_fact_line(fact, whole.values[fact.key]) for fact in facts.FACTS if fact.key in whole.values),
    ]
    parts += [_heading(_("Violations by week and policy")), _table_lines(whole.table)]
    for _key, label, text in whole.sections:
        parts += [_heading(label), text or _("Nothing is written here yet.")]
    parts += [_heading(_("Action items")), "\n".join(map(_action_line, whole.action_items)) or _("None.")]
    parts += [_heading(_("Signatures")), "\n".join(map(_signature_line, whole.signatures)) or _("None yet.")]
    return "\n\n".join(parts) + "\n"


def _heading(words: str) -> str:
    return f"## {words}"


def _fact_line(fact: facts.Fact, value: Value) -> str:
    return f"- {fact.label}: {_fact_words(fact, value)}"


def _fact_words(fact: facts.Fact, value: Value) -> str:
    if value is None and fact.kind == NUMBER:
        return _("hidden, fewer than %(fewest)s actors") % {"fewest": FEWEST_ACTORS}
    if value is None:
        return _("cannot be said")
    if fact.kind == LENGTH:
        hours, rest = divmod(timedelta(seconds=int(str(value))), timedelta(hours=1))
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest // timedelta(minutes=1)}
    return str(value)


def _table_lines(table: dict[str, Any]) -> str:
    """Draw the table with its totals; "–" where a number is hidden."""
    if not table["rows"]:
        return _("None.")
    total = _("Total")
    lines = [["", *table["columns"], total], ["---"] * (len(table["columns"]) + 2)]
    for label, row in zip([*table["rows"], total], table["cells"], strict=True):
        lines.append([label, *("–" if count is None else str(count) for count in row)])
    drawn = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    note = _("%(hidden)s numbers are hidden (–): fewer than %(fewest)s actors, or they would give one such away.")
    return f"{drawn}\n\n{note % {'hidden': table['hidden'], 'fewest': FEWEST_ACTORS}}"


def _action_line(item: dict[str, Any]) -> str:
    box = "x" if item["done_at"] else " "
    words = _("%(text)s (%(owner)s, check back on %(day)s)") % {
        "text": item["text"],
        "owner": item["owner"],
        "day": item["check_back_on"],
    }
    return f"- [{box}] {words}"


def _signature_line(signature: dict[str, Any]) -> str:
    return _("- %(person)s, %(time)s") % {"person": signature["by"], "time": signature["at"]}


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
