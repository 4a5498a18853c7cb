"""Changing one clause's text: in a draft of the next version, by one author at a time."""

import pytest

from policies import operations
from policies.models import ClauseVersion, PolicyGap, PolicyVersion
from tests.factories import make_clause, make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

WORDING = operations.Wording(title="New title", definition="New definition.", public_text="New public words.")


def draft(text: ClauseVersion, *, by, **fields) -> PolicyVersion:
    return operations.draft_clause(
        text.clause, **{"wording": WORDING, "change_note": "It was unclear.", "by": by, **fields}
    )


def test_a_first_change_opens_the_draft_of_the_next_version():
    editor = make_user(role="policy_editor")
    text = make_clause(definition="Old definition.", violates=[{"text": "a", "reason": "b"}])

    version = draft(text, by=editor)

    assert (version.number, version.status, version.created_by) == (2, "draft", editor)
    assert version.change_note == "It was unclear."
    drafted = version.clauses.get()
    assert (drafted.title, drafted.definition, drafted.public_text) == (
        "New title",
        "New definition.",
        "New public words.",
    )
    assert drafted.violates == text.violates
    event = AuditEvent.objects.about(text.clause).get()
    assert (event.kind, event.by) == ("policy.drafted", editor)


def test_the_text_in_force_stays_as_it_is():
    text = make_clause(definition="Old definition.")

    draft(text, by=make_user(role="policy_editor"))

    text.refresh_from_db()
    assert text.definition == "Old definition."
    assert text.version.status == "published"


def test_a_second_change_goes_into_the_same_draft():
    editor = make_user(role="policy_editor")
    text = make_clause()

    first = draft(text, by=editor)
    second = draft(text, by=editor, change_note="Said better.")

    assert first == second
    assert second.change_note == "Said better."
    assert PolicyVersion.objects.count() == 2


def test_only_a_policy_editor_drafts():
    text = make_clause()

    with pytest.raises(Refused, match="Only a policy editor"):
        draft(text, by=make_user(role="policy_approver"))

    assert PolicyVersion.objects.count() == 1
    assert not AuditEvent.objects.about(text.clause).exists()


def test_several_editors_write_in_one_draft_and_each_is_known():
    first, second = make_user(role="policy_editor"), make_user(role="policy_editor")
    text = make_clause()

    version = draft(text, by=first)
    again = draft(text, by=second, change_note="Mine.")

    assert again == version
    assert version.writer_ids() == {first.pk, second.pk}
    assert version.clauses.get().title == "New title"
    assert (again.created_by, again.change_note) == (first, "Mine.")


def test_a_version_in_review_takes_no_more_changes():
    editor = make_user(role="policy_editor")
    text = make_clause()
    operations.submit_for_review(draft(text, by=editor), by=editor)

    with pytest.raises(Refused, match="Version 2 waits for approval"):
        draft(text, by=editor)


def test_a_draft_can_take_up_an_open_gap():
    text = make_clause()
    gap = operations.join_gap("votes for a pet contest", by=None)

    version = draft(text, by=make_user(role="policy_editor"), gap=gap)

    gap.refresh_from_db()
    assert (gap.status, gap.clause) == (PolicyGap.Status.DRAFTING, text.clause)
    assert gap.drafted_at >= gap.opened_at
    assert AuditEvent.objects.about(gap, version).exists()


def test_a_gap_that_is_closed_is_not_taken_up():
    editor = make_user(role="policy_editor")
    text = make_clause()
    gap = operations.join_gap("birthday verses", by=None)
    operations.close_gap(gap, reason="Harmless.", by=editor)

    with pytest.raises(Refused, match="closed as not a violation"):
        draft(text, by=editor, gap=gap)

    assert PolicyVersion.objects.count() == 1


def test_a_discarded_draft_is_gone_and_its_gap_is_open_again():
    editor = make_user(role="policy_editor")
    text = make_clause()
    gap = operations.join_gap("votes for a pet contest", by=None)
    version = draft(text, by=editor, gap=gap)

    operations.discard_draft(version, by=make_user(role="policy_editor"))

    gap.refresh_from_db()
    assert (gap.status, gap.clause, gap.drafted_at) == ("open", None, None)
    assert PolicyVersion.objects.get() == text.version
    assert AuditEvent.objects.filter(kind="policy.discarded").exists()


def test_only_an_editor_discards_and_only_a_draft():
    editor = make_user(role="policy_editor")
    version = draft(make_clause(), by=editor)

    with pytest.raises(Refused, match="Only a policy editor may discard"):
        operations.discard_draft(version, by=make_user(role="policy_approver"))
    operations.submit_for_review(version, by=editor)
    with pytest.raises(Refused, match="Version 2 is already in review"):
        operations.discard_draft(version, by=editor)

    assert PolicyVersion.objects.filter(pk=version.pk).exists()


def test_a_draft_that_somebody_discarded_meanwhile_is_refused_kindly():
    editor = make_user(role="policy_editor")
    version = draft(make_clause(), by=editor)
    stale = PolicyVersion.objects.get(pk=version.pk)
    operations.discard_draft(version, by=editor)

    with pytest.raises(Refused, match="This draft was discarded"):
        operations.submit_for_review(stale, by=editor)
