"""The versions of the routing rules: published, gone back to, never edited."""

import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from incidents.queues import checking, operations, queries
from incidents.queues.matching import Rule, read_rules
from incidents.queues.models import RuleDraft, RuleSet
from tests.factories import make_queue, make_rule, make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

CONDITION = {"field": "alert.kind", "operator": "is", "value": "staff"}


def test_a_published_set_is_the_next_version_in_force_and_recorded():
    queue, lead = make_queue(), make_user(role="lead")
    make_rule(queue)
    operations.write_draft([Rule("a", "Staff")], based_on=1, seen=None, by=lead)

    made = operations.publish_rules(
        [Rule("a", "Staff", queue.slug, (CONDITION,), priority=3)], based_on=1, reason=" Staff first. ", by=lead
    )

    assert (made.number, made.reason, made.made_by) == (2, "Staff first.", lead)
    assert queries.rules_in_force() == made
    assert [rule.name for rule in read_rules(made.rules)] == ["Staff"]
    assert not RuleDraft.objects.exists()
    event = AuditEvent.objects.about(made).get()
    assert (event.kind, event.reason, event.data) == ("routing.published", "Staff first.", {"version": 2, "rules": 1})


def test_without_any_version_the_first_is_published_on_none():
    made = operations.publish_rules([Rule("a", "All")], based_on=0, reason="First.", by=make_user(role="lead"))

    assert made.number == 1


def test_whoever_started_from_an_older_version_is_told_and_loses_nothing():
    queue, lead = make_queue(), make_user(role="lead")
    make_rule(queue)
    operations.write_draft([Rule("a", "Mine")], based_on=1, seen=None, by=lead)
    make_rule(queue)

    with pytest.raises(Refused, match="Someone saved version 2 meanwhile") as refusal:
        operations.publish_rules([Rule("a", "Mine")], based_on=1, reason="Mine.", by=lead)

    assert refusal.value.code == "stale"
    assert RuleDraft.objects.get(person=lead).rules == [{"key": "a", "name": "Mine"}]
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", ["reviewer", "policy_editor", "analyst", "auditor", "admin"])
def test_only_leads_change_the_rules(role):
    person = make_user(role=role)
    old = make_rule(make_queue())

    with pytest.raises(Refused, match="Only leads"):
        operations.publish_rules([], based_on=1, reason="x", by=person)
    with pytest.raises(Refused, match="Only leads"):
        operations.restore_rules(old, based_on=1, reason="x", by=person)
    with pytest.raises(Refused, match="Only leads"):
        operations.write_draft([], based_on=1, seen=None, by=person)


def test_the_same_rules_make_no_version():
    make_rule(make_queue(), key="a")
    same = read_rules(RuleSet.objects.get().rules)

    with pytest.raises(Refused, match="in force already"):
        operations.publish_rules(same, based_on=1, reason="Again.", by=make_user(role="lead"))


@pytest.mark.parametrize("reason", ["", "  ", "a" * 501])
def test_a_version_says_why(reason):
    with pytest.raises(Refused, match="Say why"):
        operations.publish_rules([Rule("a", "All")], based_on=0, reason=reason, by=make_user(role="lead"))


def test_going_back_is_a_new_version():
    queue, lead = make_queue(), make_user(role="lead")
    first = make_rule(queue)
    make_rule(queue)

    made = operations.restore_rules(first, based_on=2, reason="Too many in one queue.", by=lead)

    assert (made.number, made.restores, made.rules) == (3, 1, first.rules)
    assert AuditEvent.objects.about(made).get().kind == "routing.restored"


def test_a_version_is_never_edited():
    made = make_rule(make_queue())

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        RuleSet.objects.filter(pk=made.pk).update(reason="x")


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"queue": "no-such"}, "queue"),
        ({"match": "some"}, "match"),
        ({"priority": 101}, "priority"),
        ({"due_minutes": 0}, "due_minutes"),
        ({"tags": ("Big Words",)}, "tags"),
        ({"tags": tuple("abcdefghijk")}, "tags"),
        ({"close": "violating"}, "close"),
        ({"audited": 1.1}, "audited"),
        ({"audited": float("nan")}, "audited"),
        ({"keep_every": 0}, "keep_every"),
        ({"close": "benign", "keep_every": 2}, "keep_every"),
        ({"conditions": (CONDITION,) * 21}, "conditions"),
        ({"conditions": (CONDITION, CONDITION | {"value": ""})}, "conditions.1.value"),
        ({"conditions": (CONDITION | {"operator": "at_least", "value": 1},)}, "conditions.0.operator"),
        ({"conditions": (CONDITION | {"operator": "in", "value": ["x"] * 201},)}, "conditions.0.value"),
        ({"conditions": ({"field": "alert.scores.", "operator": "at_least", "value": 1},)}, "conditions.0.score"),
        (
            {"conditions": ({"field": "alert.top_score", "operator": "at_least", "value": float("nan")},)},
            "conditions.0.value",
        ),
    ],
)
def test_a_rule_that_cannot_be_used_is_told_by_its_part(changes, part):
    rule = Rule(**{"key": "a", "name": "Rule", **changes})

    assert list(checking.faults_in_rule(rule, queues=[])) == [part]
    with pytest.raises(Refused, match="Rule 1"):
        operations.publish_rules([rule], based_on=0, reason="x", by=make_user(role="lead"))
    assert not RuleSet.objects.exists()


def test_a_set_has_at_most_two_hundred_rules_each_once():
    lead = make_user(role="lead")

    with pytest.raises(Refused, match="at most 200"):
        operations.publish_rules([Rule(str(n), "All") for n in range(201)], based_on=0, reason="x", by=lead)
    with pytest.raises(Refused, match="at most 200"):
        operations.write_draft([Rule(str(n), "All") for n in range(201)], based_on=0, seen=None, by=lead)
    with pytest.raises(Refused, match="same key"):
        operations.publish_rules([Rule("a", "All"), Rule("a", "Some")], based_on=0, reason="x", by=lead)


def test_no_rule_leads_to_a_restricted_queue():
    closed = make_queue(restricted_category="child_safety")

    assert "queue" in checking.faults_in_rule(Rule("a", "All", closed.slug), queues=queries.queues_for_rules())


@pytest.mark.django_db(transaction=True)
def test_of_two_leads_who_save_at_once_one_is_told(monkeypatch):
    both_looked = threading.Barrier(2)
    check = checking.faults_in_rules
    outcomes = []

    def wait_for_the_other(*arguments, **options):
        both_looked.wait(5)
        return check(*arguments, **options)

    monkeypatch.setattr(checking, "faults_in_rules", wait_for_the_other)

    def publish(lead):
        try:
            made = operations.publish_rules([Rule("a", lead.name)], based_on=0, reason="x", by=lead)
            outcomes.append(str(made.number))
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    leads = [threading.Thread(target=publish, args=(make_user(role="lead"),)) for _lead in range(2)]
    for lead in leads:
        lead.start()
    for lead in leads:
        lead.join()

    assert sorted(outcomes) == ["1", "stale"]
    assert AuditEvent.objects.count() == 1
