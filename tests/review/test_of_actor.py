import pytest
from django.utils import timezone

from incidents.queues.models import Item
from tests.factories import make_actor, make_decision, make_generation, make_item, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


def make_decided_item(actor) -> Item:
    generation = make_generation(actor=actor)
    return make_item(generation=generation, status="closed", verdict="violating", closed_at=timezone.now(), severity=2)


def test_the_items_of_an_actor_stand_newest_first_with_what_was_decided(client, lead):
    actor = make_actor()
    make_decision(item=make_decided_item(actor))
    make_item(generation=make_generation(actor=actor), created_at=timezone.now())
    make_item()

    fragment = client.get(f"/items/of-actor/{actor.pk}/", headers={"HX-Request": "true"}).content.decode()

    assert fragment.count("data-row") == 2
    assert "Violating" in fragment
    assert "<html" not in fragment


def test_restricted_items_of_an_actor_are_left_out_for_the_uncleared(client, lead):
    actor = make_actor()
    make_item(generation=make_generation(actor=actor, restricted=True))

    page = client.get(f"/items/of-actor/{actor.pk}/").content.decode()

    assert "No items" in page


def test_the_items_of_an_actor_take_the_same_queries_with_two_and_with_sixty(client, lead, django_assert_num_queries):
    actor = make_actor()
    for wanted in (2, 58):
        for _item in range(wanted):
            make_decision(item=make_decided_item(actor))
        with django_assert_num_queries(7):
            client.get(f"/items/of-actor/{actor.pk}/")


@pytest.mark.parametrize("role", ["policy_editor", "policy_approver", "analyst", "admin"])
def test_who_may_not_read_actors_has_no_list_of_their_items(client, role):
    client.force_login(make_user(role=role))

    assert client.get(f"/items/of-actor/{make_actor().pk}/").status_code == 404
