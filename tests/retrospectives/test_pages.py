"""The pages and files of retrospectives."""

import json

import pytest
from django.urls import reverse

from incidents.retrospectives import operations
from incidents.retrospectives.models import ActionItem, Retrospective
from tests.factories import (
    NOW,
    make_clause,
    make_decision,
    make_incident,
    make_incident_item,
    make_retrospective,
    make_user,
)
from trust import clock

pytestmark = pytest.mark.django_db


def address(name, *arguments):
    return reverse(f"retrospectives:{name}", args=arguments)


# ── Who gets in ──────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "status"), [("lead", 200), ("analyst", 200), ("auditor", 200), ("reviewer", 404), ("admin", 403)]
)
def test_it_opens_for_readers_of_its_incident(client, role, status):
    retrospective = make_retrospective()
    client.force_login(make_user(role=role))

    names = ["detail", "export_markdown", "export_json"]
    pages = [client.get(address(name, retrospective.pk)) for name in names]
    pages.append(client.get(address("fact", retrospective.pk, "items")))

    assert {page.status_code for page in pages} == {status}


def test_a_fact_about_actors_is_for_those_who_may_read_actors(client):
    retrospective = make_retrospective()
    client.force_login(make_user(role="policy_editor"))

    page = client.get(retrospective.get_absolute_url()).content.decode()

    assert address("fact", retrospective.pk, "items") in page
    assert address("fact", retrospective.pk, "actors") not in page
    assert client.get(address("fact", retrospective.pk, "actors")).status_code == 404
    assert client.get(address("fact", retrospective.pk, "nonsense")).status_code == 404


# ── The way of one ───────────────────────────────────────


def test_the_incident_leads_to_it_and_offers_to_start_it(client):
    incident = make_incident()
    client.force_login(incident.owner)

    offer = client.get(address("of_incident", incident.pk)).content.decode()
    started = client.post(address("start", incident.pk))

    assert address("start", incident.pk) in offer
    assert started["Location"] == Retrospective.objects.get().get_absolute_url()
    assert client.get(address("of_incident", incident.pk))["Location"] == started["Location"]


def test_a_section_is_written_and_stands_on_the_page(client):
    retrospective = make_retrospective(text="")
    client.force_login(retrospective.created_by)

    response = client.post(
        address("section", retrospective.pk, "lessons"), {"text": "Act <sooner>.\n\nAlways.", "version": 1}
    )

    assert response.status_code == 302
    page = client.get(retrospective.get_absolute_url()).content.decode()
    assert "<p>Act &lt;sooner&gt;.</p>" in page


def test_a_stale_text_answers_409_and_keeps_both(client):
    retrospective = make_retrospective(text="")
    client.force_login(retrospective.created_by)
    operations.write_section(retrospective, key="lessons", text="Theirs.", version=1, by=make_user(role="lead"))

    response = client.post(address("section", retrospective.pk, "lessons"), {"text": "Mine.", "version": 1})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Mine." in page
    assert "Theirs." in page
    assert 'name="version" value="2"' in page
    assert retrospective.sections.get(key="lessons").text == "Theirs."


@pytest.mark.parametrize(
    "values",
    [
        {"text": "x", "version": "0"},
        {"text": "x", "version": "9" * 30},
        {"text": "x"},
        {"text": "x" * 20_001, "version": 1},
        {"text": "a\0b", "version": 1},
    ],
)
def test_a_form_that_cannot_be_comes_back(client, values):
    retrospective = make_retrospective()
    client.force_login(retrospective.created_by)

    assert client.post(address("section", retrospective.pk, "lessons"), values).status_code == 422


def test_action_items_are_added_done_and_removed_by_plain_forms(client):
    retrospective = make_retrospective()
    owner = retrospective.created_by
    client.force_login(owner)
    values = {"text": "Write.", "owner": owner.pk, "check_back_on": "2099-01-01"}

    client.post(address("add_action_item", retrospective.pk), values)
    item = ActionItem.objects.get()
    done = client.post(address("finish_action_item", retrospective.pk, item.pk))
    removed = client.post(address("remove_action_item", retrospective.pk, item.pk))

    assert (done.status_code, removed.status_code) == (302, 302)
    assert not ActionItem.objects.exists()


def test_a_bad_action_item_comes_back_with_its_errors(client):
    retrospective = make_retrospective()
    client.force_login(retrospective.created_by)

    response = client.post(address("add_action_item", retrospective.pk), {"text": "Write.", "owner": "x"})

    assert response.status_code == 422
    assert "things to correct" in response.content.decode()


def test_two_leads_sign_on_the_page(client):
    retrospective = make_retrospective()

    for _person in range(2):
        client.force_login(make_user(role="lead"))
        assert client.post(address("sign", retrospective.pk), {"version": 1}).status_code == 302

    retrospective.refresh_from_db()
    assert retrospective.is_signed()
    assert "frozen" in client.get(retrospective.get_absolute_url()).content.decode()


