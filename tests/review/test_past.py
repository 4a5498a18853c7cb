"""What stands beside the item: the actor's past, the item's history, all scores, the parameters of the request."""

import pytest

from incidents.intake.models import Content, Generation, Restriction
from incidents.review import operations
from tests.factories import (
    NOW,
    make_actor,
    make_alert,
    make_clearance,
    make_decision,
    make_generation,
    make_item,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(client):
    person = make_user()
    client.force_login(person)
    return person


def held_item(reviewer, **fields):
    return make_round(item=make_item(generation=make_generation(**fields)), lease_by=reviewer).item


def judged_before(actor):
    item = make_item(
        generation=make_generation(actor=actor), status="closed", closed_at=NOW, verdict="violating", severity=2
    )
    return make_decision(item=item)


def test_the_actors_other_verdicts_stand_there_and_what_waits_does_not(client, reviewer):
    actor = make_actor()
    item = held_item(reviewer, actor=actor)
    before = judged_before(actor)
    waiting = make_round(item=make_item(generation=make_generation(actor=actor)))
    strangers = judged_before(make_actor())

    page = client.get(f"/items/{item.pk}/past/").content.decode()

    assert f"/items/{before.item_id}/" in page
    assert before.violations.get().clause.title in page
    assert f"/items/{waiting.item_id}/" not in page
    assert f"/items/{strangers.item_id}/" not in page


def test_restricted_items_of_the_actor_are_not_named(client, reviewer):
    actor = make_actor()
    item = held_item(reviewer, actor=actor)
    restricted = make_item(
        generation=make_generation(actor=actor, restricted=True),
        status="closed",
        closed_at=NOW,
        verdict="violating",
        severity=4,
    )

    assert f"/items/{restricted.pk}/" not in client.get(f"/items/{item.pk}/past/").content.decode()


def test_the_history_says_who_decided_and_took_back_but_not_who_looked(client, reviewer):
    held = make_round(lease_by=(other := make_user(name="Bo Lind")))
    decision = operations.decide(held, fence=1, verdict="benign", by=other)
    operations.undo(decision, by=other)
    operations.note_view(held.item, held=None, by=make_user(name="Kim Looked"))
    lead = make_user(role="lead")
    client.force_login(lead)

    page = client.get(f"/items/{held.item_id}/past/").content.decode()

    assert "Bo Lind judged" in page
    assert "Bo Lind took back" in page
    assert "Kim Looked" not in page


def test_it_takes_the_same_queries_with_two_and_with_sixty(client, reviewer, django_assert_num_queries):
    actor = make_actor()
    item = held_item(reviewer, actor=actor)
    client.get(f"/items/{item.pk}/past/")
    for wanted in (2, 58):
        for _item in range(wanted):
            judged_before(actor)
        with django_assert_num_queries(8):
            client.get(f"/items/{item.pk}/past/")


def test_every_score_of_an_alert_can_be_read(client, reviewer):
    item = held_item(reviewer)
    make_alert(
        generation=item.generation, flagged=["hate"], scores={"hate": 0.9, "spam": 0.125}, thresholds={"spam": 0.5}
    )

    page = client.get(f"/items/{item.pk}/").content.decode()

    assert "1 other score<" in page
    assert "0.13" in page or "0.12" in page


def item_with_parameters(parameters, *, restricted: bool = False):
    generation = Generation.objects.create(external_id="with-parameters", occurred_at=NOW, received_at=NOW)
    messages = [{"role": "user", "content": "Good day."}]
    Content.objects.create(generation=generation, messages=messages, parameters=parameters, digest=b"", lengths=[9])
    if restricted:
        Restriction.objects.create(generation=generation, category="child_safety", created_at=NOW)
    return make_item(generation=generation)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("<script>", "&lt;script&gt;"), ({"a": ["<b>"]}, "[&quot;&lt;b&gt;&quot;]"), ("x" * 5000, "x" * 200 + "<")],
)
def test_parameters_are_shown_as_text_and_cut(client, reviewer, value, shown):
    held = make_round(item=item_with_parameters({"temperature": 0.7, "stop": value}), lease_by=reviewer)

    page = client.get(f"/items/{held.item_id}/").content.decode()

    assert "temperature" in page
    assert shown in page


def test_parameters_of_restricted_content_are_not_sent(client, reviewer):
    make_clearance(reviewer)
    held = make_round(item=item_with_parameters({"stop": "secret word"}, restricted=True), lease_by=reviewer)

    page = client.get(f"/items/{held.item_id}/")

    assert page.status_code == 200
    assert "secret word" not in page.content.decode()
