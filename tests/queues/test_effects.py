"""What follows from a rule: due time, tags, closing with a share for audit, keeping one in n, the random sample."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from incidents.queues import effects, operations
from incidents.queues.models import Item, Queue, Round
from incidents.review.models import Decision, DecisionToCount
from tests.factories import NOW, make_generation, make_queue, make_rule, make_waiting_alert

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def general() -> Queue:
    return make_queue(is_default=True)


def test_a_rule_sets_priority_due_time_and_tags():
    make_rule(make_queue(allowance=timedelta(hours=3)), priority=4, due_minutes=20, tags=["wave-3", "spam"])
    make_waiting_alert()

    operations.route_alerts()

    waiting = Round.objects.get()
    assert (waiting.priority, waiting.due_at) == (4, NOW + timedelta(minutes=20))
    assert Item.objects.get().tags == ["wave-3", "spam"]


@pytest.mark.parametrize(("match", "holds"), [("all", False), ("any", True)])
@pytest.mark.parametrize(
    "conditions",
    [
        [("alert.kind", "is", "staff"), ("alert.top_score", "at_least", 0.5)],
        [("alert.kind", "is", "detector"), ("alert.top_score", "at_least", 0.99)],
        [("alert.scores.spam", "at_least", 0.95), ("alert.scores.spam", "at_most", 0.92)],
        [("alert.kind", "is", "staff"), ("alert.kind", "is", "detector")],
    ],
)
def test_all_conditions_must_hold_or_any(general, match, holds, conditions):
    queue = make_queue()
    rows = [{"field": field, "operator": operator, "value": value} for field, operator, value in conditions]
    make_rule(queue, *rows, match=match)
    make_waiting_alert()

    operations.route_alerts()

    assert Round.objects.get().queue == (queue if holds else general)


def test_with_any_no_condition_that_holds_is_no_match(general):
    make_rule(make_queue(), {"field": "alert.kind", "operator": "is", "value": "staff"}, match="any")
    make_waiting_alert()

    operations.route_alerts()

    assert Round.objects.get().queue == general


@pytest.mark.parametrize("outcome", ["benign", "duplicate"])
def test_what_a_rule_closes_is_no_decision_and_names_rule_and_version(general, outcome):
    make_rule(general, {"field": "alert.kind", "operator": "is", "value": "staff"})
    make_rule(general, close=outcome, key="rule-7", name="Old noise")
    make_waiting_alert()

    operations.route_alerts()

    item = Item.objects.get()
    assert (item.status, item.verdict, item.closed_as) == ("closed", "", outcome)
    assert (item.closed_by_rule, item.closed_by_version, item.inclusion_probability) == ("rule-7", 2, 0)
    assert (item.trace[0]["rule"], item.trace[0]["version"], item.trace[0]["closed_as"]) == ("Old noise", 2, outcome)
    assert not Round.objects.exists()
    assert not Decision.objects.exists()
    assert not DecisionToCount.objects.exists()


def test_a_share_of_what_a_rule_closes_waits_for_audit_with_its_probability(general):
    make_rule(general, close="benign", audited=0.25)
    for _alert in range(120):
        make_waiting_alert()

    operations.route_alerts()

    drawn = set(Round.objects.values_list("item", flat=True))
    assert drawn == {item.pk for item in Item.objects.all() if effects.draw(item.generation_id) < 0.25}
    assert 10 <= len(drawn) <= 55
    assert set(Round.objects.values_list("queue__slug", flat=True)) == {"audit"}
    assert set(Item.objects.values_list("sampled_as", "inclusion_probability")) == {("audit", 0.25)}
    assert set(Item.objects.filter(pk__in=drawn).values_list("status", "closed_as")) == {("open", "")}


def test_one_in_n_is_kept_and_the_rest_closed_as_not_sampled(general):
    queue = make_queue()
    make_rule(queue, keep_every=3)
    for _alert in range(90):
        make_waiting_alert()

    operations.route_alerts()

    kept = Round.objects.filter(queue=queue).count()
    assert 12 <= kept <= 50
    assert Item.objects.filter(status="closed", closed_as="not_sampled").count() == 90 - kept
    assert set(Item.objects.values_list("sampled_as", "inclusion_probability")) == {("sample_rate", 1 / 3)}


def test_a_draw_never_changes_and_is_spread_evenly():
    drawn = [effects.draw(generation) for generation in range(4000)]

    assert drawn == [effects.draw(generation) for generation in range(4000)]
    assert all(0 <= one < 1 for one in drawn)
    assert sum(one < 0.1 for one in drawn) == pytest.approx(400, abs=80)


def test_a_random_sample_meets_no_rule_and_keeps_its_probability():
    make_rule(make_queue(), close="benign")
    make_waiting_alert(kind="random_sample", flagged=[], scores={}, sampling_rate=0.001)

    operations.route_alerts()

    item = Item.objects.get()
    assert (item.sampled_as, item.inclusion_probability, item.status) == ("random_sample", 0.001, "open")
    assert item.rounds.get().queue.is_for_audit


def test_of_a_sampled_and_a_flagged_alert_the_flagged_one_names_the_queue_and_the_sample_the_probability():
    queue = make_queue()
    make_rule(queue)
    first = make_waiting_alert()
    make_waiting_alert(generation=first.generation, kind="random_sample", sampling_rate=0.01)

    operations.route_alerts()

    item = Item.objects.get()
    assert item.rounds.get().queue == queue
    assert (item.sampled_as, item.inclusion_probability) == ("random_sample", 0.01)


def test_a_later_draw_never_changes_the_first(general):
    first = make_waiting_alert(kind="random_sample", sampling_rate=0.01)
    operations.route_alerts()
    make_rule(general, keep_every=2)
    make_waiting_alert(generation=first.generation)

    operations.route_alerts()

    item = Item.objects.get()
    assert (item.sampled_as, item.inclusion_probability, item.status) == ("random_sample", 0.01, "open")


def test_a_further_alert_that_no_rule_closes_opens_what_a_rule_closed(general):
    reports = make_queue()
    make_rule(reports, {"field": "alert.kind", "operator": "is", "value": "user_report"}, due_minutes=5, tags=["told"])
    make_rule(general, close="benign")
    first = make_waiting_alert()
    operations.route_alerts()
    make_waiting_alert(generation=first.generation, kind="user_report")

    operations.route_alerts()

    item = Item.objects.get()
    assert (item.status, item.closed_as, item.closed_by_version, item.tags) == ("open", "", None, ["told"])
    assert item.rounds.get().queue == reports
    assert [entry["closed_as"] for entry in item.trace] == ["benign", ""]


def test_a_further_alert_that_a_rule_closes_closes_nothing(general):
    first = make_waiting_alert()
    operations.route_alerts()
    make_rule(general, close="benign")
    make_waiting_alert(generation=first.generation)

    operations.route_alerts()

    assert Item.objects.get().status == "open"
    assert Round.objects.get().status == "open"


def test_of_two_alerts_in_one_batch_both_must_be_closed(general):
    make_rule(general, {"field": "alert.kind", "operator": "is", "value": "detector"}, close="benign")
    first = make_waiting_alert()
    make_waiting_alert(generation=first.generation, kind="user_report")

    operations.route_alerts()

    assert Item.objects.get().closed_as == ""
    assert Round.objects.count() == 1


def test_a_further_alert_shortens_the_due_time_and_never_lengthens_it(general):
    first = make_waiting_alert()
    operations.route_alerts()
    make_rule(general, due_minutes=30)
    make_waiting_alert(generation=first.generation)
    operations.route_alerts()
    make_rule(make_queue(), due_minutes=600)

    make_waiting_alert(generation=first.generation)
    operations.route_alerts()

    assert Round.objects.get().due_at == NOW + timedelta(minutes=30)


def test_what_is_restricted_is_neither_closed_nor_drawn(general):
    make_rule(general, close="benign", keep_every=1)
    make_waiting_alert(generation=make_generation(restricted=True))

    operations.route_alerts()

    item = Item.objects.get()
    assert (item.status, item.sampled_as, item.inclusion_probability) == ("open", "", 1)
    assert item.rounds.get().queue.restricted_category


def test_a_rule_whose_queue_is_gone_leads_to_the_default_queue(general):
    gone = make_queue()
    make_rule(gone)
    gone.delete()
    make_waiting_alert()

    operations.route_alerts()

    assert Round.objects.get().queue == general


@pytest.mark.parametrize("values", [{"closed_as": "benign"}, {"closed_by_version": 3}, {"inclusion_probability": 1.5}])
def test_the_database_holds_what_a_rule_closed_together(values):
    make_waiting_alert()
    operations.route_alerts()

    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.update(**values)
