"""What is found by words, phrases, beginnings, and what is left out; and in which order."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.search import finding, operations
from incidents.search.parsing import parse
from tests.factories import make_alert, make_generation, make_item, make_user
from tests.search.factories import index, make_searchable

pytestmark = pytest.mark.django_db


def found(text: str, *, by=None) -> list[int]:
    """Return the items found, newest first."""
    now = timezone.now()
    page = finding.search(parse(text, now), by=by or make_user(role="lead"), now=now)
    return [item.pk for _hit, item in page.hits]


TEXTS = {
    "tea": "Write a review for a green tea I never drank.",
    "kettle": "A kettle for green tea, never used.",
    "garden": "Which ladder fits the garden?",
    "cyrillic": "Cheap сhеар pills tоdау",  # the c, the e, the a, the p, the o and the y are Cyrillic
    "hidden": "Buy vi\u200bagra n\u00adow",
    "wide": "Ｆｕｌｌ ｗｉｄｔｈ letters",
    "chinese": "如何种植番茄",
    "hyphen": "A well-known self-help e-mail to foo@example.org",
}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("tea", {"tea", "kettle"}),
        ("TEA never", {"tea", "kettle"}),
        ('"green tea"', {"tea", "kettle"}),
        ('"tea green"', set()),
        ('"for green tea"', {"kettle"}),
        ("gard*", {"garden"}),
        ('"which lad"*', {"garden"}),
        ("tea -kettle", {"tea"}),
        ('tea -"green tea"', set()),
        ("cheap", {"cyrillic"}),
        ("today", {"cyrillic"}),
        ("viagra now", {"hidden"}),
        ("full width", {"wide"}),
        ("番茄", {"chinese"}),
        ("番种", set()),
        ("well-known", {"hyphen"}),
        ("known", {"hyphen"}),
        ("foo@example.org", {"hyphen"}),
        ("nowhere", set()),
    ],
)
def test_words_find_what_holds_them_however_it_is_written(query: str, names: set[str]):
    items = {name: make_searchable(text) for name, text in TEXTS.items()}
    index()

    assert set(found(query)) == {items[name].pk for name in names}


def test_a_phrase_does_not_reach_from_one_message_into_the_next():
    messages = [{"role": "user", "content": "the green"}, {"role": "assistant", "content": "tea is here"}]
    generation = make_generation(messages=messages, occurred_at=timezone.now())
    item = make_item(generation=make_alert(generation=generation).generation)
    operations.wait_for_index([generation.pk])
    index()

    assert found("green tea") == [item.pk]
    assert found('"green tea"') == []


def test_the_newest_comes_first_whatever_was_stored_first():
    now = timezone.now()
    items = [make_searchable("a rare word", occurred_at=now - timedelta(days=days)) for days in (3, 1, 200, 40)]
    index()

    assert found("rare") == [items[place].pk for place in (1, 0, 3, 2)]


def test_one_date_in_the_far_future_spoils_no_search():
    now = timezone.now()
    items = [make_searchable("a kettle", occurred_at=now - timedelta(hours=hours)) for hours in (1, 30)]
    far = make_searchable("a kettle", occurred_at=now.replace(year=2199))
    index()

    page = finding.search(parse("kettle", now), by=make_user(role="lead"), now=now)
    counts = page.counts

    assert [item.pk for _hit, item in page.hits] == [item.pk for item in items]
    assert counts is not None
    assert [day for day, _count in counts.days] == sorted(
        {(now - timedelta(hours=hours)).date() for hours in (1, 30)}, reverse=True
    )
    assert found("kettle until:2199-12-31") == [far.pk, *(item.pk for item in items)]


def test_the_newest_of_many_are_found_at_once_beside_a_date_in_the_far_future(monkeypatch):
    monkeypatch.setattr(finding, "MOST_COUNTED", 2)
    monkeypatch.setattr(finding, "PAGE_SIZE", 2)
    looked: list[str] = []
    hits = finding._hits
    monkeypatch.setattr(finding, "_hits", lambda statement, values: looked.append(statement) or hits(statement, values))
    for _place in range(4):
        make_searchable("a kettle")
    make_searchable("a kettle", occurred_at=timezone.now().replace(year=2199))
    index()

    found("kettle")

    assert looked == [finding._NEWEST]
