"""Saving, changing and deleting views: by whom, under which name, and what is told when it cannot be."""

import threading
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from tests.factories import make_queue, make_user
from tests.saved.factories import make_view
from trust.audit.models import AuditEvent
from trust.refusals import Refused
from trust.saved import operations, queries
from trust.saved.models import SavedView, StartView

pytestmark = pytest.mark.django_db


def browser(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def form(place: str, name: str, *, shared: bool = False, **query: str) -> dict[str, str]:
    return {"place": place, "name": name, "query": urlencode(query)} | ({"is_shared": "on"} if shared else {})


def seen_by(person, place: str = "items") -> list[str]:
    return [tab.view.name for tab in queries.shelf(place, {}, by=person).tabs]


def test_a_view_of_each_list_is_saved_by_one_form_and_leads_back_to_it():
    lead, queue = make_user(role="lead"), make_queue()
    client = browser(lead)

    of_items = client.post("/views/save/", form("items", "Late", queue=queue.slug, overdue="yes"))
    of_search = client.post("/views/save/", form("search", "Kettles", q='"green kettle" verdict:benign'))

    assert of_items.url == f"/queues/all/?queue={queue.slug}&overdue=yes"
    assert of_search.url == "/search/?q=%22green+kettle%22+verdict%3Abenign"
    for view in SavedView.objects.all():
        assert client.get(view.get_absolute_url()).url in {of_items.url, of_search.url}
    assert AuditEvent.objects.filter(kind="view.saved", by=lead).count() == 2


def test_a_name_that_one_has_is_saved_anew_and_the_same_name_on_another_list_is_another_view():
    lead = make_user(role="lead")
    for place, query in (("items", {"overdue": "yes"}), ("items", {"age": "24"}), ("search", {"q": "tea"})):
        operations.save_view("Mine", place=place, query=query, is_shared=False, by=lead)

    assert {view.place: view.query for view in SavedView.objects.all()} == {
        "items": {"age": "24"},
        "search": {"q": "tea"},
    }


def test_others_see_what_is_shared_and_only_on_lists_that_they_may_open():
    owner = make_user()
    make_view(owner=owner, place="items", name="Mine", query={"age": "24"})
    make_view(owner=owner, place="items", name="Ours", query={"age": "4"}, is_shared=True)

    assert seen_by(owner) == ["Mine", "Ours"]
    assert seen_by(make_user()) == ["Ours"]
    assert seen_by(make_user(role="analyst")) == []


@pytest.mark.parametrize(
    "sent",
    [
        form("items", " ", overdue="yes"),
        form("items", "x" * 81, overdue="yes"),
        form("items", "Everything"),
        form("items", "Gone", queue="nowhere"),
        form("items", "Unknown", colour="red"),
        form("items", "Null", language="\0"),
        form("items", "Long", language="x" * 61),
        form("search", "Half", q='"half'),
        form("search", "Nothing", q=""),
        form("search", "Long", q="tea " * 5_000),
        {"place": "items", "name": "Bad", "query": "%ff%00=%ff&&=&overdue"},
        {"place": "items", "name": "\0", "query": "overdue=yes"},
    ],
)
def test_what_makes_no_view_is_said_and_what_was_typed_stays(sent):
    answer = browser(make_user(role="lead")).post("/views/save/", sent)

    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not SavedView.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("place", ["", "nowhere", "\0"])
def test_a_list_that_is_none_has_no_views(place):
    assert browser(make_user()).post("/views/save/", form(place, "Tea", q="tea")).status_code == 404


def test_its_owner_renames_and_shares_a_view_and_nobody_else():
    owner = make_user()
    view = make_view(owner=owner, is_shared=True)

    answer = browser(owner).post(f"/views/{view.pk}/change/", {"name": "Green tea"})

    view.refresh_from_db()
    assert (answer.status_code, view.name, view.is_shared) == (302, "Green tea", False)
    assert AuditEvent.objects.about(view).get().kind == "view.changed"
    with pytest.raises(Refused, match="only they can change it"):
        operations.change_view(view, name="Mine now", is_shared=True, by=make_user(role="lead"))


def test_two_views_of_one_list_never_share_a_name():
    owner = make_user()
    make_view(owner=owner, name="Tea")
    other = make_view(owner=owner, name="Coffee")

    answer = browser(owner).post(f"/views/{other.pk}/change/", {"name": "Tea"})

    other.refresh_from_db()
    assert answer.status_code == 422
    assert "You have a view called “Tea” already." in answer.content.decode()
    assert other.name == "Coffee"


def test_a_view_is_deleted_by_its_owner_and_a_shared_one_by_a_lead_too():
    owner, lead = make_user(), make_user(role="lead")
    shared, own = make_view(owner=owner, is_shared=True), make_view(owner=owner, name="Own")

    refused = browser(make_user()).post(f"/views/{shared.pk}/delete/")
    unknown = browser(lead).post(f"/views/{own.pk}/delete/")
    browser(lead).post(f"/views/{shared.pk}/delete/")
    browser(owner).post(f"/views/{own.pk}/delete/")

    assert (refused.status_code, unknown.status_code) == (409, 404)
    assert "only they or a lead can delete it" in refused.content.decode()
    assert not SavedView.objects.exists()
    assert [event.by for event in AuditEvent.objects.filter(kind="view.deleted").order_by("pk")] == [lead, owner]


@pytest.mark.django_db(transaction=True)
def test_two_who_save_under_one_name_at_once_leave_one_view():
    lead, barrier, ended = make_user(role="lead"), threading.Barrier(2), []

    def save(query: dict[str, str]) -> None:
        try:
            barrier.wait(10)
            operations.save_view("Mine", place="items", query=query, is_shared=False, by=lead)
            ended.append(query)
        finally:
            connection.close()

    both = [threading.Thread(target=save, args=[query]) for query in ({"age": "4"}, {"age": "24"})]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert len(ended) == 2
    assert SavedView.objects.get().query in ended


def test_the_page_of_views_offers_to_each_what_they_may_do(django_assert_num_queries):
    owner, lead = make_user(), make_user(role="lead")
    view = make_view(owner=owner, is_shared=True)
    StartView.objects.create(person=owner, place="search", view=view)

    own, others = browser(owner).get("/views/").content.decode(), browser(lead).get("/views/").content.decode()

    assert f"/views/{view.pk}/change/" in own
    assert f"/views/{view.pk}/start-plain/" in own
    assert f"/views/{view.pk}/change/" not in others
    assert f"/views/{view.pk}/delete/" in others
    client = browser(owner)
    for rows in (2, 58):
        for row in range(rows):
            make_view(name=f"{rows} {row}", is_shared=True)
        with django_assert_num_queries(3):
            assert client.get("/views/").status_code == 200
