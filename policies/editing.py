"""Reads of the editor: what the form of a clause begins with, and where two people changed the same words."""

from __future__ import annotations

from dataclasses import dataclass

from policies import merging
from policies.about_form import AboutForm, raw_of_about, raw_of_version
from policies.clause_form import ClauseForm, raw_of, raw_of_text
from policies.merging import Clash, Raw
from policies.models import Clause, ClauseVersion, PolicyVersion, Typing
from policies.wording import Basis
from trust.accounts.models import User


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

    @property
    def is_new(self) -> bool:
        """Say whether no version that is or was in force has the clause: its outside names are part of its draft."""
        return self.in_force is None


def is_new(clause: Clause) -> bool:
    """Say whether no version that is or was in force has ``clause``. 1 query."""
    return not ClauseVersion.objects.filter(clause=clause, version__status__in=["published", "retired"]).exists()


def desk_of(clause: Clause, person: User) -> Desk | None:
    """Gather what ``person`` needs to change ``clause``; None where no version holds it. At most 7 queries."""
    draft = clause.policy.versions.unpublished().select_related("created_by").first()
    texts = ClauseVersion.objects.with_names().filter(clause=clause)
    in_force = texts.exclude(version__status__in=["draft", "in_review"]).order_by("-version__number").first()
    drafted = texts.filter(version=draft).first() if draft else None
    text = drafted or in_force
    if text is None:
        return None

    never_in_force = in_force is None
    theirs = raw_of_text(text, change_note=draft.change_note if draft else "", is_new=never_in_force)
    typing = Typing.objects.filter(clause=clause, person=person).first()
    mine = typing.fields if typing and merging.differ(typing.fields, theirs) else None
    raw, clashes = theirs, []
    if mine is not None:
        basis = Basis.read(mine.get("basis", ""), mine.get("note_before", "")) or Basis(0, 0)
        base = _base(clause, basis, is_new=never_in_force)
        is_current = basis.is_current(text, copied_from=draft.copied_from() if draft else None)
        raw = {**mine, "basis": theirs["basis"], "note_before": theirs["note_before"]}
        if not is_current or basis.change_note != theirs["change_note"]:
            raw = {name: raw.get(name, "") for name in {**theirs, **raw}}
            raw = merging.merged(raw, theirs, base)
            form = ClauseForm.of({**mine, **theirs}, is_new=never_in_force)
            labels = [(name, field.label) for name, field in form.fields.items()]
            clashes = list(merging.clashes(labels, mine, theirs, base))
    return Desk(clause, text, in_force, draft, raw, clashes, is_restored=mine is not None)


def says_nothing_new(clause: Clause, typed: Raw) -> bool:
    """Say whether ``typed`` is just what the draft, or what is in force, says."""
    draft = clause.policy.versions.unpublished().first()
    texts = ClauseVersion.objects.filter(clause=clause)
    text = texts.filter(version=draft).first() if draft else texts.order_by("-version__number").first()
    note = draft.change_note if draft else ""
    return text is not None and not merging.differ(typed, raw_of_text(text, change_note=note, is_new=is_new(clause)))


def _base(clause: Clause, basis: Basis, *, is_new: bool) -> Raw | None:
    fields = basis.fields(clause.pk)
    return raw_of(fields, is_new=is_new, change_note=basis.change_note) if fields else None


def about_desk(draft: PolicyVersion, typed: Raw | None = None) -> tuple[AboutForm, list[Clash]]:
    """Return the form of a draft's own words, and where ``typed``, based on older ones, says otherwise. 1 query."""
    theirs = raw_of_version(draft)
    if typed is None:
        return AboutForm.of(theirs), []
    basis = Basis.read(typed.get("basis", ""), typed.get("note_before", "")) or Basis(0, 0)
    before = basis.about(draft)
    base = raw_of_about(before, change_note=basis.change_note) if before else None
    mine = {**typed, "basis": theirs["basis"], "note_before": theirs["note_before"]}
    form = AboutForm.of(merging.merged(mine, theirs, base))
    labels = [(name, field.label) for name, field in AboutForm.of({**theirs, **typed}).fields.items()]
    return form, list(merging.clashes(labels, typed, theirs, base))
