"""``/audit/``: every event a sentence, each reader as much as their role reads."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_actor, make_enforcement, make_incident, make_user
from trust import clock
from trust.audit.operations import record

pytestmark = pytest.mark.django_db


def sentences_on(response):
    return [entry.sentence for entry in response.context["entries"]]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("reviewer", 200),
        ("lead", 200),
        ("auditor", 200),
        ("admin", 200),
        ("policy_editor", 403),
        ("policy_approver", 403),
        ("analyst", 403),
    ],
)
def test_who_gets_in(client, role, status):
    client.force_login(make_user(role=role))

    assert client.get("/audit/").status_code == status


@pytest.mark.parametrize("role", ["reviewer", "lead"])
def test_reviewers_and_leads_read_their_own_acts(client, role):
    me, other = make_user(role=role, name="Ana Ruiz"), make_user(name="Bo Lind")
    incident = make_incident()
    record("incident.contained", on=[incident], by=me)
    record("incident.resolved", on=[incident], by=other)
    client.force_login(me)

    assert sentences_on(client.get("/audit/")) == [f"Ana Ruiz marked incident {incident.pk} contained"]


@pytest.mark.parametrize(("role", "shown"), [("auditor", True), ("admin", False)])
def test_auditors_read_what_an_event_held_and_admins_do_not(client, role, shown):
    record("incident.contained", on=[make_incident()], by=None, reason="A reason.", data={"before": "a state"})
    client.force_login(make_user(role=role))

    page = client.get("/audit/").content.decode()

    assert ("A reason." in page, "a state" in page) == (shown, shown)


def test_it_is_narrowed_by_who_what_and_about_whom(client):
    ana, bo = make_user(role="lead", name="Ana Ruiz"), make_user(role="lead", name="Bo Lind")
    one, other = make_incident(), make_incident()
    record("incident.contained", on=[one], by=ana)
    record("incident.contained", on=[other], by=bo)
    record("actor.standing_changed", on=[make_actor()], by=None)
    client.force_login(make_user(role="auditor"))

    def found(query):
        return sentences_on(client.get(f"/audit/?{query}"))

    assert found("who=ana") == [f"Ana Ruiz marked incident {one.pk} contained"]
    assert found("who=Ana&what=incident") == found(f"about=incident+{one.pk}") == found("who=ana")
    assert len(found("what=incident")) == len(found("what=incident.contained")) == 2
    assert found("who=system")[0].startswith("The system changed the standing of actor")
    assert found("who=nobody") == []


@pytest.mark.parametrize(("noun", "make"), [("Maßnahme", make_enforcement), ("Vorfall", make_incident)])
def test_an_object_is_named_as_the_page_names_it_in_german_too(client, noun, make):
    about = make()
    record("item.held", on=[about], by=None)
    client.force_login(make_user(role="auditor", language="de"))

    page = client.get("/audit/", {"about": f"{noun} {about.pk}"})

    assert page.status_code == 200
    assert len(page.context["entries"]) == 1


def test_it_is_narrowed_by_day(client):
    for days in range(3):
        with clock.at(NOW + timedelta(days=days)):
            record("incident.contained", on=[make_incident()], by=None)
    client.force_login(make_user(role="auditor"))

    page = client.get("/audit/?since=2026-11-03&until=2026-11-03")

    assert len(sentences_on(page)) == 1


@pytest.mark.parametrize(
    "query",
    [
        "by__password=x",
        "what=nonsense",
        "about=spoon+1",
        "about=item",
        f"about=item+{2**63}",
        "since=yesterday",
        "since=0001-01-01",
        "until=9999-12-31",
        "who=%00",
        "cursor=x",
    ],
)
def test_a_filter_that_makes_no_sense_is_named(client, query):
    client.force_login(make_user(role="auditor"))

    response = client.get(f"/audit/?{query}")

    assert response.status_code == 400
    assert query.partition("=")[0] in response.content.decode()


@pytest.mark.parametrize("count", [2, 60])
def test_it_costs_the_same_with_2_rows_and_with_60(client, django_assert_num_queries, count):
    for _number in range(count):
        record("incident.reassigned", on=[make_incident(), make_user()], by=make_user())
    client.force_login(make_user(role="auditor"))

    with django_assert_num_queries(5):
        page = client.get("/audit/")

    assert bool(page.context["older_url"]) == (count > 50)
