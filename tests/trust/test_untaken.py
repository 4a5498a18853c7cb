"""A form that was not taken loses nothing: its page is named, and so is what was typed."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from incidents.enforcement import links
from tests.appeals.factories import make_case
from tests.factories import make_enforcement, make_user

pytestmark = pytest.mark.django_db

HERE = {"Referer": "http://testserver/enforcement/?kind=ban"}


def signed_in(role: str = "lead") -> Client:
    client = Client()
    client.force_login(make_user(role=role))
    return client


def test_who_sends_a_form_after_signing_out_comes_back_to_its_page():
    action = make_enforcement()
    client = Client()

    answer = client.post(f"/enforcement/{action.pk}/approve/", {"reason": "It holds."}, headers=HERE)

    assert answer["Location"] == "/accounts/login/?next=/enforcement/%3Fkind%3Dban"
    assert "You were signed out, so nothing was done." in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("before", ["", "https://elsewhere.example/enforcement/", "javascript:alert(1)"])
def test_a_page_elsewhere_is_no_page_to_come_back_to(before: str):
    answer = Client().post(f"/enforcement/{make_enforcement().pk}/approve/", headers={"Referer": before})

    assert answer["Location"] == "/accounts/login/?next=/"


def test_the_address_of_a_form_leads_to_the_page_that_holds_it():
    action = make_enforcement()

    answer = signed_in().get(f"/enforcement/{action.pk}/approve/")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert f'href="/enforcement/{action.pk}/">Go back' in answer.content.decode()


def test_a_refusal_keeps_what_was_typed_and_leads_back():
    action = make_enforcement(proposed_by=make_user())
    client = signed_in()
    sent = {"reason": "It <b>holds</b>, I looked.", "password": "a pass phrase of words", "kind": "ban"}
    client.post(f"/enforcement/{action.pk}/decline/", sent)

    answer = client.post(f"/enforcement/{action.pk}/approve/", sent, headers=HERE)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "It &lt;b&gt;holds&lt;/b&gt;, I looked." in page
    assert "pass phrase" not in page
    assert 'href="/enforcement/?kind=ban"' in page


def test_a_public_form_without_its_token_keeps_what_was_typed():
    address = urlsplit(links.address_of(make_case().action)).path
    client = Client(enforce_csrf_checks=True)

    answer = client.post(address, {"text": "It was a test of our own filter."})

    assert answer.status_code == 403
    assert "It was a test of our own filter." in answer.content.decode()
