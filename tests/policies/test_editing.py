"""Several editors in one draft: nobody overwrites anybody, and whoever wrote does not approve."""

from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from policies import operations
from policies.models import ClauseRevision, ClauseVersion, PolicyVersion, Typing
from policies.operations import drafting
from policies.wording import Basis
from tests.factories import make_clause, make_user
from tests.policies.twice import outcomes_of
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def wording(**fields) -> operations.Wording:
    return operations.Wording(**{"title": "Tea", "definition": "Old.", "public_text": "Do not.", **fields})


def save(text, *, by, basis=None, note="Why.", **fields) -> PolicyVersion:
    return operations.draft_clause(text.clause, wording=wording(**fields), change_note=note, basis=basis, by=by)


def drafted(text) -> ClauseVersion:
    return ClauseVersion.objects.get(clause=text.clause, version__status="draft")


def test_a_change_that_was_based_on_older_words_overwrites_nothing():
    ana, bo = make_user(role="policy_editor"), make_user(role="policy_editor")
    text = make_clause()
    before = Basis.of(text)
    save(text, by=ana, basis=before, definition="What Ana wrote.")

    with pytest.raises(operations.ChangedMeanwhile):
        save(text, by=bo, basis=before, definition="What Bo wrote.")

    assert drafted(text).definition == "What Ana wrote."
    save(text, by=bo, basis=Basis.of(drafted(text)), definition="What both wrote.")
    assert drafted(text).definition == "What both wrote."


def test_what_each_revision_said_stays_known():
    editor = make_user(role="policy_editor")
    text = make_clause(definition="As published.")
    save(text, by=editor, definition="One.")
    save(text, by=editor, definition="Two.")

    row = drafted(text)

    said = [Basis(row.version_id, number).fields(row.clause_id)["definition"] for number in (1, 2, 3)]
    assert said == ["As published.", "One.", "Two."]
    assert Basis.of(text).fields(text.clause_id)["definition"] == "As published."
    assert Basis(0, 0).fields(text.clause_id) is None


def test_the_same_words_sent_twice_are_saved_once():
    editor = make_user(role="policy_editor")
    text = make_clause()

    for _time in range(2):
        save(text, by=editor, basis=Basis.of(text), definition="Once.")

    assert ClauseRevision.objects.count() == 1


def test_the_note_of_a_draft_is_overwritten_by_nobody():
    ana, bo = make_user(role="policy_editor"), make_user(role="policy_editor")
    text = make_clause()
    save(text, by=ana, note="Ana's note.", definition="One.")
    row = drafted(text)

    save(text, by=bo, basis=Basis(row.version_id, row.revision, "Ana's note."), note="Ana's note.", definition="Two.")
    with pytest.raises(operations.ChangedMeanwhile):
        save(text, by=bo, basis=Basis.of(drafted(text)), note="Bo's note.", definition="Three.")

    assert PolicyVersion.objects.get(status="draft").change_note == "Ana's note."
    assert drafted(text).definition == "Two."


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_save_at_once_do_not_both_win(monkeypatch):
    text = make_clause()
    editors = [make_user(role="policy_editor"), make_user(role="policy_editor")]
    barrier, open_draft = Barrier(2), drafting._open_draft

    def meet_then_open(policy, by):
        barrier.wait(timeout=10)
        return open_draft(policy, by)

    monkeypatch.setattr(drafting, "_open_draft", meet_then_open)

    outcomes = outcomes_of(
        lambda editor: save(text, by=editor, basis=Basis.of(text), definition=f"By {editor.pk}."), editors
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ChangedMeanwhile", "PolicyVersion"]
    assert ClauseRevision.objects.count() == 1


def test_who_wrote_in_a_version_does_not_approve_it_in_code_or_database():
    author = make_user(role="policy_editor")
    second = make_user(roles=["policy_editor", "policy_approver"])
    text = make_clause()
    save(text, by=author)
    version = operations.submit_for_review(save(text, by=second, definition="Mine."), by=author)

    with pytest.raises(Refused, match="Someone other than the author"):
        operations.publish_version(version, reason="Good.", by=second)
    with pytest.raises(IntegrityError, match="approved by who wrote in it"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(
            status="published", published_at=version.created_at, approved_by=second
        )


@pytest.mark.parametrize(
    "statement",
    [
        "delete from policies_contribution",
        "update policies_contribution set at = now()",
        "update policies_policyversion set summary = 'other words' where status = 'in_review'",
    ],
)
def test_what_an_approver_reads_stays_as_it_is(statement):
    editor = make_user(role="policy_editor")
    operations.submit_for_review(save(make_clause(), by=editor), by=editor)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_clauses_are_added_moved_and_taken_out():
    editor = make_user(role="policy_editor")
    text = make_clause()
    policy = text.version.policy
    version = operations.open_draft(policy, by=editor)

    added = operations.add_clause(version, key=f"{policy.key}.more_tea", title="More tea", by=editor)
    operations.move_clause(added, places=-1, by=editor)

    assert list(version.clauses.order_by("position").values_list("title", flat=True)) == ["More tea", text.title]
    with pytest.raises(Refused, match="“More tea” is not written yet"):
        operations.submit_for_review(version, by=editor)
    operations.remove_clause(added, by=editor)
    with pytest.raises(Refused, match="one clause at least"):
        operations.remove_clause(drafted(text), by=editor)
    kinds = AuditEvent.objects.about(version).values_list("kind", flat=True)
    assert {"policy.draft_opened", "policy.clause_added", "policy.clause_moved", "policy.clause_removed"} <= set(kinds)


@pytest.mark.parametrize("key", ["other.tea", "Tea", "", "{policy}.Upper", "{policy}.taken", "{policy}.a-b"])
def test_a_key_is_of_its_policy_and_free(key):
    editor = make_user(role="policy_editor")
    text = make_clause()
    policy = text.version.policy
    version = operations.open_draft(policy, by=editor)
    operations.add_clause(version, key=f"{policy.key}.taken", title="Taken", by=editor)

    with pytest.raises(Refused) as refused:
        operations.add_clause(version, key=key.format(policy=policy.key), title="New", by=editor)

    assert "key" in refused.value.errors
    assert version.clauses.count() == 2


def test_only_editors_write_in_drafts():
    approver, editor = make_user(role="policy_approver"), make_user(role="policy_editor")
    text = make_clause()
    with pytest.raises(Refused):
        operations.open_draft(text.version.policy, by=approver)
    version = operations.open_draft(text.version.policy, by=editor)

    for act in (
        lambda: operations.add_clause(version, key="a.b", title="New", by=approver),
        lambda: operations.move_clause(drafted(text), places=1, by=approver),
        lambda: operations.remove_clause(drafted(text), by=approver),
        lambda: operations.keep_typing(text.clause, fields={}, by=approver),
    ):
        with pytest.raises(Refused, match="Only a policy editor"):
            act()

    assert version.writer_ids() == {editor.pk}
    assert not Typing.objects.exists()


def test_saving_ends_what_was_typed_of_the_writer_alone():
    ana, bo = make_user(role="policy_editor"), make_user(role="policy_editor")
    text = make_clause()
    for person in (ana, bo):
        operations.keep_typing(text.clause, fields={"title": "x"}, by=person)

    save(text, by=ana)

    assert [row.person for row in Typing.objects.all()] == [bo]
