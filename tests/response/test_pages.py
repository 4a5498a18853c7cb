"""The pages of incidents: who gets in, what stands on them, what they cost."""

import pytest
from django.urls import reverse

from incidents.response import operations
from incidents.response.models import Incident, IncidentActor, IncidentEnforcement
from tests.factories import (
    NOW,
    make_actor,
    make_alert,
    make_decision,
    make_enforcement,
    make_generation,
    make_incident,
    make_incident_item,
    make_item,
    make_user,
)
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

QUERIES = {"detail": 10, "timeline": 9, "items": 8, "actors": 7, "actions": 8}
TABS = list(QUERIES)


def address(name, *arguments):
    return reverse(f"response:{name}", args=arguments)


def link_many(incident, count):
    for _number in range(count):
        make_incident_item(incident)
        actor, action = make_actor(), make_enforcement()
        IncidentActor.objects.create(incident=incident, actor=actor, added_by=incident.owner, added_at=NOW)
        IncidentEnforcement.objects.create(incident=incident, enforcement=action, added_by=incident.owner, added_at=NOW)


# ── Who gets in ──────────────────────────────────────────


@pytest.mark.parametrize("role", ["lead", "policy_editor", "policy_approver", "analyst", "auditor"])
def test_readers_open_every_incident(client, role):
    incident = make_incident(title="Review mill wave")
    client.force_login(make_user(role=role))

    assert "Review mill wave" in client.get(address("list")).content.decode()
    assert client.get(incident.get_absolute_url()).status_code == 200


def test_an_admin_opens_none(client):
    incident = make_incident()
    client.force_login(make_user(role="admin"))

    assert client.get(address("list")).status_code == 403
    assert client.get(incident.get_absolute_url()).status_code == 403


def test_reviewers_see_what_they_opened_own_or_judged_items_of(client):
    reviewer = make_user(role="reviewer")
    opened, owned, judged = make_incident(created_by=reviewer), make_incident(owner=reviewer), make_incident()
    make_incident_item(judged, item=make_decision(by=reviewer).item)
    other = make_incident()
    make_incident_item(other)
    client.force_login(reviewer)

    assert set(Incident.objects.visible_to(reviewer)) == {opened, owned, judged}
    assert client.get(other.get_absolute_url()).status_code == 404
    assert other.title not in client.get(address("list")).content.decode()


@pytest.mark.parametrize(("role", "tab"), [("policy_editor", "actors"), ("analyst", "actions")])
def test_tabs_that_a_role_may_not_open_are_absent_and_refused(client, role, tab):
    incident = make_incident()
    client.force_login(make_user(role=role))

    assert address(tab, incident.pk) not in client.get(incident.get_absolute_url()).content.decode()
    assert client.get(address(tab, incident.pk)).status_code == 403


def test_policy_staff_see_items_but_neither_content_nor_actors_nor_a_way_to_the_item(client):
    incident, link = make_incident(), None
    link = make_incident_item(incident)
    client.force_login(make_user(role="policy_editor"))

    page = client.get(address("items", incident.pk)).content.decode()

    assert f'id="item-{link.item_id}"' in page
    assert link.item.actor.external_id not in page
    assert "Lovely tea" not in page
    assert f"/items/{link.item_id}/" not in page.replace(f"/incidents/{incident.pk}/items/{link.item_id}/", "")


def test_a_restricted_item_is_unsaid_to_people_without_a_clearance(client):
    incident = make_incident()
    item = make_item(generation=make_alert(generation=make_generation(restricted=True)).generation)
    make_incident_item(incident, item=item)
    client.force_login(make_user(role="lead"))

    page = client.get(address("items", incident.pk)).content.decode()

    assert f'id="item-{item.pk}"' not in page
    assert 'Items <span class="count">0</span>' in page


# ── What stands there ────────────────────────────────────


def test_the_timeline_tells_of_the_incident_and_of_what_is_linked_newest_first(client):
    lead, item = make_user(role="lead", name="Ana Ruiz"), make_decision().item
    incident = operations.create_incident("Wave", severity=2, items=[item], is_anticipated=False, by=lead)
    operations.contain(incident, reason="No new actor for 12 hours.", by=lead)
    other = operations.create_incident("Other", severity=2, items=[], is_anticipated=False, by=lead)
    client.force_login(lead)

    page = client.get(address("timeline", incident.pk)).content.decode()

    contained = page.index(f"Ana Ruiz marked incident {incident.pk} contained")
    assert contained < page.index(f"Ana Ruiz opened incident {incident.pk}")
    assert "No new actor for 12 hours." in page
    assert f"opened incident {other.pk}" not in page


