"""An approved version takes effect at its moment, once, unless that is cancelled."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from policies import operations
from policies.models import PolicyVersion
from policies.tasks import publish_due
from tests.factories import make_clause, make_user
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver():
    return make_user(role="policy_approver")


def submitted(gap=None) -> PolicyVersion:
    editor = make_user(role="policy_editor")
    text = make_clause()
    wording = operations.Wording(title="New", definition="New.", public_text="New.")
    version = operations.draft_clause(text.clause, wording=wording, change_note="Why.", gap=gap, by=editor)
    return operations.submit_for_review(version, by=editor)


def approved(approver, **after) -> PolicyVersion:
    moment = clock.now() + timedelta(**(after or {"days": 1}))
    return operations.publish_at(submitted(), moment=moment, reason="Good.", by=approver)


def test_a_version_takes_effect_at_its_moment_and_not_before(approver):
    gap = operations.join_gap("votes for a pet contest", by=None)
    version = submitted(gap)
    moment = clock.now() + timedelta(days=1)
    operations.publish_at(version, moment=moment, reason="Good.", by=approver)

    publish_due()
    version.refresh_from_db()
    assert (version.status, version.approved_by, version.takes_effect_at) == ("in_review", approver, moment)
    with clock.at(moment + timedelta(seconds=5)):
        publish_due()
        publish_due()

    version.refresh_from_db()
    gap.refresh_from_db()
    assert (version.status, version.published_at) == ("published", moment + timedelta(seconds=5))
    assert gap.published_at == version.published_at
    assert PolicyVersion.objects.get(policy=version.policy, number=1).status == "retired"
    assert AuditEvent.objects.about(version).filter(kind="policy.published").count() == 1


def test_an_approval_that_is_cancelled_never_takes_effect(approver):
    version = approved(approver)

    operations.cancel_publication(version, reason="An error.", by=make_user(role="policy_approver"))
    with clock.at(clock.now() + timedelta(days=2)):
        publish_due()

    version.refresh_from_db()
    assert (version.status, version.approved_by, version.takes_effect_at) == ("in_review", None, None)
    assert operations.publish_version(version, reason="Good now.", by=approver).status == "published"


def test_asking_for_changes_ends_an_approval(approver):
    version = operations.send_back(approved(approver), reason="An error.", by=approver)

    assert (version.status, version.approved_by, version.takes_effect_at) == ("draft", None, None)


def test_refusals(approver):
    version = submitted()
    author = version.created_by
    later = clock.now() + timedelta(days=1)

    for moment, reason, by, match in (
        (later, "Good.", author, "Only a policy approver"),
        (later, " ", approver, "Give your reason"),
        (clock.now() - timedelta(minutes=1), "Good.", approver, "That moment is past"),
        (clock.now() + timedelta(days=400), "Good.", approver, "within a year"),
    ):
        with pytest.raises(Refused, match=match):
            operations.publish_at(version, moment=moment, reason=reason, by=by)
    with pytest.raises(Refused, match="waits for no moment"):
        operations.cancel_publication(version, reason="x", by=approver)
    operations.publish_at(version, moment=later, reason="Good.", by=approver)
    with pytest.raises(Refused, match="takes effect by itself"):
        operations.publish_version(version, reason="Good.", by=approver)
    with pytest.raises(Refused, match="Only a policy approver"):
        operations.cancel_publication(version, reason="x", by=author)

    version.refresh_from_db()
    assert version.status == "in_review"


@pytest.mark.parametrize("change", [{"approved_by": None}, {"status": "draft"}, {"takes_effect_at": None}])
def test_the_database_knows_what_waits(approver, change):
    version = approved(approver)

    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(**change)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_publish_once(approver):
    version = approved(approver, minutes=1)

    def sweep(moment):
        with clock.at(moment):
            return operations.publish_due()

    moments = [clock.now() + timedelta(hours=1)] * 2
    outcomes = outcomes_of(sweep, moments)

    assert [outcome for outcome in outcomes if outcome] == [version]
    assert AuditEvent.objects.about(version).filter(kind="policy.published").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_dies_leaves_nothing_and_the_next_one_publishes(approver, monkeypatch):
    version = approved(approver, minutes=1)
    later = clock.now() + timedelta(hours=1)

    with monkeypatch.context() as patched, clock.at(later):
        patched.setattr(operations.publishing, "record", _die)
        with pytest.raises(KeyboardInterrupt):
            operations.publish_due()
    version.refresh_from_db()
    assert version.status == "in_review"
    with clock.at(later):
        publish_due()

    version.refresh_from_db()
    assert version.status == "published"


def _die(*_args, **_kwargs):
    raise KeyboardInterrupt
