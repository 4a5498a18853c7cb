"""Words too frequent to be counted whole: found page by page, in order, none twice, wherever in time they stand."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.search import counting, finding
from incidents.search.models import SearchUse
from incidents.search.pages import Count, Counts
from incidents.search.parsing import parse
from tests.factories import make_user
from tests.search.factories import index, make_searchable

pytestmark = pytest.mark.django_db

# Days before now: a busy hour, a quiet week, a span with much in it, one long ago.
AGES = [0.01 * place for place in range(6)] + [3.0, 9.5] + [40 + 0.2 * place for place in range(20)] + [400.0, 401.0]


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make more than is counted and many pages, by making both small; return them newest first."""
    monkeypatch.setattr(finding, "MOST_COUNTED", 10)
    monkeypatch.setattr(counting, "MOST_COUNTED", 10)
    monkeypatch.setattr(finding, "PAGE_SIZE", 4)
    now = timezone.now()
    made = [make_searchable("a green kettle", occurred_at=now - timedelta(days=age)) for age in AGES]
    make_searchable("a ladder", occurred_at=now - timedelta(days=41))
    index()
    return [item.pk for item in made]


def pages(text: str) -> tuple[list[int], Counts]:
    """Return what stands on all pages, and how many there are."""
    by, now, before, rows = make_user(role="lead"), timezone.now(), None, []
    counts = finding.count(parse(text, now), by=by, now=now)
    while True:
        page = finding.search(parse(text, now), by=by, now=now, before=before)
        rows += [item.pk for _hit, item in page.hits]
        if page.older is None:
            return rows, counts
        before = page.older


@pytest.mark.parametrize("text", ["kettle", "kett*", "green kettle", '"green kettle"', "kettle -ladder"])
def test_all_pages_together_are_all_that_there_is_newest_first(items: list[int], text: str):
    rows, counts = pages(text)

    assert rows == items
    assert counts.total == Count(10, is_more=True)
    assert counts.in_48_hours == Count(6)
    assert counts.kinds == [("generation", Count(10, is_more=True))]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("kettle since:10d", 0, 8),
        ("kettle since:45d until:39d", 8, 28),
        ("kettle until:50d", 28, 30),
        ("kett* since:45d", 0, 28),
    ],
)
def test_a_time_bounds_what_is_found_and_what_is_counted(items: list[int], text: str, first: int, last: int):
    rows, counts = pages(text)

    assert rows == items[first:last]
    assert counts.total == Count(min(last - first, 10), is_more=last - first > 10)


def test_a_word_that_comes_as_often_as_before_is_neither_walked_back_to_nor_gathered(
    items: list[int], django_assert_num_queries
):
    now, by = timezone.now(), make_user(role="lead")
    daily = [make_searchable("a blue ladle", occurred_at=now - timedelta(days=0.9 * age)).pk for age in range(40)]
    index()

    with django_assert_num_queries(8):
        found = finding.search(parse("ladle", now), by=by, now=now)

    assert [item.pk for _hit, item in found.hits] == daily[:4]


def test_what_happened_at_the_same_moment_is_parted_by_its_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "PAGE_SIZE", 4)
    moment = timezone.now() - timedelta(days=2)
    made = [make_searchable("a green kettle", occurred_at=moment).pk for _place in range(11)]
    index()

    assert sorted(pages("kettle")[0]) == made
    assert len(pages("kettle")[0]) == 11


def test_a_search_that_takes_too_long_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch, client):
    make_searchable("a green kettle")
    index()
    client.force_login(make_user(role="lead"))
    slow = "select pg_sleep(5), %(most)s, %(query)s, %(since)s, %(until)s, %(before_at)s, %(before_id)s"
    monkeypatch.setattr(finding, "LONGEST_MS", 20)
    monkeypatch.setattr(
        finding, "_NEWEST", slow.replace("%(most)s", "%(most)s::int").replace("%(query)s", "%(query)s::text")
    )

    page = client.get("/search/", {"q": "kettle"})

    assert page.status_code == 503
    assert "This search takes too long." in page.content.decode()
    assert page.context["form"]["q"].value() == "kettle"
    assert client.get("/search/").status_code == 200


def test_what_is_found_stands_there_before_it_is_counted(items: list[int]):
    client = Client()
    client.force_login(make_user(role="lead"))

    page = client.get("/search/", {"q": "kettle"})
    counts = client.get(page.context["counts_url"], headers={"HX-Request": "true"}).content.decode()
    alone = client.get(page.context["counts_url"]).content.decode()

    assert page.context["tally"] is None
    assert f'hx-get="{page.context["counts_url"]}"' in page.content.decode()
    assert "10+ in all" in counts
    assert 'id="days" hx-swap-oob="true"' in counts
    assert "<html" not in counts
    assert "<html" in alone


def test_the_pages_after_the_first_are_not_counted_again(items: list[int]):
    client = Client()
    client.force_login(make_user(role="lead"))

    second = client.get(client.get("/search/", {"q": "kettle"}).context["older_url"])

    assert second.context["rows"]
    assert not second.context["counts_url"]


def test_counting_is_limited_like_searching_and_says_what_it_cannot_read(items: list[int]):
    client = Client()
    client.force_login(make_user(role="lead"))

    unread = client.get("/search/counts/", {"q": "author:me"})
    client.get("/search/", {"q": "kettle"})
    SearchUse.objects.update(counts=60)
    too_many = client.get("/search/counts/", {"q": "kettle"})

    assert (unread.status_code, too_many.status_code) == (422, 429)
    assert "There is no filter" in unread.content.decode()
