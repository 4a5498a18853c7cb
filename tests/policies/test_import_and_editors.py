"""Files brought into a draft that several people write: they go through revisions, and make a writer."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from policies import exports, operations
from policies.files.documents import PolicyDocument
from policies.models import Clause, ClauseRevision, ClauseVersion, PolicyVersion
from policies.wording import Basis
from tests.factories import make_clause, make_policy_version, make_user, publish
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

WORDING = operations.Wording("T", "D.", "P.")


@pytest.fixture
def editor():
    return make_user(role="policy_editor", name="Mira Sand")


@pytest.fixture
def spam() -> PolicyVersion:
    """Version 1 of a policy with two clauses, in force."""
    version = make_policy_version(status="draft", published_at=None, summary="What nobody asked for.")
    version.policy.key = "spam"
    version.policy.save()
    for key in ("spam.tea", "spam.ode"):
        make_clause(version=version, key=key)
    return publish(version)


def document_of(version: PolicyVersion, *, definition: str, leave_out: str = "") -> PolicyDocument:
    """Return the files of ``version`` with the definition of its first clause changed."""
    (document,) = exports.documents_of([version])
    first, *others = document.text.clauses
    kept = [clause for clause in (replace(first, definition=definition), *others) if clause.key != leave_out]
    return replace(document, change_note="Why.", text=replace(document.text, clauses=tuple(kept)))


def text_in(draft: PolicyVersion, key: str = "spam.tea") -> ClauseVersion:
    return draft.clauses.get(clause__key=key)


def test_who_brought_files_in_wrote_in_the_version_and_cannot_approve_it(spam):
    both = make_user(roles=["policy_editor", "policy_approver"])
    other = make_user(role="policy_editor")
    operations.draft_clause(Clause.objects.get(key="spam.ode"), wording=WORDING, change_note="x", by=both)
    operations.discard_draft(PolicyVersion.objects.get(number=2), by=both)

    draft = operations.draft_document(document_of(spam, definition="About tea."), by=both)
    operations.draft_clause(Clause.objects.get(key="spam.ode"), wording=WORDING, change_note="x", by=other)
    version = operations.submit_for_review(draft, by=other)

    assert version.writer_ids() == {both.pk, other.pk}
    with pytest.raises(Refused, match="Someone other than the author"):
        operations.publish_version(version, reason="Good.", by=both)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(approved_by=both)


def test_what_differs_gets_its_next_revision_and_the_rest_none(spam, editor):
    draft = operations.draft_document(document_of(spam, definition="About tea."), by=editor)
    before = text_in(draft)
    operations.draft_document(document_of(spam, definition="For tea."), by=editor)

    after = text_in(draft)
    assert (before.revision, after.revision, text_in(draft, "spam.ode").revision) == (2, 3, 1)
    assert after.pk == before.pk
    earlier = [row.fields["definition"] for row in ClauseRevision.objects.filter(text=after).order_by("number")]
    assert earlier == ["What this is about.", "About tea."]


def test_a_form_that_was_opened_before_the_import_overwrites_nothing(spam, editor):
    basis = Basis.of(text_in(spam))
    draft = operations.draft_document(document_of(spam, definition="About tea."), by=editor)

    with pytest.raises(operations.ChangedMeanwhile):
        operations.draft_clause(
            Clause.objects.get(key="spam.tea"), wording=WORDING, change_note="Why.", basis=basis, by=editor
        )

    assert text_in(draft).definition == "About tea."


def test_a_clause_that_was_left_out_and_is_back_is_no_copy(spam, editor):
    basis = Basis.of(text_in(spam, "spam.ode"))
    draft = operations.draft_document(document_of(spam, definition="x", leave_out="spam.ode"), by=editor)
    assert not draft.clauses.filter(clause__key="spam.ode").exists()
    operations.draft_document(document_of(spam, definition="About tea."), by=editor)

    back = text_in(draft, "spam.ode")
    assert back.position == 2
    assert not basis.is_current(back, copied_from=draft.copied_from())


def test_a_draft_in_which_somebody_else_wrote_one_clause_is_in_the_way(spam, editor):
    other = make_user(role="policy_editor", name="Juno Vale")
    operations.draft_document(document_of(spam, definition="About tea."), by=editor)
    operations.draft_clause(Clause.objects.get(key="spam.ode"), wording=WORDING, change_note="Why.", by=other)

    with pytest.raises(Refused, match="Juno Vale is drafting version 2"):
        operations.draft_document(document_of(spam, definition="For tea."), by=editor)


def test_files_that_say_the_same_make_nobody_a_writer(spam, editor):
    draft = operations.draft_document(document_of(spam, definition="About tea."), by=editor)

    assert operations.draft_document(document_of(spam, definition="About tea."), by=editor) is None
    assert text_in(draft).revision == 2


def test_what_was_typed_in_a_clause_that_never_was_goes_with_its_draft(spam, editor):
    draft = operations.open_draft(spam.policy, by=editor)
    text = operations.add_clause(draft, key="spam.leaf", title="Leaf", by=editor)
    operations.keep_typing(text.clause, fields={"title": "Leaves"}, by=editor)

    operations.discard_draft(draft, by=editor)

    assert not Clause.objects.filter(key="spam.leaf").exists()
    assert spam.policy.versions.count() == 1
