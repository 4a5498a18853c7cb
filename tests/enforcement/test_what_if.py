"""Strikes counted, and counted again under another rule: the same as a recount in plain Python."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.enforcement import operations, rules, what_if
from incidents.enforcement.models import EnforcementAction, Strike
from incidents.review.models import Decision, DecisionToStrike, Retraction
from tests.enforcement.factories import make_finding, propose
from tests.enforcement.test_pages import signed_in
from tests.factories import make_actor, make_clause, make_decision, make_strike, make_user

pytestmark = pytest.mark.django_db

STRIKES = "/enforcement/strikes/"


def recounted(rule: what_if.Rule, now) -> Counter:
    """Add up in plain Python what each actor would have: one outcome for each item, the newest that stands."""
    retracted = {retraction.decision_id for retraction in Retraction.objects.all()}
    voided = {strike.decision_id for strike in Strike.objects.all() if strike.voided_at}
    outcomes: dict[int, Decision] = {}
    for decision in sorted(Decision.objects.all(), key=lambda one: (one.decided_at, one.pk)):
        if decision.pk not in retracted:
            outcomes[decision.item_id] = decision
    totals: Counter = Counter()
    for decision in outcomes.values():
        is_recent = decision.decided_at > now - timedelta(days=rule.days)
        if decision.verdict == "violating" and is_recent and decision.pk not in voided:
            gravest = max(violation.severity for violation in decision.violations.all())
            totals[decision.item.actor_id] += rule.weights[gravest]
    return +totals


def counted_today(now) -> Counter:
    totals: Counter = Counter()
    for strike in Strike.objects.all():
        if not strike.voided_at and strike.expires_at > now:
            totals[strike.actor_id] += strike.weight
    return totals


def judge_again(item, *, verdict: str, severity: int, clause, at) -> None:
    """Add a later decision, and let the item take it over, as closing a round does."""
    findings = [{"clause": clause, "severity": severity}] if verdict == "violating" else []
    decision = make_decision(item=item, verdict=verdict, violations=findings, decided_at=at)
    DecisionToStrike.objects.create(decision=decision)
    item.verdict, item.severity = verdict, severity if findings else None
    item.save()


def make_past(seed: int) -> list:
    """Make actors with 0 to 8 violations of every severity and age, some taken back, judged again, or voided."""
    draw, clause, now = random.Random(seed), make_clause(), timezone.now()
    actors = [make_actor() for _actor in range(12)]
    for actor in actors:
        for _violation in range(draw.randint(0, 8)):
            severity, at = draw.randint(0, 4), now - timedelta(days=draw.randint(1, 200), hours=1)
            decision = make_finding(actor, severity=severity, clause=clause, decided_at=at)
            item = decision.item
            item.severity = severity
            item.save()
            fate = draw.random()
            if fate < 0.15:
                Retraction.objects.create(decision=decision, by=decision.by, at=now)
                item.verdict, item.severity = "", None
                item.save()
            elif fate < 0.3:
                verdict = draw.choice(["benign", "violating"])
                judge_again(
                    item, verdict=verdict, severity=draw.randint(0, 4), clause=clause, at=at + timedelta(days=1)
                )
    operations.give_strikes(10_000)
    lead = make_user(role="lead")
    for strike in Strike.objects.filter(voided_at__isnull=True).order_by("pk")[:3]:
        operations.void_strike(strike, reason="Not theirs.", by=lead)
    propose(actors[0])
    return actors


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "rule", [what_if.Rule(), what_if.Rule((1, 2, 3, 5, 8), 30), what_if.Rule((0, 0, 0, 0, 1), 365)]
)
def test_a_recount_is_what_plain_python_comes_to(seed, rule):
    make_past(seed)
    now = timezone.now()
    tried, today = recounted(rule, now), counted_today(now)
    acted_on = set(EnforcementAction.objects.filter(status__in=what_if.ACTED_ON).values_list("actor", flat=True))

    found = what_if.what_if(rule, now)

    assert found.histogram.actors == Counter(tried.values())
    assert what_if.histogram(now).actors == Counter(today.values())
    for threshold in what_if.THRESHOLDS:
        new = {actor for actor, strikes in tried.items() if strikes >= threshold > today[actor]}
        lost = {actor for actor, strikes in today.items() if strikes >= threshold > tried[actor]}
        assert found.newly(threshold) == len(new)
        assert found.newly_untouched(threshold) == len(new - acted_on)
        assert found.no_longer(threshold) == len(lost)
        assert found.first(threshold) == sorted(new, key=lambda actor: (-tried[actor], actor))[: what_if.MOST_NAMED]


def test_the_rule_of_today_touches_whom_the_strikes_of_today_touch():
    actor = make_actor()
    for severity in (1, 3, 4):
        decision = make_finding(actor, severity=severity, decided_at=timezone.now())
        decision.item.severity = severity
        decision.item.save()
    operations.give_strikes()

    assert what_if.what_if(what_if.Rule(), timezone.now()).histogram == what_if.histogram(timezone.now())
    assert what_if.Rule().weights == tuple(rules.STRIKES_OF_SEVERITY[severity] for severity in range(5))


def test_a_violation_counts_from_the_day_of_the_decision_that_stands():
    actor, clause, now = make_actor(), make_clause(), timezone.now()
    item = make_finding(actor, clause=clause, decided_at=now - timedelta(days=40)).item
    judge_again(item, verdict="violating", severity=2, clause=clause, at=now - timedelta(days=10))

    assert what_if.what_if(what_if.Rule(days=30), now).histogram.actors == {1: 1}


def test_bars_and_thresholds_say_the_same_and_the_last_bar_takes_the_rest():
    histogram = what_if.Histogram({1: 5, 12: 2, 13: 1, 40: 3})

    assert histogram.bars()[0] == (1, 5)
    assert histogram.bars()[-2:] == [(12, 2), (13, 4)]
    assert [histogram.reaching(threshold) for threshold in (1, 2, 12)] == [11, 6, 6]


# ── The page ─────────────────────────────────────────────


def test_a_lead_tries_a_rule_and_is_led_to_whom_it_would_newly_touch():
    client, actor = signed_in(), make_actor(external_id="acct_named")
    for _number in range(2):
        item = make_finding(actor, severity=2, decided_at=timezone.now()).item
        item.severity = 2
        item.save()
    operations.give_strikes()

    before = client.get(STRIKES).content.decode()
    answer = client.get(STRIKES, {"s2": 4, "days": 30, "threshold": 8})

    page = answer.content.decode()
    assert "Newly" not in before
    assert "1 actor would have 8 strikes or more" in page
    assert answer.context["rows"][0] == (1, 1, 1, 0)
    assert answer.context["rows"][7] == (8, 0, 1, 1)
    assert actor.get_absolute_url() in page
    assert "acct_named" not in page


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": "9" * 30}, "less than or equal to 730"),
        ({"s4": "many"}, "whole number"),
        ({"threshold": ""}, "required"),
        ({"s0": "-1"}, "greater than or equal to 0"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told_beside_its_field(query, why):
    answer = signed_in().get(STRIKES, query)

    assert answer.status_code == 400
    assert why in answer.content.decode()


@pytest.mark.parametrize("rows", [2, 60])
def test_the_page_costs_the_same_however_many_actors(rows, django_assert_num_queries):
    client = signed_in()
    for _number in range(rows):
        make_strike()

    with django_assert_num_queries(8):
        client.get(STRIKES, {"threshold": 1, "s2": 20})
