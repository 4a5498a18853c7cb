"""Opening views: from a link, from the tabs, by default, and when what they ask for has gone."""

import pytest
from django.test import Client

from tests.factories import make_queue, make_round, make_user
from tests.saved.factories import make_view
from trust.refusals import Refused
from trust.saved import operations
from trust.saved.models import SavedView, StartView

pytestmark = pytest.mark.django_db


def browser(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_tabs_say_which_view_is_shown_and_offer_to_save_what_is_none():
    lead = make_user(role="lead")
    make_view(owner=lead, place="items", name="Late", query={"overdue": "yes"})
    client = browser(lead)

    shown = client.get("/queues/all/?overdue=yes&status=").context["shelf"]
    other = client.get("/queues/all/?age=24")

    assert ([tab.is_current for tab in shown.tabs], shown.is_kept) == ([True], True)
    assert other.context["shelf"].is_kept is False
    assert 'name="query" value="age=24"' in other.content.decode()
    assert 'name="query"' not in client.get("/queues/all/").content.decode()


def test_what_is_no_longer_there_is_named_and_nothing_opens_by_itself():
    lead, queue = make_user(role="lead"), make_queue(name="Spam")
    query = {"queue": queue.slug, "holder": str(make_user().pk), "age": "24", "colour": "red"}
    view = make_view(owner=lead, place="items", query=query)
    query["queue"] = "gone-line"
    SavedView.objects.filter(pk=view.pk).update(query=query)

    answer = browser(lead).get(view.get_absolute_url())

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Queue: “gone-line” is not there any more, or not for you." in page
    assert "There is no filter “colour” any more." in page
    assert 'href="/queues/all/?holder=' in page
    assert "gone-line" not in answer.context["rest_url"]


def test_a_search_that_cannot_be_read_any_more_says_so():
    view = make_view(query={"q": 'tea "half'})

    page = browser(view.owner).get(view.get_absolute_url())

    assert page.status_code == 200
    assert page.context["reading"].gone
    assert page.context["rest_url"] == ""


def test_whoever_follows_a_shared_view_sees_what_they_may_see():
    lead, reviewer = make_user(role="lead"), make_user()
    leads = make_queue(name="Their line", is_for_leads=True)
    make_round(queue=leads)
    view = make_view(owner=lead, place="items", query={"queue": leads.slug}, is_shared=True)

    page = browser(reviewer).get(view.get_absolute_url()).content.decode()

    assert "not for you" in page
    assert "Their line" not in page
    assert browser(lead).get(view.get_absolute_url()).status_code == 302


def test_a_list_opens_with_the_view_that_the_person_chose_until_it_is_gone():
    person, other = make_user(), make_user()
    view = make_view(owner=other, place="items", name="Late", query={"overdue": "yes"}, is_shared=True)
    client = browser(person)

    client.post(f"/views/{view.pk}/start/")

    assert client.get("/queues/all/").url == view.get_absolute_url()
    assert client.get(view.list.address({})).status_code == 200  # "Everything" and "Clear" lead there
    assert browser(other).get("/queues/all/").status_code == 200
    SavedView.objects.filter(pk=view.pk).update(is_shared=False)
    assert client.get("/queues/all/").status_code == 200
    operations.delete_view(view, by=other)
    assert not StartView.objects.exists()


def test_one_view_of_a_list_is_the_default_and_can_be_let_go():
    view = make_view(name="One")
    second = make_view(name="Two", owner=view.owner)
    operations.start_with(view, by=view.owner)
    operations.start_with(second, by=view.owner)
    operations.start_plain(view, by=view.owner)

    client = browser(view.owner)
    assert client.get("/search/").url == second.get_absolute_url()

    client.post(f"/views/{second.pk}/start-plain/")
    assert client.get("/search/").status_code == 200


def test_a_view_that_was_deleted_or_is_no_longer_shared_is_no_default():
    view, other = make_view(), make_user()

    with pytest.raises(Refused, match="does not share this view any more"):
        operations.start_with(view, by=other)
    SavedView.objects.all().delete()
    with pytest.raises(Refused, match="deleted"):
        operations.start_with(view, by=view.owner)
