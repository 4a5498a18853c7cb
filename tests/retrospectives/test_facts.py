"""Each fact equals a recount in plain SQL, and its page lists exactly what it counts."""

from datetime import timedelta

import pytest
from django.db import connection

from incidents.response.models import IncidentEnforcement
from incidents.retrospectives import facts, queries
from incidents.retrospectives.models import Retrospective
from incidents.review.models import Retraction
from tests.factories import (
    NOW,
    make_alert,
    make_clause,
    make_decision,
    make_enforcement,
    make_generation,
    make_incident,
    make_incident_item,
    make_item,
    make_policy,
    make_policy_version,
    make_source,
    make_strike,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db

RESTRICTED = "and not exists (select from intake_restriction r where r.generation_id = item.generation_id)"
ITEMS = f"""
    select item.* from queues_item item join response_incidentitem link on link.item_id = item.id
    where link.incident_id = %(incident)s {RESTRICTED}
"""
STANDING = f"""
    select decision.* from review_decision decision where decision.item_id in (select id from ({ITEMS}) i)
    and decision.id not in (select decision_id from review_retraction)
"""
RECOUNTS = {
    "items": f"select count(*) from ({ITEMS}) i",
    "items_judged": f"select count(distinct item_id) from ({STANDING}) d",
    "actors": f"select count(distinct actor_id) from ({ITEMS}) i",
    "strikes": f"""
        select count(*) from enforcement_strike where voided_at is null
        and decision_id in (select id from ({STANDING}) d)
    """,
    "verdicts": f"select verdict, count(*) from ({STANDING}) d group by 1",
    "violations": f"""
        select clause.key, violation.severity, count(*) from review_violation violation
        join policies_clauseversion text on text.id = violation.clause_id
        join policies_clause clause on clause.id = text.clause_id
        join policies_policy policy on policy.id = clause.policy_id
        where violation.decision_id in (select id from ({STANDING}) d) and policy.restricted_category = ''
        group by 1, 2
    """,
    "sources": f"""
        select source.slug, count(*) from intake_alert alert join intake_source source on source.id = alert.source_id
        where alert.generation_id in (select generation_id from ({ITEMS}) i) group by 1
    """,
    "actions": """
        select kind, status, count(*) from enforcement_enforcementaction action
        join response_incidentenforcement link on link.enforcement_id = action.id
        where link.incident_id = %(incident)s group by 1, 2
    """,
}


@pytest.fixture
def incident():
    """An incident with judged, unjudged, retracted and restricted items, and much that is not linked to it."""
    incident = make_incident(
        started_at=NOW - timedelta(hours=30),
        detected_at=NOW,
        status="contained",
        contained_at=NOW + timedelta(minutes=90),
    )
    clause, source = make_clause(key="spam.reviews"), make_source(slug="partner")
    decisions = [make_decision(violations=[{"clause": clause, "severity": level}]) for level in (1, 1, 3)]
    decisions.append(make_decision(verdict="benign"))
    for decision in decisions:
        make_incident_item(incident, item=decision.item)
    make_alert(generation=decisions[0].item.generation, source=source)
    undone = make_decision()
    Retraction.objects.create(decision=undone, by=undone.by, at=NOW)
    make_incident_item(incident, item=undone.item)
    make_incident_item(incident, item=make_item(generation=make_generation(occurred_at=NOW - timedelta(days=3))))
    restricted = make_policy_version(
        policy=make_policy(restricted_category="child_safety"), status="draft", published_at=None
    )
    hidden = make_clause(version=restricted)
    publish(restricted)
    make_incident_item(incident, item=make_decision(violations=[{"clause": hidden}]).item)
    make_incident_item(incident, item=make_item(generation=make_generation(restricted=True)))
    make_strike(decision=decisions[0])
    make_strike(decision=decisions[1], voided_at=NOW, void_reason="Undone.")
    for action in (make_enforcement(), make_enforcement(), make_enforcement(kind="warning")):
        IncidentEnforcement.objects.create(incident=incident, enforcement=action, added_by=incident.owner, added_at=NOW)
    make_decision(), make_enforcement(), make_strike()
    return incident


def recounted(key, incident):
    with connection.cursor() as cursor:
        cursor.execute(RECOUNTS[key], {"incident": incident.pk})
        return cursor.fetchall()


@pytest.mark.parametrize("key", ["items", "items_judged", "actors", "strikes"])
def test_a_number_equals_its_recount(incident, key):
    assert [(facts.values(incident)[key],)] == recounted(key, incident)
    assert facts.values(incident)[key] > 0


@pytest.mark.parametrize("key", ["verdicts", "violations", "sources", "actions"])
def test_a_breakdown_equals_its_recount(incident, key):
    groups = {(*group["keys"], group["count"]) for group in facts.values(incident)[key]}

    assert groups == set(recounted(key, incident))
    assert len(groups) > 1


def test_the_numbers_of_the_example_are_as_one_counts_them_by_hand(incident):
    values = facts.values(incident)

    assert (values["items"], values["items_judged"], values["strikes"]) == (7, 5, 1)
    assert values["violations"][0] == {"keys": ["spam.reviews", 1], "count": 2}
    assert values["first_item_at"] == (NOW - timedelta(days=3)).isoformat()
    assert (values["time_to_detect"], values["time_to_contain"]) == (30 * 3600, 90 * 60)
    assert values["time_to_resolve"] is None


def test_every_recountable_fact_is_recounted():
    assert {fact.key for fact in facts.FACTS if fact.counted} - {"first_item_at"} == set(RECOUNTS)


@pytest.mark.parametrize("fact", facts.FACTS, ids=lambda fact: fact.key)
def test_the_page_of_a_fact_lists_as_many_rows_as_it_counts(client, incident, fact):
    retrospective = Retrospective.objects.create(
        incident=incident, title="Wave", created_by=incident.owner, created_at=NOW
    )
    if fact.counted is None:
        return
    client.force_login(make_user(role="lead"))
    value = facts.values(incident)[fact.key]
    expected = sum(group["count"] for group in value) if isinstance(value, list) else value

    page = client.get(f"/retrospectives/{retrospective.pk}/facts/{fact.key}/")

    assert len(page.context["lines"]) == (expected if fact.key != "first_item_at" else 7)


def test_facts_of_nothing_are_nought_or_unsaid():
    incident = make_incident()

    shown = queries.shown_facts(Retrospective(incident=incident, status="draft", pk=1), make_user(role="policy_editor"))

    by_key = {fact.key: fact for fact in shown}
    assert by_key["items"].number == 0
    assert by_key["first_item_at"].moment is None
    assert by_key["time_to_contain"].length is None
    assert by_key["violations"].groups == []
    assert by_key["actors"].url == ""


def test_a_fact_that_was_not_frozen_cannot_be_said():
    frozen = Retrospective(incident=make_incident(), status="signed", pk=1, facts={"values": {"items": 3}})

    by_key = {fact.key: fact for fact in queries.shown_facts(frozen, make_user(role="lead"))}

    assert by_key["items"].number == 3
    assert (by_key["strikes"].number, by_key["violations"].groups) == (None, None)
