"""``/settings/``: you, people, keys."""

import re

import pytest
from django.urls import reverse

from tests.factories import make_api_key, make_clearance, make_user
from trust.accounts import keys
from trust.accounts.models import ApiKey, Clearance, User

pytestmark = pytest.mark.django_db

LISTS = ["people", "keys"]


def address(name, *arguments):
    return reverse(f"accounts:{name}", args=arguments)


def as_admin(client):
    admin = make_user(role="admin")
    client.force_login(admin)
    return admin


# ── Who gets in ──────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "status"), [("admin", 200), ("auditor", 200), ("lead", 403), ("reviewer", 403), ("analyst", 403)]
)
@pytest.mark.parametrize("name", LISTS)
def test_people_and_keys_are_read_by_auditors_and_admins(client, role, status, name):
    client.force_login(make_user(role=role))

    assert client.get(address(name)).status_code == status


@pytest.mark.parametrize("role", ["auditor", "lead"])
@pytest.mark.parametrize(
    "name", ["change_roles", "end_account", "reopen_account", "make_link", "grant_clearance", "approve_key"]
)
def test_only_admins_change_them(client, role, name):
    client.force_login(make_user(role=role))

    assert client.post(address(name, make_user().pk)).status_code == 403


def test_an_auditor_sees_no_button(client):
    person = make_user()
    make_clearance(person)
    make_api_key("intake")
    client.force_login(make_user(role="auditor"))

    pages = [client.get(address(name)) for name in LISTS] + [client.get(address("person", person.pk))]

    for page in pages:
        assert set(re.findall(r'<form [^>]*action="([^"]+)"', page.content.decode())) == {"/accounts/logout/"}


def test_everyone_has_settings_of_their_own(client):
    person = make_user(role="analyst", name="Ana Ruiz")
    client.force_login(person)

    page = client.get(address("settings")).content.decode()

    assert person.pseudonym in page
    assert reverse("account_change_password") in page
    assert address("people") not in page
    assert client.post(address("settings"), {"time_zone": "Europe/Madrid"}).status_code == 302
    assert client.post(address("settings"), {"time_zone": "Moon"}).status_code == 422
    person.refresh_from_db()
    assert person.time_zone == "Europe/Madrid"


# ── People ───────────────────────────────────────────────


def test_a_person_is_added_and_the_link_is_shown_once(client):
    as_admin(client)
    values = {"email": "Bo@example.org", "name": "Bo Lind", "roles": ["lead", "reviewer"]}

    page = client.post(address("create_person"), values)

    person = User.objects.get(email="bo@example.org")
    assert person.roles == ["lead", "reviewer"]
    link = re.search(r"/accounts/password/reset/key/[^\"<]+", page.content.decode())[0]
    assert page["Cache-Control"] == "no-store"
    assert link not in client.get(address("person", person.pk)).content.decode()
    assert b"password1" in client.get(link, follow=True).content


@pytest.mark.parametrize(
    "values",
    [
        {"email": "x", "name": "Bo", "roles": ["lead"]},
        {"email": "bo@example.org", "name": "", "roles": ["lead"]},
        {"email": "bo@example.org", "name": "B\0o", "roles": ["lead"]},
        {"email": "bo@example.org", "name": "Bo", "roles": []},
        {"email": "bo@example.org", "name": "Bo", "roles": ["king"]},
    ],
)
def test_a_form_with_a_mistake_comes_back(client, values):
    as_admin(client)

    response = client.post(address("create_person"), values)

    assert response.status_code == 422
    assert User.objects.count() == 1


def test_a_person_is_changed_by_plain_forms(client):
    as_admin(client)
    person = make_user(role="reviewer")

    client.post(address("change_roles", person.pk), {"roles": ["lead"]})
    client.post(address("end_account", person.pk))
    reopened = client.post(address("reopen_account", person.pk))
    link = client.post(address("make_link", person.pk))

    person.refresh_from_db()
    assert (person.roles, person.is_active) == (["lead"], True)
    assert b"/accounts/password/reset/key/" in reopened.content
    assert b"/accounts/password/reset/key/" in link.content


