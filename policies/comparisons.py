"""Two versions of a policy, as their page shows them: what changed, in words for people. See ``policies/diff``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from policies import diff, queries, steps
from policies.diff import ClauseDiff, Entry, Fate, Kind, Listed, Piece, Replaced, Reworded
from policies.models import PolicyVersion
from policies.texts import NO_STEP, PolicyText
from policies.vocabulary import EnforcementKind, Severity

TextIds = dict[str, int]

LABELS: Final[dict[str, Promise]] = {
    "title": gettext_lazy("Title"),
    "definition": gettext_lazy("Definition"),
    "public_text": gettext_lazy("Public wording"),
    "violates": gettext_lazy("Violates"),
    "does_not_violate": gettext_lazy("Does not violate"),
    "usual_severity": gettext_lazy("Usual severity"),
    "is_anticipated": gettext_lazy("Harm"),
    "unmapped_reason": gettext_lazy("Why it is not mapped"),
    "languages": gettext_lazy("Languages"),
}


@dataclass(frozen=True)
class Row:
    """One field before and after. The pieces of a side in order are its wording."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Mark:
    """A word on what happened to a clause, in a tone."""

    tone: str
    word: str


@dataclass(frozen=True)
class ComparedClause:
    """A clause that differs. ``is_gone`` when the newer version has it no more; ``text_id`` is its row there."""

    key: str
    title: str
    marks: list[Mark]
    rows: list[Row]
    is_gone: bool
    text_id: int | None


@dataclass(frozen=True)
class Findings:
    """What differs: in the policy's own texts, in its clauses, and how many of them do not."""

    about: list[Row]
    changed: list[ComparedClause]
    unchanged: int


@dataclass(frozen=True)
class Comparison:
    """A version beside another, None where there is none."""

    old: PolicyVersion | None
    new: PolicyVersion
    found: Findings


def with_the_one_before(version: PolicyVersion) -> Comparison:
    """Compare ``version`` with the newest before it. 3 queries."""
    return between(version.policy.versions.filter(number__lt=version.number).order_by("-number").first(), version)


def between(old: PolicyVersion | None, new: PolicyVersion) -> Comparison:
    """Compare two versions of one policy. 2 queries."""
    before = queries.text_of(old) if old else PolicyText("", "", ())
    rows = list(new.clauses.select_related("clause").order_by("position", "pk"))
    after = queries.whole(new, map(queries.clause_text, rows))
    return Comparison(old=old, new=new, found=of_texts(before, after, ids={row.clause.key: row.pk for row in rows}))


def of_texts(before: PolicyText, after: PolicyText, *, ids: TextIds | None = None) -> Findings:
    """Say what differs between two texts. ``ids`` are the rows of the newer, where it has any. No query."""
    difference = diff.between(before, after)
    titles = {clause.key: clause.title for clause in (*before.clauses, *after.clauses)}
    changed = [
        _compared(clause, titles[clause.key], (ids or {}).get(clause.key))
        for clause in difference.clauses
        if clause.is_changed
    ]
    about = [Row(str(LABELS["title"]), difference.title), Row(_("Summary"), difference.summary)]
    for entry in difference.definitions:
        if entry.is_changed:
            about += [Row(_("Term"), entry.text), Row(_("What the term means"), entry.reason)]
    return Findings(
        about=[row for row in about if any(piece.kind != Kind.SAME for piece in row.pieces)],
        changed=changed,
        unchanged=len(difference.clauses) - len(changed),
    )


def _compared(clause: ClauseDiff, title: str, text_id: int | None) -> ComparedClause:
    rows = [row for change in clause.changes for row in _rows(change)]
    return ComparedClause(
        clause.key, title, list(_marks(clause)), rows, is_gone=clause.fate == Fate.REMOVED, text_id=text_id
    )


def _marks(clause: ClauseDiff) -> Iterator[Mark]:
    if clause.fate == Fate.ADDED:
        yield Mark("success", _("Added"))
    if clause.fate == Fate.REMOVED:
        yield Mark("danger", _("Removed"))
    if clause.is_moved:
        yield Mark("accent", _("Moved"))
    if clause.fate != Fate.KEPT:
        return
    fields = {change.field for change in clause.changes}
    if any(isinstance(change, Reworded | Listed) for change in clause.changes):
        yield Mark("accent", _("Reworded"))
    if "usual_severity" in fields:
        yield Mark("warning", _("Severity changed"))
    if not fields.isdisjoint({"recommended", "steps"}):
        yield Mark("warning", _("Recommended action changed"))
    if "languages" in fields:
        yield Mark("warning", _("Languages changed"))
    if "is_anticipated" in fields:
        yield Mark("warning", _("Anticipation changed"))


def _rows(change: diff.Reworded | Replaced | Listed) -> Iterator[Row]:
    if isinstance(change, Listed):
        for entry in change.entries:
            if entry.is_changed:
                yield from _example_rows(str(LABELS[change.field]), entry)
    elif isinstance(change, Reworded):
        yield Row(_label(change.field, change.level), change.pieces)
    else:
        removed, added = (_told(change.field, value) for value in (change.old, change.new))
        pieces = (Piece(Kind.REMOVED, removed), Piece(Kind.ADDED, added))
        yield Row(_label(change.field, change.level), pieces)


def _example_rows(label: str, entry: Entry) -> Iterator[Row]:
    yield Row(label, entry.text)
    yield Row(_("%(list)s, because") % {"list": label}, entry.reason)


def _label(field: str, level: int | None) -> str:
    if level is None:
        return str(LABELS[field])
    code = {"code": Severity(level).code}
    if field == "steps":
        return _("From more strikes at %(code)s") % code
    return _("What %(code)s means") % code if field == "ladder" else _("Recommended at %(code)s") % code


def _told(field: str, value: Any) -> str:
    if field == "usual_severity":
        return f"{Severity(value).code} {Severity(value).label}"
    if field == "recommended":
        return str(EnforcementKind(value).label) if value != NO_STEP else _("nothing")
    if field == "steps":
        return steps.told(value) or _("no other")
    if field == "languages":
        return ", ".join(value) or _("all languages")
    return _("Anticipated") if value else _("Not anticipated")
