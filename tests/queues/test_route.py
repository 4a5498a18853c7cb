import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from incidents.intake.models import AlertToRoute, Restriction
from incidents.queues import operations
from incidents.queues.models import Item, Round
from incidents.queues.operations import routing
from policies.models import Mapping
from tests.factories import (
    NOW,
    make_actor,
    make_clause,
    make_generation,
    make_queue,
    make_round,
    make_rule,
    make_user,
    make_waiting_alert,
)

pytestmark = pytest.mark.django_db


def test_a_new_generation_becomes_one_item_with_a_first_round_in_the_default_queue():
    general = make_queue(is_default=True, allowance=timedelta(hours=3))
    alert = make_waiting_alert()

    assert operations.route_alerts() == 1

    item = Item.objects.get()
    waiting = item.rounds.get()
    assert (item.generation_id, item.actor_id) == (alert.generation_id, alert.generation.actor_id)
    assert (waiting.queue, waiting.purpose, waiting.status, waiting.fence) == (general, "first", "open", 0)
    assert waiting.due_at == NOW + timedelta(hours=3)
    assert not AlertToRoute.objects.exists()


def test_the_default_queue_is_made_where_there_is_none():
    make_waiting_alert()

    operations.route_alerts()

    assert Round.objects.get().queue.slug == "general"


def test_the_first_rule_that_holds_wins_and_the_trace_says_so():
    make_queue(is_default=True)
    early, late = make_queue(name="Early"), make_queue()
    make_rule(late, {"field": "alert.kind", "operator": "is", "value": "staff"}, name="Staff")
    make_rule(early, {"field": "alert.flagged", "operator": "contains_any", "value": ["spam"]}, name="Spam")
    make_rule(late, name="All the rest")
    alert = make_waiting_alert(flagged=["spam"])

    operations.route_alerts()

    item = Item.objects.get()
    assert item.rounds.get().queue == early
    assert item.trace == [
        {"alert": alert.pk, "queue": "Early", "rule": "Spam", "position": 2, "tried": 2, "restricted": ""}
        | {"version": 3, "closed_as": "", "sampled_as": ""}
    ]


def test_a_rule_that_is_switched_off_is_not_tried():
    general = make_queue(is_default=True)
    make_rule(make_queue(), is_active=False)
    make_waiting_alert()

    operations.route_alerts()

    assert Round.objects.get().queue == general


def test_a_category_leads_by_its_mapping_to_the_queue_of_its_policy():
    make_queue(is_default=True)
    queue = make_queue()
    clause = make_clause()
    Mapping.objects.create(clause=clause.clause, taxonomy="outside", taxonomy_version="1", category="H2")
    key = clause.clause.policy.key
    make_rule(queue, {"field": "alert.flagged", "operator": "has_category", "value": [key]})
    make_waiting_alert(flagged=["H2"], taxonomy="outside", taxonomy_version="1")
    make_waiting_alert(flagged=["H2"], taxonomy="outside", taxonomy_version="2")

    operations.route_alerts()

    assert Round.objects.filter(queue=queue).count() == 1


@pytest.mark.parametrize(("language", "leads"), [("de", True), ("de-AT", True), ("", True), ("fr", False)])
def test_a_category_leads_to_a_clause_only_in_its_languages_and_reviewers_stay_warned(language, leads):
    general, queue = make_queue(is_default=True), make_queue()
    clause = make_clause(languages=["de"], usual_severity=3)
    Mapping.objects.create(clause=clause.clause, taxonomy="outside", taxonomy_version="1", category="H2")
    make_rule(queue, {"field": "alert.flagged", "operator": "has_category", "value": [clause.clause.policy.key]})
    generation = make_generation(language=language)
    make_waiting_alert(flagged=["H2"], taxonomy="outside", taxonomy_version="1", generation=generation)

    operations.route_alerts()

    round = Round.objects.get()
    assert round.queue == (queue if leads else general)
    assert (round.expected_severity, round.categories) == (3, [clause.version.policy_id])


def test_a_further_alert_joins_the_item_and_makes_it_more_urgent():
    make_queue(is_default=True)
    queue = make_queue()
    make_rule(queue, {"field": "alert.kind", "operator": "is", "value": "user_report"}, priority=7)
    make_rule(queue)
    first = make_waiting_alert()
    operations.route_alerts()
    make_waiting_alert(generation=first.generation, kind="user_report")

    operations.route_alerts()

    item = Item.objects.get()
    assert item.rounds.get().priority == 7
    assert [entry["position"] for entry in item.trace] == [2, 1]


def test_two_alerts_about_one_generation_in_one_batch_make_one_item_in_the_queue_of_the_higher_rule():
    make_queue(is_default=True)
    upper, lower = make_queue(), make_queue()
    make_rule(upper, {"field": "alert.kind", "operator": "is", "value": "user_report"}, priority=1)
    make_rule(lower, priority=4)
    first = make_waiting_alert()
    make_waiting_alert(generation=first.generation, kind="user_report")

    operations.route_alerts()

    waiting = Round.objects.get()
    assert (waiting.queue, waiting.priority) == (upper, 4)


