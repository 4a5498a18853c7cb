"""The default pack becomes version 1 of every policy, once."""

import pytest
from django.core.management import call_command

from policies import operations, pack, queries
from policies.models import Clause, ClauseVersion, Mapping, Policy, PolicyVersion
from policies.vocabulary import EnforcementKind
from tests.factories import make_policy
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_every_policy_and_clause_of_the_pack_is_published_as_version_1():
    packed = pack.load()

    versions = operations.install_pack(packed)

    assert {version.policy.key for version in versions} == {policy.key for policy in packed}
    assert set(PolicyVersion.objects.values_list("number", "status")) == {(1, "published")}
    assert Clause.objects.count() == ClauseVersion.objects.count() == sum(len(policy.text.clauses) for policy in packed)


def test_a_clause_keeps_its_words_ladder_and_mappings():
    operations.install_pack(pack.load())

    text = queries.clause_in_force("spam.medical_products")

    assert "health benefits that no evidence supports" in text.definition
    assert len(text.ladder) == 5
    assert text.violates[0].keys() == {"text", "reason"}
    assert not text.is_anticipated
    assert queries.recommended_enforcement(text, 0) is None
    assert queries.recommended_enforcement(text, 4) == EnforcementKind.SUSPENSION
    assert set(text.clause.mappings.values_list("taxonomy", "taxonomy_version")) == {
        ("ailuminate", "1.0"),
        ("dsa", "2024"),
    }


def test_policies_stand_in_the_order_of_the_files():
    packed = pack.load()

    operations.install_pack(packed)

    assert list(Policy.objects.order_by("position").values_list("key", flat=True)) == [policy.key for policy in packed]


def test_only_child_safety_needs_a_clearance():
    operations.install_pack(pack.load())

    restricted = Policy.objects.exclude(restricted_category="")

    assert [policy.key for policy in restricted] == ["child_safety"]


def test_the_installation_is_recorded_as_the_systems():
    operations.install_pack(pack.load())

    event = AuditEvent.objects.about(Policy.objects.get(key="spam")).get()

    assert (event.kind, event.by) == ("policy.pack_installed", None)


def test_an_installation_with_policies_is_left_alone():
    make_policy()

    with pytest.raises(Refused, match="only for an empty installation"):
        operations.install_pack(pack.load())

    assert Policy.objects.count() == 1
    assert not Mapping.objects.exists()


def test_the_command_publishes_once(capsys):
    call_command("publish_default_pack")
    call_command("publish_default_pack")

    first, second = capsys.readouterr().out.splitlines()
    assert first == "Published version 1 of 15 policies."
    assert second == "There are policies already; nothing was changed."
    assert PolicyVersion.objects.count() == 15
