"""Reads of the editor: what the form of a clause begins with, and where two people changed the same words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.clause_form import ClauseForm, Raw, raw_of, raw_of_text
from policies.models import Clause, ClauseVersion, PolicyVersion, Typing
from policies.wording import Basis
from trust.accounts.models import User

NOT_COMPARED: Final = {"basis", "note_before", "gap"}


@dataclass(frozen=True)
class Clash:
    """One field that a person and the draft say differently. ``base`` is what it said as the person began."""

    label: Any
    base: str
    mine: str
    theirs: str
    is_changed_twice: bool


@dataclass(frozen=True)
class Desk:
    """A clause on a writer's desk. ``text`` is what the draft, or what is in force, says now.

    ``clashes`` is empty unless what they typed was based on older words; ``raw`` is then what both say, merged: theirs
    where they alone changed a field. ``is_restored`` says that it was typed before and not saved.
    """

    clause: Clause
    text: ClauseVersion
    in_force: ClauseVersion | None
    draft: PolicyVersion | None
    raw: Raw
    clashes: list[Clash]
    is_restored: bool


def desk_of(clause: Clause, person: User) -> Desk | None:
    """Gather what ``person`` needs to change ``clause``; None where no version holds it. At most 7 queries."""
    draft = clause.policy.versions.unpublished().select_related("created_by").first()
    texts = ClauseVersion.objects.with_names().filter(clause=clause)
    in_force = texts.exclude(version__status__in=["draft", "in_review"]).order_by("-version__number").first()
    drafted = texts.filter(version=draft).first() if draft else None
    text = drafted or in_force
    if text is None:
        return None

    theirs = raw_of_text(text, change_note=draft.change_note if draft else "")
    typing = Typing.objects.filter(clause=clause, person=person).first()
    mine = typing.fields if typing and _differ(typing.fields, theirs) else None
    raw, clashes = theirs, []
    if mine is not None:
        basis = Basis.read(mine.get("basis", ""), mine.get("note_before", "")) or Basis(0, 0)
        base = _base(clause, basis)
        is_current = basis.is_current(text, copied_from=draft.copied_from() if draft else None)
        raw = {**mine, "basis": theirs["basis"], "note_before": theirs["note_before"]}
        if not is_current or basis.change_note != theirs["change_note"]:
            raw = {name: raw.get(name, "") for name in {**theirs, **raw}} | dict(_untouched(mine, theirs, base))
            clashes = list(_clashes(mine, theirs, base))
    return Desk(clause, text, in_force, draft, raw, clashes, is_restored=mine is not None)


def says_nothing_new(clause: Clause, typed: Raw) -> bool:
    """Say whether ``typed`` is just what the draft, or what is in force, says."""
    draft = clause.policy.versions.unpublished().first()
    texts = ClauseVersion.objects.filter(clause=clause)
    text = texts.filter(version=draft).first() if draft else texts.order_by("-version__number").first()
    note = draft.change_note if draft else ""
    return text is not None and not _differ(typed, raw_of_text(text, change_note=note))


def _base(clause: Clause, basis: Basis) -> Raw | None:
    fields = basis.fields(clause.pk)
    return raw_of(fields, change_note=basis.change_note) if fields else None


def _differ(mine: Raw, theirs: Raw) -> bool:
    return any(mine.get(name, "") != theirs.get(name, "") for name in {*mine, *theirs} - NOT_COMPARED)


def _untouched(mine: Raw, theirs: Raw, base: Raw | None) -> Iterator[tuple[str, str]]:
    """Yield what the draft says in fields that the person left as they were."""
    for name in {*mine, *theirs} - NOT_COMPARED:
        if base is not None and mine.get(name, "") == base.get(name, ""):
            yield name, theirs.get(name, "")


def _clashes(mine: Raw, theirs: Raw, base: Raw | None) -> Iterator[Clash]:
    """Yield the fields that differ, in the order of the form."""
    for name, field in ClauseForm(initial={**mine, **theirs}).fields.items():
        if name in NOT_COMPARED or mine.get(name, "") == theirs.get(name, ""):
            continue
        before = base.get(name, "") if base is not None else ""
        is_changed_twice = base is None or mine.get(name, "") != before != theirs.get(name, "")
        yield Clash(field.label, before, mine.get(name, ""), theirs.get(name, ""), is_changed_twice)
