"""A second look: each item gets one round, whoever judged it is not asked again, and what came of it is told."""

import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from incidents.actors.models import Actor
from incidents.backfill import operations, queries
from incidents.backfill.models import Backfill, BackfillPart
from incidents.queues import operations as queues
from incidents.queues.models import Item, Round
from incidents.review import operations as review
from incidents.review.models import Violation
from tests.backfill.stage import begin, fresh, judge, make_benign, make_newer, one_step, work_on
from tests.factories import (
    NOW,
    make_alert,
    make_clause,
    make_decision,
    make_item,
    make_policy,
    make_policy_version,
    make_queue,
    make_user,
    publish,
)
from trust import clock
from trust.audit.models import AuditEvent
from trust.jobs.models import Job
from trust.refusals import Refused

pytestmark = pytest.mark.django_db
NAMED = {"categories": [], "named": "scam"}


def flagged(**fields) -> Item:
    alert = make_alert(flagged=["scam"])
    values = {"status": "closed", "closed_at": NOW, **fields}
    return make_item(generation=alert.generation, **values)


def closed_by_rule() -> Item:
    return flagged(closed_as="benign", closed_by_rule="r", closed_by_version=1)


def test_each_item_gets_one_round_in_the_chosen_queue_and_keeps_its_outcome():
    old, queue = make_clause(), make_queue()
    decisions = [make_decision(violations=[{"clause": old}]) for _row in range(3)]
    version = make_newer(old)

    backfill = work_on(begin(version, queue=queue))

    assert (backfill.job.status, backfill.job.done) == ("done", 3)
    rounds = list(Round.objects.filter(status="open").order_by("pk"))
    assert {(one.queue, one.purpose, one.lease_by) for one in rounds} == {(queue, "rejudge", None)}
    assert [one.categories for one in rounds] == [[version.policy_id]] * 3
    assert sorted(one.item_id for one in rounds) == [decision.item_id for decision in decisions]
    assert set(Item.objects.values_list("status", "verdict", "severity")) == {("closed", "violating", 2)}
    assert set(backfill.parts.values_list("outcome", "verdict_before", "severity_before")) == {
        ("opened", "violating", 2)
    }
    event = AuditEvent.objects.get(kind="item.opened_again")
    assert event.subjects.count() == 4
    assert AuditEvent.objects.filter(kind="backfill.started", by=backfill.started_by).count() == 1


def test_what_a_rule_closed_is_open_again_for_its_first_judgement():
    version, item = make_newer(make_clause()), closed_by_rule()

    backfill = work_on(begin(version, "category", wanted=NAMED))

    item.refresh_from_db()
    assert (item.status, item.closed_as, item.closed_by_rule, item.closed_at) == ("open", "", "", None)
    assert backfill.parts.get().round.purpose == "first"
    judge(backfill.parts.get().round, clause=version.clauses.get().clause.key)
    item.refresh_from_db()
    assert (item.status, item.verdict) == ("closed", "violating")


def test_who_judged_it_before_is_not_handed_it_again():
    old, queue = make_clause(), make_queue()
    before, other = make_decision(violations=[{"clause": old}]).by, make_user()
    work_on(begin(make_newer(old), queue=queue))

    assert queues.claim(queue, by=before) is None
    assert queues.claim(queue, by=other) is not None


def test_what_was_missed_and_what_is_judged_otherwise_is_counted_by_decisions_that_stand():
    version, lead = make_newer(make_clause()), make_user(role="lead")
    key = version.clauses.get().clause.key
    benign, kept, waits = (make_benign(item=flagged(verdict="benign")) for _place in range(3))
    worse = make_decision(item=flagged(verdict="violating", severity=2)).item
    known = make_decision(item=flagged(verdict="violating", severity=2)).item
    by_rule, harmless = closed_by_rule(), closed_by_rule()
    backfill = work_on(begin(version, "category", wanted=NAMED, by=lead))
    rounds = {part.item_id: part.round for part in backfill.parts.select_related("round")}

    judge(rounds[benign.pk], clause=key)
    judge(rounds[kept.pk])
    judge(rounds[worse.pk])
    judge(rounds[known.pk], clause=key)
    judge(rounds[harmless.pk])
    last = judge(rounds[by_rule.pk], clause=key)

    assert queries.standing_of(backfill) == queries.Standing(
        waiting=0, opened=7, skipped=0, judged=6, otherwise=3, missed=2
    )
    missed = queries.missed_by(backfill, lead, clock.now()).order_by("pk")
    assert list(missed) == [benign.actor, by_rule.actor]
    assert [actor.missed for actor in missed] == [1, 1]
    assert rounds[waits.pk].status == "open"

    review.undo(last, by=last.by)
    assert queries.standing_of(backfill).missed == 1
    assert list(queries.missed_by(backfill, lead, clock.now())) == [benign.actor]


def test_who_was_missed_is_told_to_nobody_who_may_not_read_actors():
    version, lead = make_newer(make_clause()), make_user(role="lead")
    item = make_benign(item=flagged(verdict="benign"))
    backfill = work_on(begin(version, "category", wanted=NAMED, by=lead))
    judge(backfill.parts.get().round, clause=version.clauses.get().clause.key)

    assert list(queries.missed_by(backfill, lead, clock.now())) == [item.actor]
    assert not queries.missed_by(backfill, make_user(role="policy_editor"), clock.now()).exists()
    assert Actor.objects.filter(pk=item.actor_id).exists()


def test_a_decision_keeps_the_version_that_it_was_made_under():
    old = make_clause()
    decision = make_decision(violations=[{"clause": old}])
    version = make_newer(old)
    backfill = work_on(begin(version))

    later = judge(backfill.parts.get().round, clause=old.clause.key)

    told = dict(Violation.objects.values_list("decision", "clause__version"))
    assert told == {decision.pk: old.version_id, later.pk: version.pk}


