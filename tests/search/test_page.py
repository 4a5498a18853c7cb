"""The page of search: who sees what, what is covered, what is said."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues.models import Item
from incidents.review import operations as review
from incidents.search import operations, tasks
from incidents.search.models import Document, SearchUse
from tests.factories import make_decision, make_round, make_user
from tests.saved.factories import make_view
from tests.search.factories import index, make_searchable
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def ask(person, q: str, **more):
    client = Client()
    client.force_login(person)
    return client.get("/search/", {"q": q, **more})


def found(person, q: str) -> set[int]:
    return {row.item.pk for row in ask(person, q).context["rows"]}


def test_a_lead_finds_everything_that_is_open_and_a_reviewer_what_they_hold_or_decided():
    reviewer, lead = make_user(), make_user(role="lead")
    waiting, held, decided = (make_searchable("a green kettle") for _place in range(3))
    make_round(item=held, lease_by=reviewer)
    close(decided, by=reviewer)
    index()

    assert found(lead, "kettle") == {waiting.pk, held.pk, decided.pk}
    assert found(reviewer, "kettle") == {held.pk, decided.pk}
    assert ask(reviewer, "kettle").context["tally"].total == "2 in all"
    assert found(make_user(), "kettle") == set()


def test_what_a_reviewer_holds_no_longer_is_not_found_and_not_counted_whatever_the_index_says():
    reviewer = make_user()
    item = make_searchable("a green kettle")
    round = close(item, by=reviewer)
    index()
    round.closed_by = make_user()
    round.save()

    page = ask(reviewer, "kettle")

    assert page.context["rows"] == []
    assert page.context["tally"].total == "0 in all"


@pytest.mark.parametrize("role", ["policy_editor", "policy_approver", "analyst", "auditor", "admin"])
def test_who_may_not_read_content_cannot_search(role: str):
    assert ask(make_user(role=role), "kettle").status_code == 403


def test_a_restricted_text_is_found_by_nobody_from_the_moment_it_is_restricted():
    lead = make_user(role="lead")
    item = make_searchable("a green kettle")
    index()
    Restriction.objects.create(generation=item.generation, category="child_safety", created_at=timezone.now())

    page = ask(lead, "kettle")

    assert page.context["rows"] == []
    assert page.context["tally"].total == "0 in all"


def test_text_is_not_in_the_page_before_it_is_revealed_and_revealing_is_recorded():
    lead = make_user(role="lead")
    item = make_searchable("Behind the shed stands <b>the green kettle</b> of my aunt")
    index()
    document = Document.objects.get()
    client = Client()
    client.force_login(lead)

    page = client.get("/search/", {"q": "kettle"}).content.decode()
    events = AuditEvent.objects.about(item).count()
    revealed = client.post(f"/search/{document.pk}/reveal/", {"q": "kettle"}, headers={"HX-Request": "true"})

    assert "shed" not in page
    assert "aunt" not in page
    assert events == 0
    assert '<mark class="span found">kettle</mark>' in revealed.content.decode()
    assert "&lt;b&gt;the green" in revealed.content.decode()
    assert [event.kind for event in AuditEvent.objects.about(item)] == ["content.viewed"]


def test_a_look_alike_is_marked_in_the_text_as_it_came():
    lead = make_user(role="lead")
    make_searchable("buy сhеар pills")  # Cyrillic letters
    index()
    client = Client()
    client.force_login(lead)

    revealed = client.post(f"/search/{Document.objects.get().pk}/reveal/", {"q": "cheap"}).content.decode()

    assert '<mark class="span found">' in revealed
    assert "U+0435" in revealed


def test_what_one_may_not_see_cannot_be_revealed():
    item = make_searchable("a green kettle")
    index()
    client = Client()
    client.force_login(make_user())

    answer = client.post(f"/search/{Document.objects.get().pk}/reveal/", {"q": "kettle"})

    assert answer.status_code == 404
    assert not AuditEvent.objects.about(item).exists()


def test_a_note_is_found_by_its_own_words_and_until_its_decision_is_taken_back():
    lead = make_user(role="lead")
    item = make_searchable("a green kettle")
    decision = close(item, by=lead, note="Reads like an advertisement").decisions.get()
    index()

    assert found(lead, "advertisement") == {item.pk}
    assert "1 note" in ask(lead, "advertisement").content.decode()
    review.undo(decision, by=lead)
    index()
    assert found(lead, "advertisement") == set()


def test_counts_by_day_lead_to_that_day_alone():
    lead, now = make_user(role="lead"), timezone.now()
    items = [make_searchable("a kettle", occurred_at=now - timedelta(days=days)) for days in (1, 5, 5)]
    index()

    page = ask(lead, "kettle")
    bars = page.context["tally"].days.bars
    client = Client()
    client.force_login(lead)

    assert page.context["tally"].recent == "1 in the last 48 hours"
    assert [bar.figure for bar in bars] == ["1", "2"]
    assert {row.item.pk for row in client.get(bars[1].url).context["rows"]} == {items[1].pk, items[2].pk}


def test_a_page_holds_twenty_five_and_leads_to_the_older_ones_once_each():
    lead, now = make_user(role="lead"), timezone.now()
    items = [make_searchable("a kettle", occurred_at=now - timedelta(hours=hours)) for hours in range(40)]
    index()
    client = Client()
    client.force_login(lead)

    first = client.get("/search/", {"q": "kettle"})
    second = client.get(first.context["older_url"])

    assert len(first.context["rows"]) == 25
    rows = [row.item.pk for row in [*first.context["rows"], *second.context["rows"]]]
    assert rows == [item.pk for item in items]
    assert second.context["older_url"] == ""


def test_sixty_found_take_no_more_queries_than_two(django_assert_max_num_queries):
    lead = make_user(role="lead")
    client = Client()
    client.force_login(lead)
    for many in (2, 58):
        for _place in range(many):
            make_searchable("a kettle")
        index()
        client.get("/search/", {"q": "kettle"})
        with django_assert_max_num_queries(13):
            client.get("/search/", {"q": "kettle"})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ('"no end', "A quotation mark is missing"),
        ("author:me", "There is no filter &quot;author:&quot;"),
        ("since:yesterday", "since: takes a day such as 2026-11-01"),
        ("verdict:bad", "verdict: is one of violating"),
        ("actor:", "Say what actor: should be"),
        ("ke*", "begins too many words"),
        ("-kettle", "a search cannot only leave out"),
        ("!!!", "There is no letter or digit"),
        ("like:me", "takes the number of an item"),
        ("since:2d until:3d", "since: lies after until:"),
        ("word " * 31, "at most 30 words"),
        ("x" * 501, "at most 500 characters"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_kept(typed: str, said: str):
    page = ask(make_user(role="lead"), typed)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert page.context["form"]["q"].value() == typed
    assert not SearchUse.objects.exists()


def test_more_than_sixty_searches_in_a_minute_have_to_wait():
    lead = make_user(role="lead")
    client = Client()
    client.force_login(lead)
    client.get("/search/", {"q": "kettle"})
    SearchUse.objects.update(searches=60)

    page = client.get("/search/", {"q": "kettle"})

    assert page.status_code == 429
    assert 0 < int(page["Retry-After"]) <= 61
    assert "60 searches in a minute" in page.content.decode()
    assert client.get("/search/").status_code == 200


def test_similar_items_share_the_rarest_words():
    lead = make_user(role="lead")
    first = make_searchable("The zymurgist brought quinces and a kettle to the picnic")
    alike = make_searchable("Quinces for the zymurgist, once more")
    make_searchable("The kettle went to the picnic")
    index()

    assert found(lead, f"like:{first.pk}") == {alike.pk}


def test_an_item_that_one_may_not_read_or_that_is_none_is_like_nothing_and_that_is_said():
    first = make_searchable("The zymurgist brought quinces")
    index()

    for person, item in ((make_user(), first.pk), (make_user(role="lead"), first.pk + 9)):
        answer = ask(person, f"like:{item}")
        assert answer.status_code == 422
        assert f"there is no item {item} that you may read" in answer.content.decode()


def test_what_is_looked_for_can_be_saved_and_a_page_that_looks_for_nothing_offers_no_such_form():
    lead = make_user(role="lead")
    make_view(owner=lead, query={"q": "kettle verdict:benign"})

    assert 'name="query" value="q=green+tea"' in ask(lead, "green tea").content.decode()
    assert 'name="query"' not in ask(lead, "").content.decode()
    assert [tab.is_current for tab in ask(lead, "kettle verdict:benign").context["shelf"].tabs] == [True]


def close(item: Item, *, by, note: str = "", verdict: str = "benign"):
    """Close the item by a decision of ``by``, and note that it is to be indexed anew."""
    item.status, item.verdict, item.closed_at = Item.Status.CLOSED, verdict, timezone.now()
    item.save()
    decision = make_decision(item=item, by=by, verdict=verdict, note=note)
    operations.wait_for_index([item.generation_id])
    return decision.round


def test_counts_of_searches_go_once_their_minute_is_over(monkeypatch):
    monkeypatch.setattr(operations, "BATCH", 1)
    person, now = make_user(), timezone.now()
    for minutes in (0, 30, 31):
        SearchUse.objects.create(person=person, minute=now - timedelta(minutes=minutes), searches=1)

    tasks.forget_searches()

    assert SearchUse.objects.get().minute == now
