"""A second opinion is one's own: how the item was judged before is there only once it is given."""

import pytest
from django.utils import timezone

from incidents.queues import searching
from incidents.queues.models import Item, Round
from incidents.review import operations, queries
from tests.factories import NOW, make_decision, make_item, make_round, make_user
from tests.review.test_groups import decided, make_alike, panel_of

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


def test_lists_and_search_leave_it_out(client):
    lead, other = make_user(role="lead"), make_decision().item
    client.force_login(lead)
    item = make_round(item=make_decision().item, purpose="second_opinion", lease_by=lead).item

    page = client.get("/queues/all/?status=closed&verdict=violating").content.decode()
    found = searching.openness(lead, [item.generation_id, other.generation_id], timezone.now())

    assert f"/items/{other.pk}/" in page
    assert f"/items/{item.pk}/" not in page
    assert list(found) == [other.generation_id]


def test_neither_what_was_quoted_nor_the_clause_that_was_found_is_shown(client, reviewer):
    item = make_item(status="closed", verdict="violating", severity=2, closed_at=NOW)
    make_decision(item=item, violations=[{"span_message": 1, "span_start": 0, "span_end": 6}])
    held = make_round(item=item, purpose="second_opinion", lease_by=reviewer)

    page = client.get(address(held)).context["page"]

    assert [message.spans for message in page.messages if message.spans] == []
    assert page.choices == []


def test_of_items_like_it_no_verdict_is_told(client, reviewer):
    first, copy = make_alike(2)
    decided(copy)
    decided(first)
    held = make_round(item=first.item, purpose="second_opinion", lease_by=reviewer)

    page = client.get(address(held, "group")).content.decode()
    everyone = panel_of(client, first.item)

    assert f"/items/{copy.item_id}/" in page
    assert ("Benign" in page, "Benign" in everyone) == (False, True)


def test_an_actors_past_leaves_out_what_is_nearly_the_same(reviewer):
    first, copy = make_alike(2)
    other = make_decision().item
    for item in (copy.item, other):
        Item.objects.filter(pk=item.pk).update(actor=first.item.actor, verdict="violating", severity=2)
    held = make_round(item=first.item, purpose="second_opinion", lease_by=reviewer)

    def past():
        return [item.pk for item, _decisions in queries.past_of_actor(first.item, reviewer, timezone.now())]

    assert past() == [other.pk]
    Round.objects.filter(pk=held.pk).update(lease_by=None, lease_until=None)
    assert past() == [other.pk, copy.item_id]


def test_the_item_of_another_second_opinion_is_shown_as_ever(client, reviewer, second):
    mine = make_decision(by=reviewer)

    page = client.get(f"/items/of-actor/{mine.item.actor.pk}/").content.decode()

    assert "Violating" in page
