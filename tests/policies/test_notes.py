"""Notes on a clause's text: between those who write and approve guidelines, and settled when they are."""

import pytest
from django.db import DatabaseError, connection, transaction

from policies import operations as policies
from policies.models import ClauseVersion
from tests.factories import make_clause, make_item, make_note, make_user
from trust.audit.models import AuditEvent
from trust.notes import operations, registry
from trust.notes.models import Resolution
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user(role="policy_editor")


@pytest.fixture
def drafted(editor) -> ClauseVersion:
    return policies.open_draft(make_clause(key="spam.tea").version.policy, by=editor).clauses.get()


def note_on(text, by):
    return operations.write(registry.subject("clause", text.pk), text="Is this clear?", by=by)[0]


def test_a_note_on_a_draft_is_settled_by_whom_and_once(client, drafted, editor):
    approver = make_user(role="policy_approver", name="Pia Vale")
    note = note_on(drafted, approver)
    client.force_login(editor)

    before = client.get(f"/notes/clause/{drafted.pk}/").text
    page = client.post(f"/notes/{note.pk}/resolve/", follow=True).text

    assert "Mark as settled" in before
    assert "Mark as settled" not in page
    assert Resolution.objects.get(note=note).by == editor
    assert AuditEvent.objects.about(note).filter(kind="note.resolved").count() == 1
    assert client.post(f"/notes/{note.pk}/resolve/").status_code == 409


@pytest.mark.parametrize("role", ["reviewer", "lead", "analyst", "auditor", "admin"])
def test_only_who_writes_or_approves_guidelines_takes_part(client, drafted, editor, role):
    note = note_on(drafted, editor)
    client.force_login(make_user(role=role))

    assert client.get(f"/notes/clause/{drafted.pk}/").status_code == 404
    assert client.post(f"/notes/{note.pk}/resolve/").status_code in {403, 404}
    assert not Resolution.objects.exists()


def test_notes_on_other_things_are_not_settled():
    lead = make_user(role="lead")
    note = make_note(make_item(), by=lead)

    with pytest.raises(Refused, match="they stay"):
        operations.resolve(note, by=lead)


def test_that_a_note_was_settled_is_never_edited(drafted, editor):
    operations.resolve(note_on(drafted, editor), by=editor)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from notes_resolution")


def test_a_note_leads_to_the_editor_of_a_draft_and_to_the_words_of_a_version(client, drafted, editor):
    client.force_login(editor)
    published = ClauseVersion.objects.exclude(pk=drafted.pk).get()

    assert client.get(f"/policies/texts/{drafted.pk}/").url == "/policies/clauses/spam.tea/draft/"
    assert client.get(f"/policies/texts/{published.pk}/").url == published.get_absolute_url()
    client.force_login(make_user())
    assert client.get(f"/policies/texts/{drafted.pk}/").status_code == 404
