"""A person's own language, and the one chosen before sign-in. Dates and errors of Django's own show which it is."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from trust.accounts import operations
from trust.accounts.models import User
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

GERMAN, ENGLISH = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}, {"Accept-Language": "en-GB"}


def language_of(answer) -> str:
    """Return the language of a page, which its header names too."""
    (found,) = re.findall(r'<html lang="([^"]*)"', answer.content.decode())
    assert answer["Content-Language"] == found
    return found


def signed_in(**values) -> Client:
    client = Client()
    client.force_login(make_user(**values))
    return client


def test_a_language_is_chosen_and_recorded():
    person = make_user()

    operations.set_language(person, language="de")

    person.refresh_from_db()
    assert person.language == "de"
    assert AuditEvent.objects.about(person).get(kind="person.edited").data == {"language": "de"}


def test_a_language_that_there_is_not_is_refused_by_rule_and_by_the_database():
    person = make_user()

    with pytest.raises(Refused, match="no such language"):
        operations.set_language(person, language="tlh")
    with pytest.raises(IntegrityError, match="user_language_is_known"), transaction.atomic():
        User.objects.filter(pk=person.pk).update(language="tlh")

    assert not AuditEvent.objects.about(person).exists()


@pytest.mark.parametrize(
    ("chosen", "asked", "shown"),
    [
        ("", GERMAN, "de"),
        ("", ENGLISH, "en"),
        ("", {"Accept-Language": "fr"}, "en"),
        ("", {}, "en"),
        ("de", ENGLISH, "de"),
        ("en", GERMAN, "en"),
    ],
)
def test_the_own_language_comes_before_the_browsers(chosen, asked, shown):
    client = signed_in(language=chosen)

    assert language_of(client.get("/settings/", headers=asked)) == shown
    assert language_of(client.get("/nothing-here/", headers=asked)) == shown


def test_the_settings_keep_the_language_and_answer_in_it():
    client = signed_in()

    answer = client.post(reverse("accounts:language"), {"language": "de"}, headers=ENGLISH)

    assert answer.status_code == 302
    page = client.get(answer["Location"], headers=ENGLISH)
    assert language_of(page) == "de"
    assert '<option value="de" selected>Deutsch</option>' in page.content.decode()
    assert client.post(reverse("accounts:language"), {"language": "tlh"}).status_code == 422


def test_as_the_browser_asks_forgets_what_was_chosen_before_sign_in():
    client = signed_in(language="en")
    client.cookies["language"] = "de"

    answer = client.post(reverse("accounts:language"), {"language": ""})

    assert answer.cookies["language"]["max-age"] == 0
    assert language_of(client.get("/settings/", headers=ENGLISH)) == "en"


def test_before_sign_in_a_button_chooses_the_language_for_this_browser():
    client = Client()

    assert language_of(client.get("/accounts/login/", headers=GERMAN)) == "de"
    answer = client.post(reverse("set_language"), {"language": "en", "next": "/accounts/login/?next=/queues/"})

    assert answer["Location"] == "/accounts/login/?next=/queues/"
    assert answer.cookies["language"]["httponly"]
    assert language_of(client.get("/accounts/login/", headers=GERMAN)) == "en"


def test_the_choice_leads_nowhere_else():
    answer = Client().post(reverse("set_language"), {"language": "de", "next": "https://elsewhere.example/"})

    assert answer["Location"] == "/"


def test_errors_of_a_form_are_told_in_the_language():
    answer = Client().post("/accounts/login/", {"login": "", "password": ""}, headers=GERMAN)

    assert re.search(r"Dieses Feld ist [a-z ]*erforderlich", answer.content.decode())


def test_one_answer_leaves_no_language_behind_for_the_next():
    Client().get("/accounts/login/", headers=GERMAN)

    assert language_of(Client().get("/accounts/login/")) == "en"