def test_a_clearance_goes_its_way_by_two_admins(client):
    person = make_user()
    as_admin(client)

    client.post(address("grant_clearance", person.pk), {"category": "child_safety", "days": "10"})
    clearance = Clearance.objects.get()
    own = client.post(address("approve_clearance", person.pk, clearance.pk))
    as_admin(client)
    other = client.post(address("approve_clearance", person.pk, clearance.pk))
    revoked = client.post(address("revoke_clearance", person.pk, clearance.pk))

    assert (own.status_code, other.status_code, revoked.status_code) == (409, 302, 302)
    clearance.refresh_from_db()
    assert clearance.revoked_at is not None


def test_a_clearance_is_reached_by_its_own_person_only(client):
    as_admin(client)
    clearance = make_clearance(make_user())

    assert client.post(address("revoke_clearance", make_user().pk, clearance.pk)).status_code == 404


@pytest.mark.parametrize("days", ["0", "91", "x", "9" * 30])
def test_impossible_days_come_back(client, days):
    as_admin(client)

    response = client.post(address("grant_clearance", make_user().pk), {"category": "child_safety", "days": days})

    assert response.status_code == 422


# ── Keys ─────────────────────────────────────────────────


KEY = {"name": "Filter", "scopes": ["intake"], "requests_per_minute": "600", "alerts_per_minute": "0"}


def test_a_key_is_made_shown_once_and_revoked(client):
    admin = as_admin(client)

    page = client.post(address("create_key"), {**KEY, "owner": admin.pk, "expires_days": "30"})

    text = re.search(r"td_[0-9a-z]{8}_[0-9a-f]{72}", page.content.decode())[0]
    key = ApiKey.objects.get(public_part=keys.public_part(text))
    assert (key.source, key.alerts_per_minute, key.created_by) == ("filter", 0, admin)
    assert text not in client.get(address("keys")).content.decode()
    assert client.post(address("revoke_key", key.pk)).status_code == 302
    key.refresh_from_db()
    assert key.revoked_at is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "a\0"},
        {"scopes": ["everything"]},
        {"source": "two words"},
        {"expires_days": "9" * 30},
        {"requests_per_minute": "-1"},
        {"owner": "x"},
    ],
)
def test_a_key_with_a_mistake_comes_back(client, changes):
    admin = as_admin(client)

    response = client.post(address("create_key"), {**KEY, "owner": admin.pk, **changes})

    assert response.status_code == 422
    assert not ApiKey.objects.exists()


def test_a_key_that_its_owner_could_not_use_is_refused(client):
    admin = as_admin(client)

    response = client.post(address("create_key"), {**KEY, "owner": admin.pk, "scopes": ["review"]})

    assert response.status_code == 409
    assert not ApiKey.objects.exists()


def test_the_second_admin_approves_on_the_list(client):
    first, lead = as_admin(client), make_user(role="lead")
    client.post(address("create_key"), {**KEY, "owner": lead.pk, "scopes": ["content:read"]})
    key = ApiKey.objects.get()

    own = client.get(address("keys")).content.decode()
    as_admin(client)
    other = client.get(address("keys")).content.decode()
    approved = client.post(address("approve_key", key.pk))

    assert "Someone other than who made it" in own
    assert address("approve_key", key.pk) in other
    assert approved.status_code == 302
    key.refresh_from_db()
    assert key.approved_by not in {None, first}


# ── What they cost ───────────────────────────────────────


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("count", [2, 60])
def test_a_list_costs_the_same_with_2_rows_and_with_60(client, django_assert_num_queries, name, count):
    as_admin(client)
    for _number in range(count):
        make_api_key("intake")

    with django_assert_num_queries(3):
        page = client.get(address(name))

    assert bool(page.context["older_url"]) == (count > 50)


def test_an_address_that_is_taken_is_told_beside_its_field_and_nothing_typed_is_lost(client):
    client.force_login(make_user(role="admin"))
    make_user(email="taken@example.org")

    answer = client.post(
        "/settings/people/new/", {"email": "taken@example.org", "name": "Ana Ruiz", "roles": ["reviewer"]}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is already a person with this e-mail address." in page
    assert 'id="id_email_error"' in page
    assert 'value="Ana Ruiz"' in page