def test_a_further_alert_leaves_a_closed_item_closed():
    item = make_round(status="closed", closed_at=NOW, closed_by=make_user()).item
    make_waiting_alert(generation=item.generation)

    operations.route_alerts()

    assert Round.objects.filter(status="open").count() == 0
    assert Item.objects.count() == 1


def test_what_is_restricted_goes_to_the_restricted_queue_whatever_the_rules_say():
    make_rule(make_queue(is_default=True))
    closed = make_queue(restricted_category="child_safety")
    make_waiting_alert(generation=make_generation(restricted=True))

    operations.route_alerts()

    assert Round.objects.get().queue == closed


def test_what_became_restricted_leaves_its_queue_and_any_hands():
    make_queue(is_default=True)
    closed = make_queue(restricted_category="child_safety")
    held = make_round(lease_by=make_user())
    Restriction.objects.create(generation=held.item.generation, category="child_safety", created_at=NOW)
    make_waiting_alert(generation=held.item.generation)

    operations.route_alerts()

    held.refresh_from_db()
    assert (held.queue, held.lease_by) == (closed, None)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"field": "alert.source", "operator": "is", "value": "shop"}, True),
        ({"field": "alert.source", "operator": "is_not", "value": "shop"}, False),
        ({"field": "generation.language", "operator": "in", "value": ["de", "fr"]}, True),
        ({"field": "generation.stage", "operator": "in", "value": ["pilot"]}, False),
        ({"field": "alert.scores.spam", "operator": "at_least", "value": 0.91}, True),
        ({"field": "alert.scores.spam", "operator": "at_least", "value": 0.92}, False),
        ({"field": "alert.scores.hate", "operator": "at_most", "value": 0.5}, False),
        ({"field": "alert.top_score", "operator": "at_most", "value": 0.91}, True),
        ({"field": "actor.kind", "operator": "is", "value": "api_key"}, True),
        ({"field": "actor.standing", "operator": "is", "value": "banned"}, False),
        ({"field": "alert.flagged", "operator": "contains_any", "value": ["hate"]}, False),
        ({"field": "alert.flagged", "operator": "has_category", "value": ["spam"]}, True),
    ],
)
def test_a_condition_compares_what_came_in(condition, holds):
    general, queue = make_queue(is_default=True), make_queue()
    make_rule(queue, condition)
    generation = make_generation(language="de", actor=make_actor(kind="api_key"))
    alert = make_waiting_alert(generation=generation)
    alert.source.slug = "shop"
    alert.source.save()

    operations.route_alerts()

    assert Round.objects.get().queue == (queue if holds else general)


def test_a_batch_takes_the_same_number_of_queries_with_two_alerts_and_with_sixty(django_assert_num_queries):
    make_queue(is_default=True)
    for wanted in (2, 60):
        for _alert in range(wanted):
            make_waiting_alert()
        with django_assert_num_queries(13):
            assert operations.route_alerts() == wanted


def test_alerts_of_one_make_are_told_apart_by_their_scores():
    general, urgent, special = make_queue(is_default=True), make_queue(), make_queue()
    make_rule(urgent, {"field": "alert.top_score", "operator": "at_least", "value": 0.9})
    make_rule(
        special,
        {"field": "alert.kind", "operator": "is", "value": "detector"},
        {"field": "alert.scores.spam", "operator": "at_most", "value": 0.2},
    )
    high = make_waiting_alert(flagged=["hate"], scores={"hate": 0.95, "spam": 0.1})
    low = make_waiting_alert(flagged=["hate"], scores={"hate": 0.5, "spam": 0.1})
    middle = make_waiting_alert(flagged=["hate"], scores={"hate": 0.5, "spam": 0.6})
    silent = make_waiting_alert(flagged=["hate"], scores={})

    operations.route_alerts()

    queues = dict(Round.objects.values_list("item__generation__alerts", "queue"))
    assert queues == {high.pk: urgent.pk, low.pk: special.pk, middle.pk: general.pk, silent.pk: general.pk}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_route_every_alert_once(monkeypatch):
    make_queue(is_default=True)
    generation = make_generation()
    for _alert in range(4):
        make_waiting_alert(generation=generation)
    both_took = threading.Barrier(2)
    arrivals = routing._arrivals

    def wait_for_the_other(facts):
        both_took.wait(5)
        return arrivals(facts)

    monkeypatch.setattr(routing, "_arrivals", wait_for_the_other)

    def route():
        try:
            operations.route_alerts(limit=2)
        finally:
            connection.close()

    workers = [threading.Thread(target=route) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    item = Item.objects.get()
    assert item.rounds.count() == 1
    assert len(item.trace) == 4
    assert not AlertToRoute.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failed_batch_leaves_its_alerts_to_be_routed(monkeypatch):
    make_waiting_alert()
    monkeypatch.setattr(routing, "wait_for_group", lambda items: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        operations.route_alerts()

    assert AlertToRoute.objects.count() == 1
    assert not Item.objects.exists()


def test_alerts_are_taken_only_inside_a_transaction(transactional_db):
    assert not transaction.get_connection().in_atomic_block

    with pytest.raises(RuntimeError):
        routing.intake.take_alerts_to_route(1)
