"""What a draft says about its policy as a whole."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from policies import definitions
from policies.models import PolicyVersion, Typing, VersionRevision
from policies.operations.drafting import ChangedMeanwhile, drop_outline, note_after, to_write_in
from policies.texts import Definition
from policies.wording import About, Basis, about_of
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def draft_about(version: PolicyVersion, *, about: About, change_note: str, basis: Basis, by: User) -> PolicyVersion:
    """Change what a draft says about its policy. ``basis`` is what the writer had before them.

    What ``by`` had typed about it is no longer kept.
    Raises ChangedMeanwhile when somebody else changed it since, and Refused.
    """
    draft = to_write_in(version, by)
    told = [Definition(**row) for row in about.definitions or ()]
    if refusal := definitions.refusal_of(told):
        raise Refused(refusal)
    note = note_after(draft, change_note, basis)
    if not basis.is_latest(draft) and not about.is_said_by(draft):
        raise ChangedMeanwhile(_("Somebody changed this while you were writing."))

    write_about(draft, about, by)
    draft.change_note = note
    draft.save(update_fields=["change_note"])
    drop_outline(draft.policy, Typing.Part.ABOUT, by=by)
    data = {"number": draft.number, "revision": draft.revision}
    record("policy.about_drafted", on=[draft, draft.policy], by=by, data=data)
    return draft


def write_about(draft: PolicyVersion, about: About, by: User) -> None:
    """Save a draft's words about its policy as the next revision, and what it said before as the one replaced."""
    if about.is_said_by(draft):
        return
    before, changes = about_of(draft), about.changes()
    VersionRevision.objects.create(
        version=draft, number=draft.revision, fields=before, replaced_by=by, replaced_at=clock.now()
    )
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.revision += 1
    draft.save(update_fields=[*changes, "revision"])
