"""From nothing to a version in review: open a draft, change, add, move and remove its clauses, keep what is typed."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from policies import rules, steps, tags
from policies.models import (
    Clause,
    ClauseRevision,
    ClauseVersion,
    ClauseVersionQuerySet,
    Contribution,
    Policy,
    PolicyGap,
    PolicyVersion,
    Typing,
)
from policies.operations import gap_clock
from policies.wording import Basis, Wording, fields_of
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Status = PolicyVersion.Status
RUNGS: Final = 5


class ChangedMeanwhile(Refused):
    """A change was based on words that are not those of the draft any more. Nothing was changed."""


@transaction.atomic
def open_draft(policy: Policy, *, by: User) -> PolicyVersion:
    """Begin the next version of a policy as a copy of the newest, or return the one that is open. Raises Refused."""
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    draft = policy.versions.unpublished().first()
    if reason := rules.refusal_to_draft(draft, by):
        raise Refused(reason)
    if draft is None:
        draft = _open_draft(policy, by)
        record("policy.draft_opened", on=[draft, policy], by=by, data={"number": draft.number})
    return draft


@transaction.atomic
def draft_clause(
    clause: Clause,
    *,
    wording: Wording,
    change_note: str,
    gap: PolicyGap | None = None,
    basis: Basis | None = None,
    by: User,
) -> PolicyVersion:
    """Change a clause's text in the draft of its policy's next version, opened if there is none.

    ``gap`` is the open gap that the change is to close; its clock then says drafted. ``basis`` is what the writer had
    before them; None takes the words as they are now. What ``by`` had typed is no longer kept.
    Raises ChangedMeanwhile when somebody else saved the clause since, and Refused.
    """
    draft = _open_draft(clause.policy, by)
    text = _text_in(draft, clause)
    note = note_after(draft, change_note, basis)
    is_new = draft.clauses.never_published().filter(pk=text.pk).exists()
    refusal = rules.refusal_of_outside(wording.outside, is_new=is_new)
    refusal = refusal or steps.refusal_of_held(wording.recommended) or tags.refusal_of(wording.languages or ())
    if refusal:
        raise Refused(refusal)
    if basis and not basis.is_current(text, copied_from=draft.copied_from()) and _differs(text, wording):
        raise ChangedMeanwhile(_("Somebody changed this clause while you were writing."))

    write(text, wording, by)
    draft.change_note = note
    draft.save(update_fields=["change_note"])
    Typing.objects.filter(clause=clause, person=by).delete()
    subjects = [draft, draft.policy, clause]
    if gap is not None:
        subjects.append(gap_clock.take_up(gap, clause, version=draft, by=by))
    record("policy.drafted", on=subjects, by=by, data={"number": draft.number, "revision": text.revision})
    return draft


@transaction.atomic
def add_clause(version: PolicyVersion, *, key: str, title: str, by: User) -> ClauseVersion:
    """Add an empty clause at the end of a draft. Its key never changes. Raises Refused, with ``errors`` by field.

    What ``by`` had typed to add one is no longer kept.
    """
    version = to_write_in(version, by)
    clause = Clause.objects.filter(key=key).first()
    is_taken = clause is not None and (
        clause.policy_id != version.policy_id or version.clauses.filter(clause=clause).exists()
    )
    if reason := rules.refusal_of_key(key, version.policy, is_taken=is_taken):
        raise Refused(reason, code="invalid", status=422, errors={"key": [reason]})

    revision = 2 if clause else 1  # one that comes back is no copy of what was based on
    clause = clause or Clause.objects.create(policy=version.policy, key=key)
    last = version.clauses.aggregate(last=Max("position"))["last"] or 0
    text = ClauseVersion.objects.create(
        version=version,
        clause=clause,
        position=last + 1,
        title=title,
        ladder=[""] * RUNGS,
        usual_severity=2,
        is_anticipated=False,
        revision=revision,
    )
    drop_outline(version.policy, Typing.Part.NEW, by=by)
    record("policy.clause_added", on=[version, version.policy, clause], by=by)
    return text


@transaction.atomic
def move_clause(text: ClauseVersion, *, places: int, by: User) -> None:
    """Move a clause of a draft up (places < 0) or down by so many places, or as many as there are. Raises Refused."""
    version = to_write_in(text.version, by)
    order = list(version.clauses.order_by("position", "pk"))
    place = next((place for place, row in enumerate(order) if row.pk == text.pk), None)
    if place is None:
        raise Refused(_("This clause is not in the draft any more."))

    row = order.pop(place)
    order.insert(min(max(place + places, 0), len(order)), row)
    for position, row in enumerate(order, start=1):
        row.position = position
    ClauseVersion.objects.bulk_update(order, ["position"])
    record("policy.clause_moved", on=[version, version.policy, Clause(pk=text.clause_id)], by=by)


@transaction.atomic
def remove_clause(text: ClauseVersion, *, by: User) -> None:
    """Take a clause out of a draft; the gap that it was to close is open again. Raises Refused."""
    version = to_write_in(text.version, by)
    text = _text_in(version, text.clause)
    if reason := rules.refusal_to_remove(left=version.clauses.count() - 1):
        raise Refused(reason)

    gap_clock.drop(PolicyGap.objects.filter(clause=text.clause), version=version, by=by)
    delete_texts(version.clauses.filter(pk=text.pk))
    record("policy.clause_removed", on=[version, version.policy, text.clause], by=by)


@transaction.atomic
def submit_for_review(version: PolicyVersion, *, by: User) -> PolicyVersion:
    """Close a draft and ask an approver to read it. Raises Refused."""
    version = locked(version)
    texts = version.clauses.order_by("position", "pk")
    refusal = rules.refusal_to_submit(version, by, writers=version.writer_ids())
    if refusal := refusal or rules.refusal_of_empty_clauses(texts):
        raise Refused(refusal)

    version.status = Status.IN_REVIEW
    version.submitted_at = clock.now()
    version.save(update_fields=["status", "submitted_at"])
    record("policy.submitted", on=[version, version.policy], by=by, data={"number": version.number})
    return version


@transaction.atomic
def discard_draft(version: PolicyVersion, *, by: User) -> None:
    """Throw a draft away; the gaps that it was to close are open again. Raises Refused."""
    version = locked(version)
    if reason := rules.refusal_to_discard(version, by):
        raise Refused(reason)

    gap_clock.drop(PolicyGap.objects.filter(clause__policy=version.policy), version=version, by=by)
    record("policy.discarded", on=[version, version.policy], by=by, data={"number": version.number})
    delete_texts(version.clauses.all())
    version.contributions.all().delete()
    version.revisions.all().delete()
    version.delete()
    forget_what_never_was(version.policy)


# ── What is typed and not saved ──────────────────────────


def keep_typing(clause: Clause, *, fields: dict[str, Any], by: User) -> None:
    """Keep what ``by`` typed in a clause's form, by the names of its fields. Raises Refused. 1 query."""
    if reason := rules.refusal_to_draft(None, by):
        raise Refused(reason)
    Typing.objects.bulk_create(
        [Typing(clause=clause, person=by, fields=fields, saved_at=clock.now())],
        update_conflicts=True,
        unique_fields=["clause", "person"],
        update_fields=["fields", "saved_at"],
    )


