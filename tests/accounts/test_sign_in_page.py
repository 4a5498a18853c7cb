"""The sign-in page, by keyboard."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.harness.browser import PHONE

pytestmark = pytest.mark.django_db


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_tab_leads_from_the_address_to_the_password(visitor):
    page = visitor.open(reverse("account_login"))

    page.get_by_label("E-mail address").focus()
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.name") == "password"
    assert visitor.faults(page) == []


def test_the_page_leads_to_a_new_password(client: Client):
    response = client.get(reverse("account_login"))

    assert f'href="{reverse("account_reset_password")}"' in response.content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_button_changes_the_language_and_stays_on_the_page(visitor):
    page = visitor.open(f"{reverse('account_login')}?next=/queues/", size=PHONE)

    page.get_by_role("button", name="Deutsch").click()

    page.locator("html[lang=de]").wait_for()
    assert page.url.endswith("?next=/queues/")
    assert page.get_by_role("button", name="Deutsch").get_attribute("aria-current") == "true"
    assert visitor.faults(page) == []
