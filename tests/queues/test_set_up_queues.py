import pytest
from django.core.management import call_command

from incidents.queues import checking, matching, operations, queries
from incidents.queues.models import Queue, RuleSet
from policies import pack
from tests.factories import make_queue
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_a_new_installation_gets_its_queues_and_rules_once():
    call_command("set_up_queues")
    call_command("set_up_queues")

    assert Queue.objects.filter(is_default=True).get().slug == "general"
    assert Queue.objects.filter(restricted_category="child_safety").count() == 1
    assert Queue.objects.count() == 8
    assert AuditEvent.objects.filter(kind="queues.set_up").count() == 1


def test_queues_that_exist_are_left_alone():
    make_queue()

    assert operations.set_up_queues() == 0
    assert Queue.objects.count() == 1


def test_every_default_rule_can_be_used_and_names_policies_of_the_default_pack():
    operations.set_up_queues()
    policies = pack.load()
    keys = {policy.key for policy in policies} | {clause.key for policy in policies for clause in policy.text.clauses}

    for rule in matching.read_rules(RuleSet.objects.get().rules):
        assert checking.faults_in_rule(rule, queues=queries.queues_for_rules()) == {}
        named = [condition["value"] for condition in rule.conditions if condition["operator"] == "has_category"]
        assert {key for value in named for key in value} <= keys


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("spam", "has a field"),
        ({"field": "alert.kind", "operator": "is"}, "has a field"),
        ({"field": "alert.colour", "operator": "is", "value": 1}, "no field alert.colour"),
        ({"field": "alert.kind", "operator": "matches", "value": "x"}, "no operator matches"),
        ({"field": "alert.kind", "operator": "in", "value": "x"}, "takes a list"),
        ({"field": "alert.top_score", "operator": "at_least", "value": "x"}, "takes a number"),
    ],
)
def test_a_condition_that_cannot_be_used_is_refused_in_words(condition, sentence):
    assert sentence in checking.fault_in_condition(condition)[1]
