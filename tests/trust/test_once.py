"""A form that makes something makes it once, however often it is sent."""

import re

import pytest
from django.test import Client

from incidents.enforcement.models import EnforcementAction
from tests.factories import make_actor, make_user
from trust.accounts.models import ApiKey

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role=role))
    return client


def name_of_form(page: str) -> str:
    return re.search(r'name="once" value="(\w{32})"', page)[1]


def test_a_proposal_sent_again_leads_to_the_action_that_it_made():
    client, address = signed_in("lead"), f"/enforcement/new/?actor={make_actor().pk}"
    form = {"kind": "ban", "reason": "Again.", "once": name_of_form(client.get(address).content.decode())}

    answers = [client.post(address, form) for _time in range(2)]

    action = EnforcementAction.objects.get()
    assert [answer["Location"] for answer in answers] == [action.get_absolute_url()] * 2
    assert "You proposed this already: here it is." in client.get(action.get_absolute_url()).content.decode()


def test_a_form_loaded_anew_makes_another():
    client, address = signed_in("lead"), f"/enforcement/new/?actor={make_actor().pk}"
    names = [name_of_form(client.get(address).content.decode()) for _time in range(2)]

    for name in names:
        client.post(address, {"kind": "ban", "reason": "Again.", "once": name})

    assert EnforcementAction.objects.count() == 2


def test_reloading_the_page_of_a_new_key_makes_no_second_one():
    client, address = signed_in("admin"), "/settings/keys/new/"
    limits = {"requests_per_minute": 600, "alerts_per_minute": 100}
    form = {"name": "Filter", "scopes": ["intake"], "owner": make_user().pk, **limits}
    form["once"] = name_of_form(client.get(address).content.decode())
    made = client.post(address, form)

    again = client.post(address, form, follow=True)

    assert ApiKey.objects.get().name == "Filter"
    assert "shown once" in again.content.decode()
    assert made.context["text"] not in again.content.decode()