@pytest.mark.parametrize("version", ["", "2", "9" * 30, "x"])
def test_a_version_that_nobody_read_is_refused(client, version):
    retrospective = make_retrospective()
    client.force_login(make_user(role="lead"))

    assert client.post(address("sign", retrospective.pk), {"version": version}).status_code == 409


def test_the_empty_section_is_named_beside_the_disabled_button(client):
    retrospective = make_retrospective(text="")
    client.force_login(make_user(role="lead"))

    page = client.get(retrospective.get_absolute_url()).content.decode()

    assert "“What happened” is empty" in page
    assert 'aria-disabled="true" aria-describedby="why"' in page


# ── As files ─────────────────────────────────────────────


def whole_retrospective(items):
    retrospective = make_retrospective(text="We acted late.")
    for _number in range(items):
        make_incident_item(retrospective.incident)
    with clock.at(NOW):
        operations.add_action_item(
            retrospective,
            text="Write a clause.",
            owner=make_user(name="Bo Lind"),
            check_back_on=NOW.date(),
            by=retrospective.created_by,
        )
    return retrospective


def test_the_json_file_holds_the_whole_without_a_name(client):
    retrospective = whole_retrospective(items=12)
    reader = make_user(role="analyst")
    client.force_login(reader)

    response = client.get(address("export_json", retrospective.pk))

    body = json.loads(response.content)
    assert response["Content-Disposition"] == f'attachment; filename="retrospective-{retrospective.pk}.json"'
    assert body["sections"]["lessons"] == "We acted late."
    assert body["facts"]["items"] == 12
    assert body["action_items"][0]["owner"] == ActionItem.objects.get().owner.pseudonym
    assert "Bo Lind" not in response.content.decode()


def test_the_markdown_file_reads_from_top_to_bottom(client):
    retrospective = whole_retrospective(items=12)
    client.force_login(make_user(role="lead"))

    text = client.get(address("export_markdown", retrospective.pk)).content.decode()

    parts = [
        f"# {retrospective.title}",
        "- Items: 12",
        "## Lessons",
        "We acted late.",
        "- [ ] Write a clause.",
        "None yet.",
    ]
    assert [part for part in parts if part not in text] == []
    assert "Bo Lind" not in text


def test_totals_of_fewer_than_ten_actors_do_not_leave_the_house(client):
    retrospective = whole_retrospective(items=9)
    client.force_login(make_user(role="lead"))

    body = json.loads(client.get(address("export_json", retrospective.pk)).content)
    text = client.get(address("export_markdown", retrospective.pk)).content.decode()

    assert body["facts"]["items"] is None
    assert "violations" not in body["facts"]
    assert "- Items: hidden, fewer than 10 actors" in text


def test_the_file_of_a_signed_one_holds_the_frozen_facts(client):
    retrospective = whole_retrospective(items=12)
    for _person in range(2):
        operations.sign_off(retrospective, version=2, by=make_user(role="lead"))
    make_incident_item(retrospective.incident)
    client.force_login(make_user(role="lead"))

    body = json.loads(client.get(address("export_json", retrospective.pk)).content)

    assert body["facts"]["items"] == 12
    assert len(body["signatures"]) == 2


def test_the_files_hold_the_table_of_the_scope_as_it_may_be_published(client):
    retrospective, clause = make_retrospective(), make_clause()
    other = make_clause()
    for number in range(25):
        finding = {"clause": clause if number < 22 else other}
        make_incident_item(retrospective.incident, item=make_decision(violations=[finding]).item)
    make_decision()
    client.force_login(make_user(role="lead"))

    body = json.loads(client.get(address("export_json", retrospective.pk)).content)
    text = client.get(address("export_markdown", retrospective.pk)).content.decode()

    table = body["violations_by_week_and_policy"]
    assert table["cells"][-1][-1] == 25
    assert table["hidden"] >= 2
    assert not any(cell in {3, 22} for row in table["cells"] for cell in row)
    assert "| Total |" in text


# ── What they cost ───────────────────────────────────────


@pytest.mark.parametrize("count", [2, 60])
def test_the_list_costs_the_same_with_2_rows_and_with_60(client, django_assert_num_queries, count):
    for _number in range(count):
        make_retrospective()
    client.force_login(make_user(role="lead"))

    with django_assert_num_queries(3):
        page = client.get(address("list"))

    assert ("Older" in page.content.decode()) == (count > 50)


@pytest.mark.parametrize("count", [2, 60])
@pytest.mark.parametrize("key", ["items", "violations"])
def test_a_fact_costs_the_same_with_2_rows_and_with_60(client, django_assert_num_queries, key, count):
    retrospective = make_retrospective()
    for _number in range(count):
        make_incident_item(retrospective.incident, item=make_decision().item)
    client.force_login(make_user(role="lead"))

    with django_assert_num_queries(4):
        client.get(address("fact", retrospective.pk, key))
