import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import make_clearance, make_generation, make_item, make_note, make_user, make_withdrawal
from tests.notes.stage import held_by, subject_of, write
from tests.policies.twice import outcomes_of
from trust.audit.models import AuditEvent
from trust.notes import operations
from trust.notes.models import Mention, MentionToRead, Note
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make_user(role="lead", name="Lena Brandt")


def test_a_note_is_kept_and_recorded_without_its_text(lead):
    item = make_item()

    note = write(item, "Two of these\r\nlook alike.\n", by=lead)

    note.refresh_from_db()
    assert (note.text, note.by) == ("Two of these\nlook alike.", lead)
    event = AuditEvent.objects.about(item, note).get()
    assert (event.kind, event.by, event.reason, event.data) == ("note.written", lead, "", {})


@pytest.mark.parametrize("written", ["@Ana Ruiz", "@ana ruiz", "@Ana", "@ana.r", "@ana.r@example.org", "(@Ana Ruiz)."])
def test_a_mention_is_resolved_however_it_is_written(lead, written):
    reviewer = make_user(name="Ana Ruiz", email="ana.r@example.org")

    note = write(held_by(reviewer), f"Please look again, {written}", by=lead)

    assert list(note.mentions.values_list("person", flat=True)) == [reviewer.pk]
    assert MentionToRead.objects.get().person == reviewer
    assert AuditEvent.objects.about(reviewer, note).exists()


def test_the_longest_name_is_meant_and_each_person_is_mentioned_once(lead):
    make_user(role="lead", name="Ana")
    longer = make_user(role="lead", name="Ana Ruiz")

    note = write(make_item(), "@Ana Ruiz and again @Ana Ruiz: see above", by=lead)

    assert list(note.mentions.values_list("person", flat=True)) == [longer.pk]


@pytest.mark.parametrize(
    "text", ["Write to ana@example.org.", "It cost 3 @ 2.", "Their handle is @ ana", "@Lena: mine"]
)
def test_what_is_no_mention_of_another_stays_text(lead, text):
    make_user(role="lead", name="Ana Ruiz")

    note = write(make_item(), text, by=lead)

    assert not note.mentions.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write something"),
        (" \n ", "Write something"),
        ("x" * 2001, "at most 2000 characters"),
        ("nul \0", "at most 2000 characters"),
        ("@nobody here", "Nobody here is called “@nobody”"),
        ("@gone is no longer with us", "Nobody here is called “@gone”"),
        ("@Ana, which?", "Several people are called “@Ana”"),
        (" ".join(f"@n{number}" for number in range(11)), "at most 10 people"),
    ],
)
def test_what_cannot_be_saved_says_why_beside_the_text_and_leaves_nothing(lead, text, sentence):
    for surname in ("Ruiz", "Ortega"):
        make_user(role="lead", name=f"Ana {surname}")
    make_user(role="lead", name="Gone", is_active=False)

    with pytest.raises(Refused, match=sentence) as refused:
        write(make_item(), text, by=lead)

    assert list(refused.value.errors) == ["text"]
    assert not Note.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", ["reviewer", "analyst", "admin", "auditor", "policy_editor"])
def test_who_may_not_open_the_item_cannot_be_mentioned(lead, role):
    make_user(role=role, name="Bo Lind")

    with pytest.raises(Refused, match="Not everyone may open this: Bo Lind"):
        write(make_item(), "@Bo Lind, your view?", by=lead)

    assert not Mention.objects.exists()


def test_on_a_restricted_item_only_the_cleared_are_mentioned():
    item = make_item(generation=make_generation(restricted=True))
    writer, cleared, other = (make_user(role="lead", name=name) for name in ("Una", "Cleo", "Otto"))
    for person in (writer, cleared):
        make_clearance(person)

    note = write(item, "@Cleo, see the record.", by=writer)
    with pytest.raises(Refused, match="Not everyone may open this: Otto"):
        write(item, "@Otto too?", by=writer)
    with pytest.raises(Refused, match="only about what you may open"):
        write(item, "Hello.", by=other)

    assert note.mentions.get().person == cleared


@pytest.mark.parametrize("role", ["analyst", "auditor", "admin"])
def test_roles_that_do_not_write_notes_are_refused(role):
    with pytest.raises(Refused, match="Your role does not write notes"):
        write(make_item(), "Hello.", by=make_user(role=role))


def test_the_same_sending_twice_is_one_note(lead):
    item = make_item()

    first, is_new = operations.write(subject_of(item), text="Once.", idempotency_key="form-1", by=lead)
    second, is_new_again = operations.write(subject_of(item), text="Once.", idempotency_key="form-1", by=lead)

    assert (first, is_new, is_new_again) == (second, True, False)
    with pytest.raises(Refused, match="with another text"):
        operations.write(subject_of(item), text="Twice.", idempotency_key="form-1", by=lead)


def test_an_amendment_stands_for_the_older_note_and_takes_its_mentions(lead):
    item, reviewer = make_item(), make_user(role="lead", name="Ana Ruiz")
    first = write(item, "@Ana Ruiz, plaese look.", by=lead)

    second = write(item, "@Ana Ruiz, please look.", amends=first, by=lead)

    assert (second.amends, first.amended_by) == (first, second)
    assert list(MentionToRead.objects.values_list("person", "note")) == [(reviewer.pk, second.pk)]
    assert AuditEvent.objects.about(second).get().data == {"amends": first.pk}


def test_only_ones_own_standing_note_on_the_same_thing_is_amended(lead):
    item = make_item()
    others, withdrawn, amended = make_note(item), make_note(item, by=lead), make_note(item, by=lead)
    make_withdrawal(withdrawn)
    make_note(item, by=lead, amends=amended)
    elsewhere = make_note(make_item(), by=lead)

    for note, sentence in (
        (others, "only your own"),
        (withdrawn, "was taken back"),
        (amended, "amended already"),
        (elsewhere, "about something else"),
    ):
        with pytest.raises(Refused, match=sentence):
            write(item, "Better.", amends=note, by=lead)


@pytest.mark.django_db(transaction=True)
def test_two_amendments_at_once_leave_one():
    lead, item = make_user(role="lead"), make_item()
    note = make_note(item, by=lead)

    outcomes = outcomes_of(lambda text: write(item, text, amends=note, by=lead), ["One.", "Other."])

    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [str(one) for one in refused] == ["This note was amended already; amend the newer one."]
    assert Note.objects.filter(amends=note).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_note():
    lead, item = make_user(role="lead"), make_item()

    outcomes = outcomes_of(lambda _: write(item, "Once.", idempotency_key="form-1", by=lead), [1, 2])

    assert set(outcomes) == {Note.objects.get()}


# ── What the database holds ──────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "update notes_note set text = 'other'",
        "delete from notes_mention",
        "delete from notes_withdrawal",
        "truncate notes_note cascade",
    ],
)
def test_nothing_written_is_edited_or_deleted(lead, statement):
    make_withdrawal(make_note(make_item(), mentions=[lead]))

    with pytest.raises(Exception, match=r"append-only|permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_the_database_keeps_notes_short_and_not_empty(text):
    with pytest.raises(IntegrityError, match=r"note_is_short|note_says_something"), transaction.atomic():
        make_note(make_item(), text=text)


def test_the_database_knows_amendments_of_ones_own_alone(lead):
    item = make_item()

    for other in (make_note(item), make_note(make_item(), by=lead)):
        with pytest.raises(IntegrityError, match="note_amends_own"), transaction.atomic():
            make_note(item, by=lead, amends=other)
