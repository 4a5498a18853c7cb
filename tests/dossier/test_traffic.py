"""How much came from an actor: counted, with shares, and how sure they are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.dossier import traffic
from tests.factories import make_actor, make_alert, make_clearance, make_generation, make_item, make_round, make_user
from trust.proportions import Drawn, share_of, weighed_share_of

pytestmark = pytest.mark.django_db


def came(actor, days: int, *, verdict: str = "", flagged=("spam",), **fields) -> None:
    at = timezone.now() - timedelta(days=days, hours=1)
    generation = make_generation(actor=actor, occurred_at=at, **fields.pop("generation", {}))
    make_alert(generation=generation, flagged=list(flagged))
    make_alert(generation=generation, flagged=list(flagged))
    closed = {"status": "closed", "closed_at": at, "verdict": verdict} if verdict else {}
    make_item(generation=generation, **closed, **fields)


def counted(actor, person=None):
    return traffic.traffic_of(actor, person or make_user(role="lead"), timezone.now())


def test_generations_are_counted_by_what_they_were_flagged_and_judged_as():
    actor = make_actor()
    came(actor, 1, verdict="violating")
    came(actor, 2, flagged=())
    came(actor, 10, verdict="benign")
    came(actor, 40, verdict="no_policy_fits")
    came(actor, 41, verdict="cannot_judge")
    came(actor, 100, verdict="violating")
    came(make_actor(), 1, verdict="violating")

    found = counted(actor).periods

    assert [(one.days, one.generations, one.flagged) for one in found] == [(7, 2, 1), (30, 3, 2), (90, 5, 4)]
    assert [(one.violating.count, one.benign.count, one.judged.count) for one in found] == [
        (1, 0, 1),
        (1, 1, 2),
        (1, 1, 3),
    ]
    assert not any(one.is_cut or one.is_sampled for one in found)


def test_who_judges_an_item_on_their_own_is_not_told_how_it_was_judged():
    actor, second = make_actor(), make_user()
    came(actor, 1, verdict="violating")
    make_round(item=actor.items.get(), purpose="second_opinion", lease_by=second)

    [week, *_rest] = counted(actor, second).periods

    assert (week.generations, week.flagged) == (1, 1)
    assert (week.violating.count, week.judged.count) == (0, 0)


def test_what_was_drawn_by_chance_is_weighed_by_it():
    actor = make_actor()
    for _number in range(10):
        came(actor, 1, verdict="benign")
        came(actor, 1, verdict="violating", sampled_as="audit", inclusion_probability=0.1)

    [week, *_rest] = counted(actor).periods

    assert week.is_sampled
    assert week.violating_share.value == pytest.approx(100 / 110)
    effective = 110**2 / 1010
    assert effective == pytest.approx(11.98, abs=0.01)
    assert week.violating_share.low < share_of(10, 11).low + 0.1
    assert week.violating_share.high <= 1


def test_a_share_without_weights_is_wilsons():
    assert weighed_share_of(Drawn.of(1, 3), Drawn.of(1, 40)) == share_of(3, 40)
    assert weighed_share_of(Drawn.of(0.1, 3), Drawn.of(0.1, 40)).low == pytest.approx(share_of(3, 40).low)
    assert weighed_share_of(Drawn(), Drawn.of(1, 9)) is None


def test_no_more_than_the_newest_are_counted_and_it_is_said(client, monkeypatch):
    monkeypatch.setattr("incidents.dossier.traffic.MOST_COUNTED", 3)
    actor, lead = make_actor(), make_user(role="lead")
    for days in (1, 2, 9, 20):
        came(actor, days)

    found = counted(actor).periods

    assert [(one.generations, one.is_cut) for one in found] == [(2, False), (3, True), (3, True)]
    client.force_login(lead)
    page = client.get(f"/actors/{actor.pk}/traffic/").content.decode()
    assert "3+" in page
    assert "Only the newest" in page


def test_restricted_generations_are_counted_for_the_cleared_alone():
    actor, lead = make_actor(), make_user(role="lead")
    came(actor, 1, generation={"restricted": True})

    without = counted(actor, lead)
    make_clearance(lead)

    assert (without.periods[0].generations, without.newest) == (0, None)
    assert counted(actor, lead).periods[0].generations == 1


def test_the_newest_says_stage_and_deployment_and_no_content(client):
    actor = make_actor()
    came(actor, 100, generation={"stage": "private_beta", "deployment": "<b>playground"})
    client.force_login(make_user(role="auditor"))

    page = client.get(f"/actors/{actor.pk}/traffic/").content.decode()

    assert "Private beta" in page
    assert "&lt;b&gt;playground" in page
    assert "tea I never drank" not in page


@pytest.mark.parametrize("rows", [2, 60])
def test_it_costs_the_same_however_much_there_is(client, rows, django_assert_num_queries):
    actor = make_actor()
    for number in range(rows):
        came(actor, number, verdict="violating" if number % 2 else "")
    client.force_login(make_user(role="lead"))

    with django_assert_num_queries(6):
        client.get(f"/actors/{actor.pk}/traffic/")
