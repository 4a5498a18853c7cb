"""Settings and the audit in a real Chromium: accessible in every dress."""

import pytest

from tests.factories import make_clearance, make_incident, make_user
from trust.accounts import operations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person():
    """A person with a clearance in force and one that waits, and keys in two states."""
    person, admin = make_user(role="lead", name="Ana Ruiz"), make_user(role="admin", name="Eve Lund")
    make_clearance(person)
    operations.grant_clearance(person, category="child_safety", days=30, by=admin)
    operations.create_api_key("Filter", scopes=["intake"], owner=person, by=admin)
    operations.create_api_key("Reader", scopes=["content:read"], owner=person, by=admin)
    operations.end_account(make_user(name="Kim Gone"), by=admin)
    return person


@pytest.mark.long
@pytest.mark.parametrize(
    "path",
    [
        "/settings/",
        "/settings/keyboard/",
        "/settings/people/",
        "/settings/people/new/",
        "/settings/people/{person}/",
        "/settings/keys/",
        "/settings/keys/new/",
        "/audit/",
        "/audit/?who=nobody",
    ],
)
def test_every_page_is_accessible(visitor, person, path):
    page = visitor.open(path.format(person=person.pk), by=make_user(roles=["admin", "auditor"]))

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


def test_the_new_person_and_the_new_key_are_shown_once(visitor):
    admin = make_user(role="admin", name="Eve Lund")
    page = visitor.open("/settings/people/", by=admin)

    page.keyboard.press("c")
    page.get_by_label("E-mail").fill("bo@example.org")
    page.get_by_label("Name", exact=True).fill("Bo Lind")
    page.get_by_label("Reviewer").check()
    page.get_by_role("button", name="Add the person").click()
    link = page.locator("#one-time-link").input_value()
    assert visitor.faults_in_every_dress(page) == []

    page.goto("/settings/keys/new/")
    page.get_by_label("Name", exact=True).fill("Filter")
    page.get_by_label("intake", exact=True).check()
    page.get_by_label("Owner").select_option(label="Eve Lund")
    page.get_by_role("button", name="Make the key").click()
    assert page.locator("#api-key").input_value().startswith("td_")
    assert "/accounts/password/reset/key/" in link
    assert visitor.faults_in_every_dress(page) == []


def test_an_empty_audit_is_accessible(visitor):
    make_incident()
    page = visitor.open("/audit/", by=make_user(role="reviewer"))

    assert page.locator(".empty").is_visible()
    assert visitor.faults_in_every_dress(page) == []
