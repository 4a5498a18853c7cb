"""The page of suggested gaps."""

import pytest
from django.urls import reverse

from incidents.guidance.models import Suggestion
from incidents.intake.models import Restriction
from policies.models import PolicyGap
from tests.factories import NOW, make_user
from tests.guidance.factories import make_suggestion, make_unfit

pytestmark = pytest.mark.django_db

URL = "/policies/gaps/suggested/"


def test_an_empty_page_says_when_gaps_are_suggested(client):
    client.force_login(make_user(role="policy_editor"))

    assert b"five or more items" in client.get(URL).content


def test_a_lead_sees_words_and_may_open_items(client):
    decision = make_unfit()
    make_suggestion(decision, words=["pet", "<b>contest"])
    client.force_login(make_user(role="lead"))

    page = client.get(URL).content.decode()

    assert "&lt;b&gt;contest" in page
    assert reverse("review:item", args=[decision.item_id]) in page


def test_an_editor_is_pointed_to_no_item(client):
    decision = make_unfit()
    make_suggestion(decision)
    client.force_login(make_user(role="policy_editor"))

    assert reverse("review:item", args=[decision.item_id]) not in client.get(URL).content.decode()


@pytest.mark.parametrize("role", ["lead", "policy_editor"])
def test_words_of_what_is_restricted_since_are_shown_to_nobody(client, role):
    decision = make_unfit()
    suggestion = make_suggestion(decision, words=["confidential"])
    Restriction.objects.create(generation=decision.item.generation, category="child_safety", created_at=NOW)
    client.force_login(make_user(role=role))

    assert b"confidential" not in client.get(URL).content
    assert client.post(f"{URL}{suggestion.pk}/take/", {"title": "x"}).status_code == 404


def test_taking_and_dismissing_by_form(client):
    taken, dismissed = make_suggestion(), make_suggestion()
    client.force_login(make_user(role="lead"))

    client.post(f"{URL}{taken.pk}/take/", {"title": "Votes for pets"})
    client.post(f"{URL}{dismissed.pk}/dismiss/")

    assert PolicyGap.objects.filter(title="Votes for pets").exists()
    assert set(Suggestion.objects.values_list("status", flat=True)) == {"taken", "dismissed"}


@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "\x00"])
def test_a_wrong_name_is_told_beside_its_field(client, title):
    suggestion = make_suggestion()
    client.force_login(make_user(role="lead"))

    answer = client.post(f"{URL}{suggestion.pk}/take/", {"title": title})

    assert answer.status_code == 422
    assert f"suggestion-{suggestion.pk}-title_error" in answer.content.decode()


def test_cost_does_not_follow_the_number_of_suggestions(client, django_assert_num_queries):
    client.force_login(make_user(role="lead"))
    make_suggestion(make_unfit(), make_unfit())
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        client.get(URL)
    for _number in range(10):
        make_suggestion(make_unfit(), make_unfit())

    with django_assert_num_queries(QUERIES):
        client.get(URL)


QUERIES = 9


@pytest.mark.parametrize(("role", "is_shown"), [("lead", True), ("policy_editor", True), ("analyst", False)])
def test_the_board_of_gaps_leads_here(client, role, is_shown):
    client.force_login(make_user(role=role))

    assert (URL in client.get("/policies/gaps/").content.decode()) is is_shown
