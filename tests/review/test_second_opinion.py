"""A second opinion is one's own: how the item was judged before is there only once it is given."""

import pytest
from django.utils import timezone

from incidents.queues import searching
from incidents.queues.models import Round
from incidents.review import operations
from tests.factories import make_decision, make_round, make_user

pytestmark = pytest.mark.django_db

KEPT_BACK = "You judge this on your own"


@pytest.fixture
def reviewer(client):
    person = make_user()
    client.force_login(person)
    return person


def address(round: Round, *parts: str) -> str:
    return "/".join([f"/items/{round.item_id}", *parts, ""])


@pytest.fixture
def second(reviewer):
    """An item that somebody judged violating, held by the reviewer for a second opinion."""
    first = make_decision()
    return make_round(item=first.item, purpose="second_opinion", lease_by=reviewer)


@pytest.mark.parametrize("parts", [[], ["past"]])
def test_how_it_was_judged_before_is_kept_back_from_who_gives_a_second_opinion(client, second, parts):
    page = client.get(address(second, *parts)).content.decode()

    assert KEPT_BACK in page
    assert "Judged before" not in page
    assert "judged item" not in page


def test_it_is_there_once_they_have_decided(client, reviewer, second):
    operations.decide(second, fence=second.fence, verdict="benign", by=reviewer)

    page = client.get(address(second, "past")).content.decode()

    assert KEPT_BACK not in page
    assert "judged item" in page


def test_the_items_of_the_actor_keep_it_back_too(client, second):
    page = client.get(f"/items/of-actor/{second.item.actor.pk}/").content.decode()

    assert f"/items/{second.item_id}/" in page
    assert "Violating" not in page


def test_lists_and_search_keep_it_back_from_leads_too(client):
    lead, other = make_user(role="lead"), make_decision().item
    client.force_login(lead)
    item = make_round(item=make_decision().item, purpose="second_opinion", lease_by=lead).item

    rows = client.get("/queues/all/?status=closed").content.decode().split("<tr ")
    found = searching.openness(lead, [item.generation_id, other.generation_id], timezone.now())

    assert {pk: "Violating" in row for pk in (item.pk, other.pk) for row in rows if f"/items/{pk}/" in row} == {
        item.pk: False,
        other.pk: True,
    }
    assert (found[item.generation_id].verdict, found[other.generation_id].verdict) == ("", "violating")


def test_the_item_of_another_second_opinion_is_shown_as_ever(client, reviewer, second):
    mine = make_decision(by=reviewer)

    page = client.get(f"/items/of-actor/{mine.item.actor.pk}/").content.decode()

    assert "Violating" in page
