"""Accounts, roles and clearances: who may change them, and what ends with them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.factories import make_api_key, make_clearance, make_user
from trust.accounts import links, operations
from trust.accounts.models import Clearance
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def kinds_about(subject):
    return list(AuditEvent.objects.about(subject).order_by("pk").values_list("kind", flat=True))


# ── Accounts ─────────────────────────────────────────────


def test_ending_an_account_ends_its_sessions_keys_and_links(client):
    admin, person = make_user(role="admin"), make_user(role="lead")
    link = links.one_time_link(person).partition("127.0.0.1")[2].partition("/")[2]
    _key, text = make_api_key("incidents:read", owner=person)
    client.force_login(person)
    before = client.get("/incidents/").status_code

    operations.end_account(person, by=admin)

    assert before == 200
    assert client.get("/incidents/")["Location"].startswith("/accounts/login/")
    assert client.get("/api/v1/incidents", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    assert b"password1" not in client.get(f"/{link}", follow=True).content
    assert kinds_about(person) == ["person.deactivated"]


def test_an_account_opened_again_revives_no_session(client):
    admin, person = make_user(role="admin"), make_user(role="lead")
    client.force_login(person)
    operations.end_account(person, by=admin)

    person = operations.reopen_account(person, by=admin)

    assert client.get("/incidents/")["Location"].startswith("/accounts/login/")
    assert person.is_active
    assert kinds_about(person) == ["person.deactivated", "person.reactivated"]


@pytest.mark.parametrize("act", [operations.end_account, operations.reopen_account, operations.make_link])
@pytest.mark.parametrize("role", ["reviewer", "lead", "auditor"])
def test_only_an_admin_changes_accounts(act, role):
    with pytest.raises(Refused, match="Only an admin"):
        act(make_user(), by=make_user(role=role))

    assert not AuditEvent.objects.exists()


def test_nobody_ends_their_own_account_or_changes_their_own_roles():
    admin = make_user(role="admin")

    with pytest.raises(Refused, match="their own account"):
        operations.end_account(admin, by=admin)
    with pytest.raises(Refused, match="their own roles"):
        operations.change_roles(admin, roles=["admin", "lead"], by=admin)


def test_what_is_done_already_is_refused():
    admin, gone = make_user(role="admin"), make_user(is_active=False)

    with pytest.raises(Refused, match="ended already"):
        operations.end_account(gone, by=admin)
    with pytest.raises(Refused, match="This account is open"):
        operations.reopen_account(admin, by=None)
    with pytest.raises(Refused, match="open it again first"):
        operations.make_link(gone, by=admin)


def test_a_person_chooses_their_time_zone():
    person = make_user()

    operations.set_time_zone(person, time_zone="Europe/Madrid")

    person.refresh_from_db()
    assert person.time_zone == "Europe/Madrid"
    with pytest.raises(Refused, match="no such time zone"):
        operations.set_time_zone(person, time_zone="Moon/Crater")


# ── Clearances ───────────────────────────────────────────


def granted(person, by):
    return operations.grant_clearance(person, category=Clearance.CHILD_SAFETY, days=30, by=by)


def test_a_clearance_is_in_force_once_a_second_admin_approves():
    person, first, second = make_user(), make_user(role="admin"), make_user(role="admin")

    clearance = granted(person, by=first)
    waiting = Clearance.objects.in_force(timezone.now()).exists()
    operations.approve_clearance(clearance, by=second)

    assert not waiting
    assert Clearance.objects.in_force(timezone.now()).get() == clearance
    assert kinds_about(clearance) == ["clearance.granted", "clearance.approved"]


def test_neither_grantor_nor_the_person_approves():
    first, admin_too = make_user(role="admin"), make_user(roles=["admin", "reviewer"])
    clearance = granted(admin_too, by=first)

    with pytest.raises(Refused, match="Someone other than who granted"):
        operations.approve_clearance(clearance, by=first)
    with pytest.raises(Refused, match="their own clearance"):
        operations.approve_clearance(clearance, by=admin_too)
    with pytest.raises(Refused, match="Only an admin"):
        operations.approve_clearance(clearance, by=make_user(role="lead"))

    clearance.refresh_from_db()
    assert clearance.approved_at is None


@pytest.mark.parametrize("approver", ["granted_by", "person"])
def test_the_database_holds_two_people_too(approver):
    clearance = granted(make_user(), by=make_user(role="admin"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Clearance.objects.update(approved_by=getattr(clearance, approver), approved_at=timezone.now())


@pytest.mark.parametrize(("days", "sentence"), [(0, "1 to 90 days"), (91, "1 to 90 days")])
def test_a_clearance_is_short(days, sentence):
    with pytest.raises(Refused, match=sentence):
        operations.grant_clearance(make_user(), category=Clearance.CHILD_SAFETY, days=days, by=make_user(role="admin"))


def test_a_clearance_for_oneself_for_nothing_or_to_someone_without_content_is_refused():
    admin = make_user(roles=["admin", "lead"])

    with pytest.raises(Refused, match="to themselves"):
        granted(admin, by=admin)
    with pytest.raises(Refused, match="would open nothing"):
        granted(make_user(role="analyst"), by=admin)
    with pytest.raises(Refused, match="no such restricted category"):
        operations.grant_clearance(make_user(), category="spam", days=3, by=admin)


def test_a_revoked_clearance_is_not_approved_any_more():
    first, second = make_user(role="admin"), make_user(role="admin")
    clearance = granted(make_user(), by=first)

    operations.revoke_clearance(clearance, by=second)

    with pytest.raises(Refused, match="has ended"):
        operations.approve_clearance(clearance, by=second)
    assert kinds_about(clearance) == ["clearance.granted", "clearance.revoked"]


def test_the_states_of_a_clearance_have_names():
    person, now = make_user(), timezone.now()

    in_force = make_clearance(person)
    waiting = granted(person, by=make_user(role="admin"))

    assert (in_force.state(now), waiting.state(now)) == ("in_force", "waiting")
    assert in_force.state(now + timedelta(days=31)) == "expired"
    assert operations.revoke_clearance(waiting, by=make_user(role="admin")).state(now) == "revoked"


# ── Keys ─────────────────────────────────────────────────


def test_a_key_that_reads_content_answers_once_a_second_admin_approves(client):
    owner, first, second = make_user(role="lead"), make_user(role="admin"), make_user(role="admin")
    key, text = operations.create_api_key(
        "k", scopes=["content:read", "incidents:read"], owner=owner, by=first, expires_days=300
    )

    def ask():
        return client.get("/api/v1/incidents", headers={"Authorization": f"Bearer {text}"}).status_code

    before = ask()
    with pytest.raises(Refused, match="Someone other than who made it"):
        operations.approve_api_key(key, by=first)
    operations.approve_api_key(key, by=second)

    assert (before, ask()) == (401, 200)
    assert (key.expires_at - key.created_at).days == 90
    assert kinds_about(key) == ["api_key.created", "api_key.approved"]


def test_nobody_approves_a_key_that_acts_as_themselves():
    owner = make_user(roles=["admin", "lead"])
    key, _text = operations.create_api_key("k", scopes=["content:read"], owner=owner, by=make_user(role="admin"))

    with pytest.raises(Refused, match="acts as themselves"):
        operations.approve_api_key(key, by=owner)
    with pytest.raises(Refused, match="does not wait"):
        operations.approve_api_key(make_api_key("intake")[0], by=owner)
    with pytest.raises(Refused, match="Only an admin"):
        operations.approve_api_key(key, by=make_user(role="lead"))