def test_two_looks_at_the_same_items_open_one_round_at_a_time():
    old = make_clause()
    make_decision(violations=[{"clause": old}])
    version = make_newer(old)
    first, second = begin(version), begin(version)

    first, second = work_on(first), work_on(second)

    outcomes = [first.parts.get().outcome, second.parts.get().outcome]
    assert outcomes == ["opened", "skipped"]
    assert Round.objects.filter(status="open").count() == 1


def test_it_is_cancelled_after_the_step_and_what_is_open_stays(monkeypatch):
    monkeypatch.setattr(operations, "AT_ONCE", 2)
    old = make_clause()
    for _row in range(5):
        make_decision(violations=[{"clause": old}])
    backfill = begin(make_newer(old))
    one_step()

    operations.cancel(backfill, by=backfill.started_by)
    backfill = work_on(backfill)

    assert (backfill.job.status, queries.standing_of(backfill).opened) == ("cancelled", 2)
    assert queries.standing_of(backfill).waiting == 3
    with pytest.raises(Refused, match="Nothing is under way"):
        operations.cancel(backfill, by=backfill.started_by)


def test_a_step_that_dies_half_way_leaves_nothing_and_is_done_again_once(monkeypatch):
    old = make_clause()
    for _row in range(3):
        make_decision(violations=[{"clause": old}])
    backfill = begin(make_newer(old))

    def die(*_arguments, **_options):
        raise RuntimeError("killed")

    with monkeypatch.context() as dying:
        dying.setattr(type(BackfillPart.objects), "bulk_update", die)
        one_step()
    assert not Round.objects.filter(status="open").exists()
    assert queries.standing_of(backfill).waiting == 3

    Job.objects.update(due_at=NOW)
    work_on(backfill)

    assert Round.objects.filter(status="open").count() == 3


def test_an_item_stands_in_one_look_once_and_what_came_of_it_is_kept():
    old = make_clause()
    make_decision(violations=[{"clause": old}])
    backfill = work_on(begin(make_newer(old)))
    part = backfill.parts.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        BackfillPart.objects.create(whole=backfill, item=part.item)
    for change in ({"verdict_before": "benign"}, {"outcome": "skipped", "round": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BackfillPart.objects.filter(pk=part.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        part.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Backfill.objects.update(reason="Another.")


def test_nothing_is_opened_when_other_items_match_than_were_shown():
    old = make_clause()
    make_decision(violations=[{"clause": old}])
    version = make_newer(old)

    with pytest.raises(Refused, match=r"it was 2, and is 1 now") as refused:
        begin(version, count=2)

    assert refused.value.code == "stale"
    assert not Backfill.objects.exists()


@pytest.mark.parametrize(
    ("role", "said", "why"),
    [
        ("reviewer", {}, "Only leads and policy staff"),
        ("analyst", {}, "Only leads and policy staff"),
        ("policy_editor", {"way": "search", "wanted": {"q": "tea"}}, "Only leads find past items by a search"),
        ("lead", {"reason": " "}, "Say why"),
    ],
)
def test_what_is_refused(role, said, why):
    old = make_clause()
    make_decision(violations=[{"clause": old}])

    with pytest.raises(Refused, match=why):
        begin(make_newer(old), by=make_user(role=role), **said)

    assert not Job.objects.exists()


def test_a_retired_version_a_restricted_policy_and_a_restricted_queue_are_refused():
    old = make_clause()
    make_decision(violations=[{"clause": old}])
    version = make_newer(old)
    old.version.refresh_from_db()

    with pytest.raises(Refused, match="version in force only"):
        begin(old.version)
    with pytest.raises(Refused, match="Choose a queue"):
        begin(version, queue=make_queue(restricted_category="child_safety"))
    draft = make_policy_version(
        policy=make_policy(restricted_category="child_safety"), status="draft", published_at=None
    )
    make_clause(version=draft)
    with pytest.raises(Refused, match="is restricted"):
        begin(publish(draft))


def test_more_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("incidents.backfill.rules.MOST", 2)
    old = make_clause()
    for _row in range(3):
        make_decision(violations=[{"clause": old}])

    with pytest.raises(Refused, match="More than 10,000"):
        begin(make_newer(old))


@pytest.mark.django_db(transaction=True)
def test_a_second_opinion_asked_for_at_the_same_moment_leaves_one_open_round(monkeypatch):
    old = make_clause()
    decision = make_decision(violations=[{"clause": old}])
    backfill = begin(make_newer(old))
    barrier = threading.Barrier(2, timeout=20)
    errors: list[Exception] = []

    def asked() -> None:
        try:
            barrier.wait()
            queues.ask_second_opinion(decision.item, by=make_user())
        except Refused as refusal:
            errors.append(refusal)
        finally:
            connection.close()

    other = threading.Thread(target=asked)
    other.start()
    barrier.wait()
    one_step()
    other.join()

    waiting = Round.objects.filter(item=decision.item, status="open")
    assert waiting.count() == 1
    assert len(errors) == (1 if waiting.get().purpose == "rejudge" else 0)
    assert fresh(backfill).job.status == "done"


def test_a_round_of_its_own_kind_is_the_one_that_is_undone():
    old = make_clause()
    make_decision(violations=[{"clause": old}])
    version = make_newer(old)
    round = work_on(begin(version)).parts.get().round
    later = judge(round)
    item = later.item

    assert Item.objects.get(pk=item.pk).verdict == "benign"
    review.undo(later, by=later.by)

    assert Item.objects.get(pk=item.pk).verdict == "violating"
