"""Misuse that no clause covers: one open gap by title, with its clock."""

from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest

from policies import operations
from policies.models import PolicyGap
from policies.operations import gaps
from tests.factories import NOW, make_user
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_the_first_item_opens_a_gap():
    reviewer = make_user()

    with clock.at(NOW):
        gap = operations.join_gap("votes for a pet contest", by=reviewer)

    assert (gap.status, gap.items, gap.opened_at, gap.last_seen_at) == ("open", 1, NOW, NOW)
    event = AuditEvent.objects.about(gap).get()
    assert (event.kind, event.by) == ("policy_gap.opened", reviewer)


def test_a_later_item_joins_it():
    with clock.at(NOW):
        first = operations.join_gap("votes for a pet contest", by=None)

    with clock.at(NOW + timedelta(days=2)):
        second = operations.join_gap("  votes for a  pet contest ", by=None)

    assert first == second
    assert (second.items, second.opened_at, second.last_seen_at) == (2, NOW, NOW + timedelta(days=2))
    assert AuditEvent.objects.about(second).filter(kind="policy_gap.joined").count() == 1


def test_a_closed_gap_is_not_joined_but_opened_anew():
    closed = operations.join_gap("birthday verses", by=None)
    operations.close_gap(closed, reason="Harmless.", by=make_user(role="policy_editor"))

    opened = operations.join_gap("birthday verses", by=None)

    assert opened != closed
    assert opened.items == 1


@pytest.mark.parametrize("title", ["", "   ", "x" * 5_000])
def test_any_name_from_outside_makes_a_gap(title):
    gap = operations.join_gap(title, by=None)

    assert 0 < len(gap.title) <= 200


def test_a_decision_taken_back_leaves_the_gap():
    operations.join_gap("votes for a pet contest", by=None)
    gap = operations.join_gap("votes for a pet contest", by=None)

    left = operations.leave_gap(gap, by=None)

    assert left.items == 1
    assert left.status == "open"


def test_closing_needs_an_editor_a_reason_and_an_open_gap():
    editor = make_user(role="policy_editor")
    gap = operations.join_gap("birthday verses", by=None)

    with pytest.raises(Refused, match="Only a policy editor"):
        operations.close_gap(gap, reason="Harmless.", by=make_user(role="lead"))
    with pytest.raises(Refused, match="Give your reason"):
        operations.close_gap(gap, reason="", by=editor)
    operations.close_gap(gap, reason="Harmless.", by=editor)
    with pytest.raises(Refused, match="already closed as not a violation"):
        operations.close_gap(gap, reason="Harmless.", by=editor)

    assert AuditEvent.objects.about(gap).filter(kind="policy_gap.closed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_make_one_gap(monkeypatch):
    barrier, now = Barrier(2), clock.now()

    def meet_then_tell_time():
        barrier.wait(timeout=10)
        return now

    monkeypatch.setattr(gaps, "clock", SimpleNamespace(now=meet_then_tell_time))

    outcomes = outcomes_of(lambda title: operations.join_gap(title, by=None), ["pet votes", "pet votes"])

    assert outcomes[0] == outcomes[1]
    assert PolicyGap.objects.get().items == 2