def drop_typing(clause: Clause, *, by: User) -> None:
    """Forget what ``by`` typed in a clause's form and did not save."""
    Typing.objects.filter(clause=clause, person=by).delete()


def keep_outline(policy: Policy, part: str, *, fields: dict[str, Any], by: User) -> None:
    """Keep what ``by`` typed in a form of a policy's draft, ``Typing.Part``. Raises Refused. 1 query."""
    if reason := rules.refusal_to_draft(None, by):
        raise Refused(reason)
    Typing.objects.bulk_create(
        [Typing(policy=policy, part=part, person=by, fields=fields, saved_at=clock.now())],
        update_conflicts=True,
        unique_fields=["policy", "part", "person"],
        update_fields=["fields", "saved_at"],
    )


def drop_outline(policy: Policy, *parts: str, by: User) -> None:
    """Forget what ``by`` typed in these forms of a policy's draft and did not save."""
    Typing.objects.filter(policy=policy, part__in=parts, person=by).delete()


# ── Parts ────────────────────────────────────────────────


def locked(version: PolicyVersion) -> PolicyVersion:
    """Lock the policy, then read its version: drafts and publications of one policy take turns. Raises Refused."""
    Policy.objects.select_for_update().get(pk=version.policy_id)
    found = PolicyVersion.objects.select_related("policy", "created_by", "approved_by").filter(pk=version.pk).first()
    if found is None:
        raise Refused(_("This draft was discarded."))
    return found


