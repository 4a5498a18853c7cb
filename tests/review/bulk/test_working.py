"""What is done to all that a stored query finds: item by item, told truly, and taken back again."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues import listing
from incidents.queues.models import Item, Round
from incidents.review import operations as review, tasks
from incidents.review.bulk import operations as bulks, rules, steps
from incidents.review.models import Bulk, BulkPart, Decision, DecisionInUse, Retraction
from tests.factories import (
    NOW,
    make_clause,
    make_clearance,
    make_policy,
    make_policy_version,
    make_queue,
    make_round,
    make_user,
    publish,
)
from tests.review.bulk.acting import (
    BENIGN,
    do_one_step,
    fresh,
    make_rounds,
    outcomes,
    select,
    start,
    take_back,
    work_on,
)
from trust.audit.models import AuditEvent
from trust.jobs import operations as jobs
from trust.jobs.models import Job
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_steps(monkeypatch):
    monkeypatch.setattr(steps, "AT_ONCE", 2)


def decide_all_and_undo(count: int) -> None:
    rounds = make_rounds(count)
    make_round()
    before = list(Round.objects.order_by("pk").values_list("pk", "queue", "priority", "due_at", "status"))

    bulk = work_on(select(rounds[0].queue))

    assert (bulk.job.status, bulk.job.done, set(outcomes(bulk))) == ("done", count, {"done"})
    assert Item.objects.filter(verdict="benign", status="closed").count() == count
    assert Decision.objects.filter(by=bulk.made_by, verdict="benign", bulk_part__whole=bulk).count() == count
    made = AuditEvent.objects.filter(kind="decision.made", by=bulk.made_by)
    assert made.count() == count

    bulk = take_back(bulk)

    assert (bulk.undoing.status, set(outcomes(bulk))) == ("done", {"undone"})
    assert list(Round.objects.order_by("pk").values_list("pk", "queue", "priority", "due_at", "status")) == before
    assert not Round.objects.filter(lease_by__isnull=False).exists()
    assert Item.objects.filter(status="open", verdict="").count() == count + 1
    assert Retraction.objects.count() == count
    assert AuditEvent.objects.filter(kind="decision.taken_back").count() == count


def test_60_items_are_judged_each_with_a_decision_and_an_event_and_all_taken_back():
    decide_all_and_undo(60)


@pytest.mark.long
@pytest.mark.usefixtures("fresh_plans")
def test_10000_items_are_judged_each_with_a_decision_and_an_event_and_all_taken_back():
    decide_all_and_undo(10_000)


def test_a_clause_is_found_in_each_at_the_version_of_the_start():
    text = make_clause()
    rounds = make_rounds(3)

    bulk = work_on(select(rounds[0].queue), action="violating", values={"clause": text.clause.key, "severity": 3})

    assert outcomes(bulk) == ["done"] * 3
    found = Decision.objects.values_list("verdict", "note", "violations__clause", "violations__severity")
    assert set(found) == {("violating", BENIGN["reason"], text.pk, 3)}
    assert set(Item.objects.values_list("verdict", "severity")) == {("violating", 3)}


def test_what_others_hold_or_judged_or_is_a_second_opinion_is_skipped_and_told():
    reviewer = make_user(name="Ana Ruiz")
    queue = make_queue()
    free, held, judged = make_rounds(3, queue=queue)
    second = make_round(queue=queue, purpose="second_opinion")
    bulk = start(select(queue))
    Round.objects.filter(pk=held.pk).update(lease_by=reviewer, lease_until=timezone.now() + timedelta(hours=1))
    Round.objects.filter(pk=judged.pk).update(status="closed", closed_at=NOW, closed_by=reviewer)

    tasks.do_in_bulk()

    told = {part.round_id: (part.outcome, part.why) for part in bulk.parts.all()}
    assert told == {
        free.pk: ("done", ""),
        held.pk: ("skipped", "Ana Ruiz holds it."),
        judged.pk: ("skipped", "Ana Ruiz has decided this already."),
        second.pk: ("skipped", "It waits for a second opinion, which is given by itself."),
    }
    assert Decision.objects.count() == 1


def test_what_was_held_and_ran_out_is_judged():
    (round,) = make_rounds(1, lease_by=make_user(), lease_until=timezone.now() - timedelta(minutes=1))

    assert outcomes(work_on(select(round.queue))) == ["done"]


def test_cancelling_keeps_what_is_done_and_that_can_be_taken_back(small_steps):
    rounds = make_rounds(6)
    bulk = start(select(rounds[0].queue))
    do_one_step()

    bulks.cancel(bulk, by=bulk.made_by)
    tasks.do_in_bulk()

    bulk = fresh(bulk)
    assert (bulk.job.status, bulk.job.done) == ("cancelled", 2)
    assert outcomes(bulk) == ["done"] * 2 + ["waiting"] * 4
    assert Decision.objects.count() == 2
    assert outcomes(take_back(bulk)) == ["undone"] * 2 + ["waiting"] * 4
    with pytest.raises(Refused, match="Nothing is under way"):
        bulks.cancel(bulk, by=bulk.made_by)


def test_taking_back_can_be_cancelled_and_gone_on_with(small_steps):
    rounds = make_rounds(4)
    bulk = work_on(select(rounds[0].queue))
    bulks.undo(bulk, by=bulk.made_by)
    jobs.work_once(bulks.UNDOING, step=steps.undo_some, end=steps.end)
    bulks.cancel(bulk, by=bulk.made_by)
    tasks.undo_in_bulk()
    assert outcomes(bulk) == ["undone"] * 2 + ["done"] * 2

    assert outcomes(take_back(fresh(bulk))) == ["undone"] * 4
    with pytest.raises(Refused, match="was taken back"):
        bulks.undo(bulk, by=bulk.made_by)


def test_a_step_that_breaks_off_leaves_nothing_behind_and_is_done_again(small_steps):
    rounds = make_rounds(4)
    bulk = start(select(rounds[0].queue))

    def breaks(job: Job) -> int:
        steps.do_some(job)
        raise ZeroDivisionError

    assert jobs.work_once(bulks.DOING, step=breaks, end=steps.end)
    assert (Decision.objects.count(), fresh(bulk).job.failures) == (0, 1)
    Job.objects.update(due_at=timezone.now())
    tasks.do_in_bulk()

    assert outcomes(bulk) == ["done"] * 4
    assert Decision.objects.count() == 4


@pytest.mark.parametrize("is_new", [True, False])
def test_what_the_query_finds_differently_is_told_before_anything_is_done(is_new):
    rounds = make_rounds(3)
    bulk = select(rounds[0].queue)
    Round.objects.filter(pk=rounds[0].pk).update(status="closed", closed_at=NOW)
    if not is_new:
        make_round(queue=rounds[0].queue)

    with pytest.raises(Refused, match="it was 3, and is 2 now" if is_new else "not the same ones") as refusal:
        start(bulk)

    bulk = fresh(bulk)
    assert refusal.value.code == "stale"
    assert (bulk.job, bulk.count, BulkPart.objects.count()) == (None, 2 if is_new else 3, 0)
    assert outcomes(work_on(bulk)) == ["done"] * bulk.count


def test_more_than_can_be_handled_is_told_and_not_stored(monkeypatch):
    monkeypatch.setattr(rules, "MOST", 2)
    rounds = make_rounds(3)

    with pytest.raises(Refused, match=r"More than .* match"):
        select(rounds[0].queue)

    assert not Bulk.objects.exists()


def test_a_query_that_takes_too_long_is_told(monkeypatch):
    monkeypatch.setattr(listing, "LONGEST_MS", 10)
    make_round()
    slow = Round.objects.extra(where=["pg_sleep(0.2) is not null"])

    with pytest.raises(Refused, match="takes too long") as refusal:
        listing.measured(slow, most=5)

    assert refusal.value.status == 503


def test_nothing_to_handle_is_told():
    with pytest.raises(Refused, match="Nothing matches"):
        select(make_queue())


@pytest.mark.parametrize("role", ["reviewer", "admin", "analyst", "auditor", "policy_editor", "policy_approver"])
def test_only_leads_handle_many_at_once(role):
    rounds = make_rounds(2)
    bulk, other = select(rounds[0].queue), make_user(role=role)

    with pytest.raises(Refused, match="Only leads"):
        select(rounds[0].queue, by=other)
    with pytest.raises(Refused, match="Only leads"):
        bulks.start(bulk, count=2, digest=bulk.digest, by=other, **BENIGN)
    for act in (bulks.cancel, bulks.undo):
        with pytest.raises(Refused, match="Only leads"):
            act(bulk, by=other)


def test_only_who_selected_may_start_and_only_once():
    rounds = make_rounds(2)
    bulk = select(rounds[0].queue)

    with pytest.raises(Refused, match="selected these items"):
        bulks.start(bulk, count=2, digest=bulk.digest, by=make_user(role="lead"), **BENIGN)
    start(bulk)
    with pytest.raises(Refused, match="started already"):
        start(fresh(bulk))


def test_who_is_no_lead_any_more_does_nothing_more(small_steps):
    rounds = make_rounds(4)
    bulk = start(select(rounds[0].queue))
    do_one_step()
    bulk.made_by.roles = ["reviewer"]
    bulk.made_by.save()
    tasks.do_in_bulk()

    assert outcomes(bulk) == ["done"] * 2 + ["skipped"] * 2


def test_what_is_restricted_is_selected_and_judged_only_with_a_clearance():
    queue = make_queue(restricted_category="child_safety")
    (round,) = make_rounds(1, queue=queue)
    Restriction.objects.create(generation=round.item.generation, category="child_safety", created_at=NOW)
    lead, cleared = make_user(role="lead"), make_user(role="lead")
    make_clearance(cleared)

    with pytest.raises(Refused, match="has changed"):
        select(queue, by=lead)
    with pytest.raises(Refused, match="Nothing matches"):
        bulks.store({}, by=lead)
    assert outcomes(work_on(select(queue, by=cleared))) == ["done"]


def test_what_became_restricted_meanwhile_is_skipped_without_a_word_of_it():
    rounds = make_rounds(2)
    bulk = start(select(rounds[0].queue))
    Restriction.objects.create(generation=rounds[0].item.generation, category="child_safety", created_at=NOW)

    tasks.do_in_bulk()

    assert outcomes(bulk) == ["skipped", "done"]
    assert bulk.parts.get(place=0).why == "You may not know of this item any more."


def test_a_clause_that_restricts_is_refused():
    policy = make_policy(restricted_category="child_safety")
    version = make_policy_version(policy=policy, status="draft", published_at=None)
    text = make_clause(version=version)
    publish(version)
    rounds = make_rounds(1)

    with pytest.raises(Refused, match="one by one"):
        start(select(rounds[0].queue), action="violating", values={"clause": text.clause.key, "severity": 3})


@pytest.mark.parametrize(
    ("act", "field"),
    [
        ({"action": "delete"}, "action"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"action": "violating", "values": {"clause": "no.such", "severity": 2}}, "clause"),
        ({"action": "violating", "values": {"clause": "{clause}", "severity": 9}}, "severity"),
        ({"action": "move", "values": {"queue": 0}}, "queue"),
    ],
)
def test_what_does_not_fit_is_named_by_its_field(act, field):
    text = make_clause()
    if "clause" in act.get("values", {}):
        act["values"] = {**act["values"], "clause": act["values"]["clause"].format(clause=text.clause.key)}
    rounds = make_rounds(1)
    bulk = select(rounds[0].queue)

    with pytest.raises(Refused) as refusal:
        start(bulk, **act)

    assert list(refusal.value.errors) == [field]
    assert fresh(bulk).job is None


def test_what_enforcement_rests_on_or_was_taken_back_alone_is_kept():
    rounds = make_rounds(3)
    bulk = work_on(select(rounds[0].queue))
    used, alone, _rest = Decision.objects.order_by("round_id")
    DecisionInUse.objects.create(decision=used, since=NOW)
    review.undo(alone, by=bulk.made_by)

    bulk = take_back(bulk, by=make_user(role="lead"))

    assert outcomes(bulk) == ["kept", "kept", "undone"]
    assert "rests on this decision" in bulk.parts.get(place=0).why


@pytest.mark.django_db(transaction=True)
def test_two_leads_at_once_judge_every_item_once(small_steps):
    rounds = make_rounds(40)
    both = [start(select(rounds[0].queue)) for _lead in range(2)]
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        tasks.do_in_bulk()
        connection.close()

    workers = [threading.Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tasks.do_in_bulk()

    assert {job.status for job in Job.objects.all()} == {"done"}
    assert Decision.objects.count() == Item.objects.filter(verdict="benign").count() == 40
    told = [outcome for bulk in both for outcome in outcomes(bulk)]
    assert (told.count("done"), told.count("skipped")) == (40, 40)


def test_a_stored_query_finds_what_the_list_shows():
    round = make_round(expected_severity=3)
    make_round(expected_severity=1)
    lead = make_user(role="lead")

    chosen = listing.read({"severity": "2"}, lead)

    assert chosen is not None
    assert [one.pk for one in chosen.qs] == [round.pk]
    assert listing.read({"queue": "gone"}, lead) is None
