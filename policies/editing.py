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


@dataclass(frozen=True)
class OutlineDesk:
    """A draft as a whole on a writer's desk: the form of its own words, and what was typed to add a clause.

    ``clashes`` and ``is_restored`` are as of ``Desk``.
    """

    about: AboutForm
    clashes: list[Clash]
    is_restored: bool
    new_clause: Raw


def outline_desk(draft: PolicyVersion, person: User) -> OutlineDesk:
    """Gather what ``person`` needs to change ``draft`` as a whole. At most 2 queries."""
    typings = Typing.objects.filter(policy=draft.policy_id, person=person)
    kept: dict[str, Raw] = dict(typings.values_list("part", "fields"))
    theirs, mine = raw_of_version(draft), kept.get(Typing.Part.ABOUT)
    new_clause = kept.get(Typing.Part.NEW, {})
    if mine is None or not merging.differ(mine, theirs):
        return OutlineDesk(AboutForm.of(theirs), [], is_restored=False, new_clause=new_clause)
    basis = Basis.read(mine.get("basis", ""), mine.get("note_before", "")) or Basis(0, 0)
    raw = {**mine, "basis": theirs["basis"], "note_before": theirs["note_before"]}
    clashes: list[Clash] = []
    if not basis.is_latest(draft) or basis.change_note != theirs["change_note"]:
        before = basis.about(draft)
        base = raw_of_about(before, change_note=basis.change_note) if before else None
        raw = merging.merged(raw, theirs, base)
        labels = [(name, field.label) for name, field in AboutForm.of({**theirs, **mine}).fields.items()]
        clashes = list(merging.clashes(labels, mine, theirs, base))
    return OutlineDesk(AboutForm.of(raw), clashes, is_restored=not clashes, new_clause=new_clause)


def about_says_nothing_new(draft: PolicyVersion, typed: Raw) -> bool:
    """Say whether ``typed`` is just what the draft says about its policy. No query."""
    return not merging.differ(typed, raw_of_version(draft))