def _open_draft(policy: Policy, by: User) -> PolicyVersion:
    """Lock the policy and return its draft, made of the newest version, in force or retired, if there is none."""
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    draft = policy.versions.unpublished().first()
    if reason := rules.refusal_to_draft(draft, by):
        raise Refused(reason)
    draft = draft or begin_draft(policy, policy.versions.order_by("-number").first(), by)
    note_writer(draft, by)
    return draft


def to_write_in(version: PolicyVersion, by: User) -> PolicyVersion:
    """Lock a draft for ``by`` to write in. Raises Refused."""
    version = locked(version)
    if reason := rules.refusal_to_draft(version, by):
        raise Refused(reason)
    note_writer(version, by)
    return version


def begin_draft(policy: Policy, newest: PolicyVersion | None, by: User) -> PolicyVersion:
    """Make the draft of a policy that has none: a copy of its newest version, empty where it is the first."""
    draft = PolicyVersion.objects.create(
        policy=policy,
        number=newest.number + 1 if newest else 1,
        title=newest.title if newest else policy.key,
        summary=newest.summary if newest else "",
        definitions=newest.definitions if newest else [],
        created_by=by,
        created_at=clock.now(),
    )
    texts = list(newest.clauses.all()) if newest else []
    for text in texts:
        text.pk = None
        text.version = draft
        text.revision = 1
    ClauseVersion.objects.bulk_create(texts)
    return draft


def note_writer(version: PolicyVersion, by: User) -> None:
    """Note that ``by`` wrote in the version, and may therefore not approve it."""
    Contribution.objects.bulk_create([Contribution(version=version, person=by, at=clock.now())], ignore_conflicts=True)


def _text_in(version: PolicyVersion, clause: Clause) -> ClauseVersion:
    text = version.clauses.select_related("version", "clause").filter(clause=clause).first()
    if text is None:
        raise Refused(_("This clause is not in the draft any more."))
    return text


def _differs(text: ClauseVersion, wording: Wording) -> bool:
    return any(getattr(text, name) != value for name, value in wording.changes().items())


def write(text: ClauseVersion, wording: Wording, by: User) -> None:
    """Save a clause's words as its next revision, and what it said before as the one that this replaced."""
    if not _differs(text, wording):
        return
    ClauseRevision.objects.create(
        text=text, number=text.revision, fields=fields_of(text), replaced_by=by, replaced_at=clock.now()
    )
    changes = wording.changes()
    for name, value in changes.items():
        setattr(text, name, value)
    text.revision += 1
    text.save(update_fields=[*changes, "revision"])


def note_after(draft: PolicyVersion, note: str, basis: Basis | None) -> str:
    """Return the note of the draft after a change. One that the writer left as it was takes what others made of it.

    Raises ChangedMeanwhile when somebody else changed it too.
    """
    is_left = basis is not None and note == basis.change_note
    if is_left and draft.change_note:
        return draft.change_note
    if basis is None or draft.change_note in {basis.change_note, note, ""}:
        return note
    raise ChangedMeanwhile(_("Somebody changed the note of this draft while you were writing."))


def delete_texts(texts: ClauseVersionQuerySet) -> None:
    """Take clauses out of their draft, with what they said before."""
    ClauseRevision.objects.filter(text__in=texts).delete()
    texts.delete()


def forget_what_never_was(policy: Policy) -> None:
    """Delete the clauses that no version has, and the policy when it has none: a draft alone had brought them."""
    gone = policy.clauses.filter(versions__isnull=True, gaps__isnull=True, mappings__isnull=True)
    Typing.objects.filter(clause__in=gone).delete()
    gone.delete()
    if not policy.versions.exists() and not policy.clauses.exists():
        Typing.objects.filter(policy=policy).delete()
        policy.delete()
