import pytest

from tests.factories import make_item, make_note, make_user
from tests.notes.stage import held_by
from tests.policies.twice import outcomes_of
from trust.audit import verification
from trust.audit.models import AuditEvent
from trust.notes import operations
from trust.notes.models import MentionToRead, Withdrawal
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_a_note_taken_back_waits_for_nobody_and_is_recorded():
    author = make_user()
    item = held_by(author)
    note = make_note(item, by=author, mentions=[make_user(role="lead")])

    withdrawal = operations.take_back(note, by=author)

    assert (withdrawal.note, withdrawal.by) == (note, author)
    assert not MentionToRead.objects.exists()
    assert AuditEvent.objects.about(item, note).get().kind == "note.taken_back"


def test_a_lead_takes_back_what_others_wrote():
    note = make_note(make_item(), by=make_user())

    assert operations.take_back(note, by=make_user(role="lead")).note == note


@pytest.mark.parametrize(
    ("role", "sentence"), [("reviewer", "only your own"), ("policy_editor", "may open"), ("auditor", "Your role")]
)
def test_others_are_refused(role, sentence):
    by = make_user(role=role)
    note = make_note(held_by(by), by=make_user())

    with pytest.raises(Refused, match=sentence):
        operations.take_back(note, by=by)

    assert not Withdrawal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_taken_back_twice_at_once_it_is_taken_back_once():
    author = make_user()
    note = make_note(held_by(author), by=author)

    outcomes = outcomes_of(lambda _: operations.take_back(note, by=author), [1, 2])

    refused = [str(outcome) for outcome in outcomes if isinstance(outcome, Refused)]
    assert refused == ["This note was taken back already."]
    assert AuditEvent.objects.filter(kind="note.taken_back").count() == 1


def test_the_audit_misses_a_note_that_was_written_past_the_operation():
    make_note(make_item())

    assert any("notes.note" in str(fault) for fault in verification.faults())