def test_the_list_is_narrowed_by_status_and_severity(client):
    make_incident(title="Open wave", severity=1)
    make_incident(title="Contained wave", severity=3, status="contained", contained_at=NOW)
    client.force_login(make_user(role="lead"))

    page = client.get(address("list") + "?status=contained&severity=3").content.decode()

    assert "Contained wave" in page
    assert "Open wave" not in page


@pytest.mark.parametrize("query", ["owner__password=a", "status=nonsense", "severity=9", "cursor=x", "status=%00"])
def test_a_filter_that_makes_no_sense_is_named(client, query):
    client.force_login(make_user(role="lead"))

    response = client.get(f"{address('list')}?{query}")

    assert response.status_code == 400
    assert query.partition("=")[0] in response.content.decode()


def test_hostile_titles_and_actor_names_are_shown_harmlessly(client):
    incident = make_incident(title="<script>alert(1)</script>")
    actor = make_actor(external_id="<img src=x onerror=alert(1)>\u202e")
    IncidentActor.objects.create(incident=incident, actor=actor, added_by=incident.owner, added_at=NOW)
    client.force_login(incident.owner)

    for tab in TABS:
        page = client.get(address(tab, incident.pk)).content.decode()
        assert "<script>alert" not in page
        assert "<img" not in page


# ── Changing ─────────────────────────────────────────────


def test_an_incident_is_opened_from_items_and_the_form_is_filled_in(client):
    lead, item = make_user(role="lead"), make_decision().item
    client.force_login(lead)

    form = client.get(f"{address('create')}?items={item.pk}").content.decode()
    response = client.post(address("create"), {"title": "Wave", "severity": "3", "items": f"{item.pk}, {item.pk}"})

    incident = Incident.objects.get()
    assert f'value="{item.pk}"' in form
    assert response["Location"] == incident.get_absolute_url()
    assert incident.item_links.get().item == item


@pytest.mark.parametrize(
    "values",
    [
        {"title": "", "severity": "3"},
        {"title": "a\0b", "severity": "3"},
        {"title": "Wave", "severity": "9"},
        {"title": "Wave", "severity": "3", "items": "one"},
        {"title": "Wave", "severity": "3", "items": "9" * 30},
        {"title": "Wave", "severity": "3", "items": "²"},
    ],
)
def test_a_form_with_a_mistake_comes_back_with_what_was_typed(client, values):
    client.force_login(make_user(role="lead"))

    response = client.post(address("create"), values)

    assert response.status_code == 422
    assert "thing to correct" in response.content.decode()
    assert not Incident.objects.exists()


@pytest.mark.parametrize("number", [str(2**63 - 1), "0"])
def test_a_number_that_nothing_has_is_refused(client, number):
    client.force_login(make_user(role="lead"))

    response = client.post(address("create"), {"title": "Wave", "severity": "3", "items": number})

    assert response.status_code == 409
    assert not Incident.objects.exists()


def test_links_steps_owner_and_edits_work_by_plain_forms(client):
    lead, other = make_user(role="lead"), make_user(role="lead")
    incident, item, actor, action = make_incident(owner=lead), make_decision().item, make_actor(), make_enforcement()
    client.force_login(lead)
    steps = [
        ("add_items", [], {"numbers": item.pk}),
        ("remove_item", [item.pk], {}),
        ("add_actors", [], {"numbers": actor.pk}),
        ("remove_actor", [actor.pk], {}),
        ("add_actions", [], {"numbers": action.pk}),
        ("remove_action", [action.pk], {}),
        ("contain", [], {"reason": "It stopped."}),
        ("resolve", [], {"reason": "All done."}),
        ("reopen", [], {"reason": "It goes on."}),
        ("edit", [], {"title": "New", "severity": 1, "detected_at": "2026-11-02 09:00:00"}),
        ("reassign", [], {"owner": other.pk}),
    ]

    for name, more, values in steps:
        response = client.post(address(name, incident.pk, *more), values)
        assert response.status_code == 302, (name, response.content)

    assert AuditEvent.objects.about(incident).count() == len(steps)
    incident.refresh_from_db()
    assert (incident.title, incident.owner, incident.detected_at) == ("New", other, NOW)


