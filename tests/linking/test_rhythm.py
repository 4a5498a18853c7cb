"""Who is active in the same minutes: a weak reason, which the innocent do not give and which links nobody alone."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.actors.models import Actor, Identifier
from incidents.actors.operations import identifier_digest
from incidents.intake.models import Generation
from incidents.linking import queries
from incidents.linking.rhythm import MOST_AT_ONCE, MOST_WEIGHT, SameMinutes, same_minutes
from incidents.linking.weighing import LINKED_FROM, weight_of
from tests.factories import NOW, make_actor, make_user
from tests.linking.made import rhythms
from tests.linking.test_web import linked_to, share

BURSTS = random.Random(7).sample(range(288 * 25), 40)


def test_the_innocent_are_given_no_weight_and_most_of_a_ring_is():
    innocent, of_rings = [], []
    for seed in range(12):
        windows = rhythms(random.Random(seed))
        for one in windows:
            for other, found in same_minutes(one, windows).items():
                if one < other:
                    (of_rings if one >= 1000 else innocent).append(found.weight)

    assert len(innocent) > 4_000
    assert max(innocent) == 0
    assert sum(weight > 0 for weight in of_rings) >= 0.6 * 36


@pytest.mark.parametrize(
    ("shared", "expected", "days", "weighs"),
    [(20, 2.0, 10, True), (20, 2.0, 2, False), (5, 0.01, 5, False), (20, 15.0, 10, False), (8, 20.0, 8, False)],
)
def test_it_weighs_what_is_often_beyond_chance_and_on_several_days(shared, expected, days, weighs):
    assert (SameMinutes(shared, expected, shared, days).weight > 0) is weighs


def test_it_never_weighs_enough_to_link_alone():
    assert SameMinutes(10_000, 0.001, 10_000, 30).weight == MOST_WEIGHT < LINKED_FROM


def test_minutes_in_which_many_are_active_tell_nothing():
    crowd = {number: set(BURSTS) for number in range(MOST_AT_ONCE + 1)}

    assert same_minutes(0, crowd) == {}
    assert same_minutes(0, {number: crowd[number] for number in range(2)})[1].weight > 0


def test_who_runs_something_at_the_same_minutes_each_day_shares_what_is_expected():
    nightly = {day * 288 + 36 for day in range(30)}
    hourly = {hour * 12 for hour in range(30 * 24)}

    assert same_minutes(0, {0: nightly, 1: nightly})[1].weight == 0
    assert same_minutes(0, {0: hourly, 1: set(sorted(hourly)[::3])})[1].weight == 0


# ── In a web ─────────────────────────────────────────────


def be_active(*actors) -> None:
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=27)
    Generation.objects.bulk_create(
        Generation(actor=actor, occurred_at=start + timedelta(minutes=5 * window), received_at=NOW)
        for actor in actors
        for window in BURSTS
    )


def share_with_crowd(*actors, many: int = 60) -> None:
    """Let ``actors`` have one address, which ``many`` have in all."""
    others = Actor.objects.bulk_create(
        Actor(kind="account", external_id=f"crowd-{number}", created_at=NOW) for number in range(many - len(actors))
    )
    digest = identifier_digest("ip", "192.0.2.1")
    Identifier.objects.bulk_create(Identifier(actor=one, kind="ip", digest=digest) for one in [*actors, *others])


@pytest.mark.django_db
def test_the_same_minutes_make_a_link_of_something_that_says_too_little():
    one, other, third = make_actor(), make_actor(), make_actor()
    share_with_crowd(one, other, third)
    assert 0.3 < weight_of("ip", 60) < LINKED_FROM
    assert linked_to(one) == set()

    be_active(one, other)

    assert linked_to(one) == {other.pk}
    assert linked_to(other) == {one.pk}
    assert linked_to(third) == set()


@pytest.mark.django_db
def test_the_same_minutes_alone_link_nobody():
    one, other = make_actor(), make_actor()
    be_active(one, other)

    assert linked_to(one) == set()


@pytest.mark.django_db
def test_a_link_says_how_often_and_how_often_by_chance(client):
    one, other = make_actor(), make_actor()
    share(one, other)
    be_active(one, other)
    client.force_login(make_user(role="lead"))

    page = client.get(f"/actors/{one.pk}/links/").content.decode()

    assert "active in the same five minutes 40 times" in page
    assert "spans of four hours; by chance" in page


@pytest.mark.django_db
def test_minutes_cost_one_query_however_many_are_compared(django_assert_max_num_queries):
    one = make_actor()
    for number in range(60):
        other = make_actor()
        share(one, other, value=f"card {number}")
    be_active(one)

    with django_assert_max_num_queries(8):
        web = queries.web_of(one)

    assert len(web.linked) == 50
