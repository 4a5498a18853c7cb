"""Similar past items beside the item, and how they were judged: what it tells, to whom, and never what they hold."""

import pytest

from incidents.intake.models import Restriction
from incidents.queues.models import Item
from incidents.review import queries
from tests.factories import NOW, make_clearance, make_decision, make_round, make_user
from tests.search.factories import index, make_searchable
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

TEXT = "Where does one buy a walnut samovar in Tampere?"
ALIKE = "A walnut samovar, said to be from Tampere, is for sale."


@pytest.fixture
def reviewer(client):
    person = make_user()
    client.force_login(person)
    return person


@pytest.fixture
def item(reviewer) -> Item:
    return make_round(item=make_searchable(TEXT), lease_by=reviewer).item


def judged(text: str = ALIKE, **fields):
    found = make_searchable(text)
    Item.objects.filter(pk=found.pk).update(status="closed", verdict="violating", severity=2, closed_at=NOW)
    return make_decision(item=found, **fields)


def page_of(client, item: Item) -> str:
    index()
    return client.get(f"/items/{item.pk}/similar/").content.decode()


def test_it_tells_verdict_and_clause_of_what_is_like_it_and_never_the_text(client, item):
    before, other = judged(), judged("The chess club meets on Mondays.")

    page = page_of(client, item)

    assert f"/items/{before.item_id}/" in page
    assert before.violations.get().clause.title in page
    assert f"/items/{other.item_id}/" not in page
    assert "samovar" not in page
    assert f'href="/search/?q=like:{item.pk}"' in page


def test_what_waits_still_is_not_told(client, item):
    waiting = make_searchable(ALIKE)

    page = page_of(client, item)

    assert f"/items/{waiting.pk}/" not in page
    assert "Nothing with the same rare words was judged before." in page


def test_what_became_restricted_is_told_to_nobody(client, item, reviewer):
    hidden = judged().item
    make_clearance(reviewer)
    index()
    Restriction.objects.create(generation=hidden.generation, category="child_safety", created_at=NOW)

    assert f"/items/{hidden.pk}/" not in page_of(client, item)


def test_a_restricted_item_has_none(client, reviewer):
    make_clearance(reviewer)
    item = make_round(item=make_searchable(TEXT), lease_by=reviewer).item
    before = judged()
    index()
    Restriction.objects.create(generation=item.generation, category="child_safety", created_at=NOW)

    assert f"/items/{before.item_id}/" not in page_of(client, item)
    assert "similar-panel" not in client.get(f"/items/{item.pk}/").content.decode()


def test_the_newest_five_come_first_in_the_same_queries_with_two_and_with_sixty(
    client, item, django_assert_num_queries
):
    for wanted in (2, 58):
        for _item in range(wanted):
            newest = judged()
        page_of(client, item)
        with django_assert_num_queries(13):
            page = client.get(f"/items/{item.pk}/similar/").content.decode()

    assert f"/items/{newest.item_id}/" in page
    assert page.count("<li") == queries.MOST_SIMILAR


def test_what_takes_too_long_says_so_and_harms_nothing(client, item, monkeypatch):
    def too_slow(*_arguments, **_options):
        raise Refused("This search takes too long.", code="too-slow", status=503)

    monkeypatch.setattr(queries.finding, "alike", too_slow)

    answer = client.get(f"/items/{item.pk}/similar/")

    assert answer.status_code == 200
    assert "This search takes too long." in answer.content.decode()