def test_a_missing_reason_keeps_the_page_and_says_what_is_missing(client):
    incident = make_incident()
    client.force_login(incident.owner)

    response = client.post(address("contain", incident.pk), {"reason": ""})

    assert response.status_code == 422
    assert "thing to correct" in response.content.decode()


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("moment", ["0001-01-01 00:00", "9999-12-31 23:59:59", "2026-03-08 02:30", "now"])
def test_times_at_the_edge_of_the_calendar_are_answered_with_a_sentence(client, zone, moment):
    incident = make_incident(owner=make_user(role="lead", time_zone=zone))
    client.force_login(incident.owner)
    values = {"title": "Wave", "severity": 1, "detected_at": "2026-11-02 09:00", "started_at": moment}

    response = client.post(address("edit", incident.pk), values)

    assert response.status_code in {302, 409, 422}
    assert client.get(incident.get_absolute_url()).status_code == 200


def test_saving_an_untouched_form_changes_no_time(client):
    detected = NOW.replace(microsecond=123456)
    incident = make_incident(detected_at=detected, created_at=detected)
    client.force_login(incident.owner)
    values = client.get(address("edit", incident.pk)).context["form"].initial

    client.post(
        address("edit", incident.pk),
        {
            "title": values["title"],
            "severity": values["severity"],
            "detected_at": values["detected_at"].strftime("%Y-%m-%d %H:%M:%S"),
        },
    )

    incident.refresh_from_db()
    assert incident.detected_at == detected
    assert not AuditEvent.objects.exists()


def test_the_actors_page_shows_their_incidents_and_leads_to_a_new_one(client):
    incident = make_incident(title="Review mill wave")
    link = make_incident_item(incident)
    actor = link.item.actor
    IncidentActor.objects.create(incident=incident, actor=actor, added_by=incident.owner, added_at=NOW)
    client.force_login(incident.owner)

    panel = client.get(address("of_actor", actor.pk), headers={"HX-Request": "true"}).content.decode()
    form = client.get(f"{address('create')}?actor={actor.pk}").content.decode()

    assert panel.lstrip().startswith("<section")
    assert "Review mill wave" in panel
    assert f"{address('create')}?actor={actor.pk}" in panel
    assert f'value="{link.item_id}"' in form


@pytest.mark.parametrize("number", [f"{2**70}", "0" * 5000 + "1"])
def test_a_number_of_many_digits_is_none_of_ours(client, number):
    client.force_login(make_user(role="lead"))
    fields = {"title": "Reviews for sale", "severity": 2, "items": number}

    assert client.get(f"{address('create')}?actor={number}").status_code == 200
    assert client.post(address("create"), fields).status_code == 422


@pytest.mark.parametrize("query", ["actor=x", f"actor={2**70}", "actor=²", "items=%00", f"items={'9' * 20_000}"])
def test_a_way_in_that_makes_no_sense_still_gives_a_form(client, query):
    client.force_login(make_user(role="lead"))

    assert client.get(f"{address('create')}?{query}").status_code == 200


# ── What they cost ───────────────────────────────────────


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("count", [2, 60])
def test_a_tab_costs_the_same_with_2_rows_and_with_60(client, django_assert_num_queries, tab, count):
    incident = make_incident()
    link_many(incident, count)
    if tab in {"detail", "timeline"}:
        for _number in range(count):
            operations.add_items(incident, [make_decision().item], by=incident.owner)
    client.force_login(incident.owner)

    with django_assert_num_queries(QUERIES[tab]):
        client.get(address(tab, incident.pk))


@pytest.mark.parametrize("count", [2, 60])
def test_the_list_costs_the_same_with_2_rows_and_with_60(client, django_assert_num_queries, count):
    reader = make_user(role="lead")
    for _number in range(count):
        make_incident()
    client.force_login(reader)

    with django_assert_num_queries(3):
        page = client.get(address("list"))

    assert ("Older" in page.content.decode()) == (count > 50)


def test_times_are_told_in_the_readers_zone_and_kept_in_utc(client):
    incident = make_incident(owner=make_user(role="lead", time_zone="Asia/Tokyo"), detected_at=NOW)
    client.force_login(incident.owner)

    page = client.get(incident.get_absolute_url()).content.decode()

    assert 'datetime="2026-11-02T09:00:00+00:00" title="2 November 2026, 18:00 JST">2 Nov, 18:00<' in page
