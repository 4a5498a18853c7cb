"""From a draft to a version in force: two people, one moment, and the old words stay readable."""

from threading import Barrier

import pytest

from policies import operations, queries, rules
from policies.models import ClauseVersion, PolicyVersion
from policies.operations import publishing
from tests.factories import NOW, make_clause, make_decision, make_user
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

WORDING = operations.Wording(title="New title", definition="New definition.", public_text="New public words.")


def submitted(text: ClauseVersion, author=None) -> PolicyVersion:
    author = author or make_user(role="policy_editor")
    version = operations.draft_clause(text.clause, wording=WORDING, change_note="It was unclear.", by=author)
    return operations.submit_for_review(version, by=author)


def test_another_person_publishes_and_the_version_is_in_force_at_once():
    text = make_clause(key="spam.tea")
    version = submitted(text)
    approver = make_user(role="policy_approver")

    with clock.at(NOW):
        published = operations.publish_version(version, reason="Clearer.", by=approver)

    assert (published.status, published.approved_by, published.published_at) == ("published", approver, NOW)
    assert queries.clause_in_force("spam.tea").definition == "New definition."
    event = AuditEvent.objects.about(published).get(kind="policy.published")
    assert (event.by, event.reason, event.data) == (approver, "Clearer.", {"number": 2})


def test_the_version_before_is_retired_and_keeps_its_words():
    text = make_clause(definition="Old definition.")

    operations.publish_version(submitted(text), reason="Clearer.", by=make_user(role="policy_approver"))

    text.refresh_from_db()
    assert text.version.status == "retired"
    assert text.version.retired_at is not None
    assert text.definition == "Old definition."


def test_an_old_decision_still_points_at_the_words_that_it_applied():
    text = make_clause(definition="Old definition.")
    decision = make_decision(violations=[{"clause": text}])

    operations.publish_version(submitted(text), reason="Clearer.", by=make_user(role="policy_approver"))

    applied = decision.violations.get().clause
    assert (applied.version.number, applied.definition) == (1, "Old definition.")


def test_the_author_may_not_publish_their_own_version():
    author = make_user(roles=["policy_editor", "policy_approver"])
    version = submitted(make_clause(), author)

    with pytest.raises(Refused, match="Someone other than the author"):
        operations.publish_version(version, reason="Clearer.", by=author)

    version.refresh_from_db()
    assert version.status == "in_review"
    assert not AuditEvent.objects.filter(kind="policy.published").exists()


def test_only_an_approver_publishes():
    version = submitted(make_clause())

    with pytest.raises(Refused, match="Only a policy approver"):
        operations.publish_version(version, reason="Clearer.", by=make_user(roles=["lead", "policy_editor", "admin"]))


def test_publishing_needs_a_reason():
    version = submitted(make_clause())

    with pytest.raises(Refused, match="Give your reason"):
        operations.publish_version(version, reason="  ", by=make_user(role="policy_approver"))


def test_a_draft_is_not_published_before_its_author_asks_for_review():
    text = make_clause()
    version = operations.draft_clause(text.clause, wording=WORDING, change_note="", by=make_user(role="policy_editor"))

    with pytest.raises(Refused, match="still a draft"):
        operations.publish_version(version, reason="Clearer.", by=make_user(role="policy_approver"))


def test_an_approver_can_ask_for_changes():
    text = make_clause()
    author = make_user(role="policy_editor")
    version = submitted(text, author)

    operations.send_back(version, reason="The example contradicts it.", by=make_user(role="policy_approver"))

    version.refresh_from_db()
    assert (version.status, version.submitted_at) == ("draft", None)
    event = AuditEvent.objects.about(version).get(kind="policy.sent_back")
    assert event.reason == "The example contradicts it."
    assert operations.draft_clause(text.clause, wording=WORDING, change_note="Mended.", by=author) == version


def test_only_an_approver_asks_for_changes_and_says_why():
    author = make_user(role="policy_editor")
    version = submitted(make_clause(), author)

    with pytest.raises(Refused, match="Only a policy approver"):
        operations.send_back(version, reason="No.", by=author)
    with pytest.raises(Refused, match="Give your reason"):
        operations.send_back(version, reason="", by=make_user(role="policy_approver"))

    version.refresh_from_db()
    assert version.status == "in_review"


def test_only_who_wrote_in_it_asks_for_review_and_once():
    author = make_user(role="policy_editor")
    text = make_clause()
    version = operations.draft_clause(text.clause, wording=WORDING, change_note="", by=author)

    with pytest.raises(Refused, match="Only a policy editor"):
        operations.submit_for_review(version, by=make_user(role="reviewer"))
    with pytest.raises(Refused, match="Only someone who wrote in this draft"):
        operations.submit_for_review(version, by=make_user(role="policy_editor"))
    operations.submit_for_review(version, by=author)
    with pytest.raises(Refused, match="Version 2 is already in review"):
        operations.submit_for_review(version, by=author)

    assert AuditEvent.objects.filter(kind="policy.submitted").count() == 1


def test_publishing_stops_the_clock_of_the_gap_and_enforcement_ends_it():
    text = make_clause()
    gap = operations.join_gap("votes for a pet contest", by=None)
    author = make_user(role="policy_editor")
    version = operations.draft_clause(text.clause, wording=WORDING, change_note="", gap=gap, by=author)
    operations.submit_for_review(version, by=author)

    operations.publish_version(version, reason="Needed.", by=make_user(role="policy_approver"))
    first = operations.note_first_enforcement(version.clauses.get(), by=None)
    again = operations.note_first_enforcement(version.clauses.get(), by=None)

    gap.refresh_from_db()
    assert gap.status == "covered"
    assert gap.opened_at <= gap.drafted_at <= gap.published_at <= gap.first_enforced_at
    assert (first, again) == ([gap], [])


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_publish_once(monkeypatch):
    version = submitted(make_clause())
    approvers = [make_user(role="policy_approver"), make_user(role="policy_approver")]
    barrier, locked = Barrier(2), publishing.locked

    def meet_then_lock(version: PolicyVersion) -> PolicyVersion:
        barrier.wait(timeout=10)
        return locked(version)

    monkeypatch.setattr(publishing, "locked", meet_then_lock)

    outcomes = outcomes_of(
        lambda approver: operations.publish_version(version, reason="Clearer.", by=approver), approvers
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [refusal.sentence for refusal in refused] == ["Version 2 is already published."]
    assert AuditEvent.objects.filter(kind="policy.published").count() == 1
    assert PolicyVersion.objects.published().count() == 1


@pytest.mark.parametrize("status", PolicyVersion.Status.values)
def test_no_status_is_forgotten_by_the_rules(status):
    approver = make_user(role="policy_approver")
    author = make_user(role="policy_editor")
    version = PolicyVersion(number=2, status=status, created_by=author)

    allowed = {
        "draft": rules.refusal_to_draft(version, author) is None if status in {"draft", "in_review"} else None,
        "submit": rules.refusal_to_submit(version, author, writers=()) is None,
        "discard": rules.refusal_to_discard(version, author) is None,
        "publish": rules.refusal_to_publish(version, approver, writers=()) is None,
        "send_back": rules.refusal_to_send_back(version, approver) is None,
    }

    assert {act for act, may in allowed.items() if may} == {
        "draft": {"draft", "submit", "discard"},
        "in_review": {"publish", "send_back"},
        "published": set(),
        "retired": set(),
    }[status]
