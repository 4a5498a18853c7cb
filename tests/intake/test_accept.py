import hashlib

import pytest
from django.db import connection

from incidents.actors.models import Actor, Identifier
from incidents.actors.operations import identifier_digest
from incidents.intake import operations
from incidents.intake.models import Alert, AlertToRoute, Batch, Content, Generation, Restriction
from policies.models import Clause
from tests.factories import make_api_key, make_policy, make_policy_version
from tests.intake.native import full, native
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_an_alert_is_stored_with_all_that_it_says():
    sent = full()

    receipt = operations.accept([sent], source="tests")

    alert = Alert.objects.select_related("generation__content", "generation__actor__parent", "detector_version").get()
    generation, said = alert.generation, sent["generation"]
    assert (receipt.accepted, receipt.duplicates, receipt.rejected) == (1, 0, [])
    for name in ("external_id", "kind", "flagged", "labels", "scores", "score_kind", "thresholds", "spans", "comment"):
        assert getattr(alert, name) == sent[name]
    assert (alert.sampling_rate, alert.metadata) == (0.5, {"region": "eu", "attempt": 2})
    assert (alert.taxonomy, alert.taxonomy_version) == ("openai-moderation", "omni-2024-09-26")
    assert (alert.detector_version.name, alert.detector_version.version) == ("moderation", "2026-10")
    assert alert.occurred_at.isoformat() == "2026-11-01T10:00:00+00:00"
    for name in ("external_id", "model", "deployment", "stage", "use_case", "language"):
        assert getattr(generation, name) == said[name]
    assert generation.content.messages == said["messages"]
    assert generation.content.parameters == said["parameters"]
    assert generation.content.lengths == [6, 3]
    assert generation.actor.external_id == "acct_9"
    assert generation.actor.parent.external_id == "org_1"
    assert (generation.actor.tier, generation.actor.tier_told_at) == ("pro", alert.occurred_at)


def test_a_batch_is_recorded_once_and_its_alerts_wait_for_routing():
    key, _text = make_api_key("intake")

    receipt = operations.accept([native(), native()], source="tests", via_key=key)

    batch = Batch.objects.get(pk=receipt.batch)
    event = AuditEvent.objects.about(batch).get()
    assert (batch.accepted, batch.key_id, event.by) == (2, key.pk, key.owner)
    assert event.data == {"accepted": 2, "duplicates": 0, "rejected": 0}
    assert AlertToRoute.objects.count() == 2


def test_the_same_alert_again_is_a_duplicate_and_changes_nothing():
    sent = full()
    operations.accept([sent], source="tests")

    again = operations.accept([sent, sent], source="tests")

    assert (again.accepted, again.duplicates, again.differs) == (0, 2, [])
    assert (Alert.objects.count(), Generation.objects.count(), AlertToRoute.objects.count()) == (1, 1, 1)


def test_a_repeat_that_only_spells_things_differently_does_not_differ():
    sent = native(external_id="a")
    spelled_out = {"comment": "", "metadata": {}, "sampling_rate": 1.0, "occurred_at": "2026-11-01T12:00:00+02:00"}

    receipt = operations.accept([sent, {**reversed_keys(sent), **spelled_out}], source="tests")

    assert (receipt.accepted, receipt.duplicates, receipt.differs) == (1, 1, [])


@pytest.mark.parametrize(
    "change",
    [
        {"comment": "Other."},
        {"scores": {"spam": 0.1}},
        {"generation": {"messages": [{"role": "user", "content": "Something else."}]}},
    ],
)
def test_a_repeat_with_other_content_is_a_duplicate_that_differs(change):
    sent = native(external_id="a")

    in_one_body = operations.accept([sent, native(), sent | change], source="tests")
    later = operations.accept([sent, sent | change], source="tests")

    assert (in_one_body.accepted, in_one_body.duplicates, in_one_body.differs) == (2, 1, [2])
    assert (later.accepted, later.duplicates, later.differs) == (0, 2, [1])
    assert Alert.objects.get(external_id="a").comment == ""


def test_two_sources_may_use_the_same_external_id():
    operations.accept([native(external_id="a")], source="one")

    receipt = operations.accept([native(external_id="a", comment="Mine.")], source="two")

    assert (receipt.accepted, receipt.duplicates) == (1, 0)
    assert {alert.source.slug: alert.comment for alert in Alert.objects.all()} == {"one": "", "two": "Mine."}


def test_a_report_joins_the_generation_that_a_detector_brought():
    operations.accept([full()], source="detectors")
    report = native(kind="user_report", generation={"external_id": "chatcmpl-1"})

    receipt = operations.accept([report], source="reports")

    assert receipt.accepted == 1
    assert Generation.objects.get().alerts.count() == 2
    assert not Alert.objects.get(kind="user_report").has_other_content


def test_a_report_may_follow_its_generation_in_the_same_body_but_not_precede_it():
    early, late = native(generation={"external_id": "chatcmpl-1"}), native(generation={"external_id": "chatcmpl-1"})

    receipt = operations.accept([early, full(), late], source="tests")

    assert receipt.accepted == 2
    assert [(one.index, one.external_id, list(one.errors)) for one in receipt.rejected] == [
        (0, early["external_id"], ["generation.messages"])
    ]


def test_the_first_content_of_a_generation_stays_and_the_alert_with_other_content_is_marked():
    first = native(generation={"external_id": "g", "messages": [{"role": "user", "content": "First."}]})
    other = native(generation={"external_id": "g", "messages": [{"role": "user", "content": "Other."}]})

    operations.accept([first, other], source="tests")
    later = operations.accept(
        [native(generation=other["generation"]), native(generation=first["generation"])], source="b"
    )

    assert later.accepted == 2
    assert Content.objects.get().messages == [{"role": "user", "content": "First."}]
    assert list(Alert.objects.order_by("pk").values_list("has_other_content", flat=True)) == [False, True, True, False]


def test_a_generation_without_an_id_is_nobody_elses():
    operations.accept([native(), native()], source="tests")

    assert Generation.objects.filter(external_id=None).count() == 2


def test_an_actor_is_one_however_often_they_are_named():
    sighting = {"kind": "account", "external_id": "acct"}
    operations.accept([native(actor=sighting), native(actor=sighting)], source="one")

    operations.accept(
        [native(actor=sighting | {"parent": {"kind": "organisation", "external_id": "org"}})], source="two"
    )

    actor = Actor.objects.get(kind="account")
    assert actor.generations.count() == 3
    assert actor.parent.external_id == "org"


def test_a_parent_once_known_stays():
    actor = {"kind": "user", "external_id": "u", "parent": {"kind": "account", "external_id": "first"}}
    operations.accept([native(actor=actor)], source="one")

    operations.accept([native(actor=actor | {"parent": {"kind": "account", "external_id": "second"}})], source="two")

    assert Actor.objects.get(kind="user").parent.external_id == "first"


def test_two_actors_are_never_each_others_parent():
    one, two = {"kind": "account", "external_id": "one"}, {"kind": "account", "external_id": "two"}
    operations.accept([native(actor=one | {"parent": two})], source="tests")

    operations.accept([native(actor=two | {"parent": one})], source="tests")

    assert Actor.objects.get(external_id="two").parent is None


def test_identifiers_are_kept_as_a_keyed_digest_only(settings):
    actor = {"kind": "account", "external_id": "acct", "identifiers": {"ip": "203.0.113.7"}}

    operations.accept([native(actor=actor), native(actor=actor)], source="tests")

    kept = Identifier.objects.get()
    assert bytes(kept.digest) == identifier_digest("ip", "203.0.113.7")
    assert bytes(kept.digest) != hashlib.sha256(b"ip\x00203.0.113.7").digest()


def test_a_chunk_boundary_changes_nothing(monkeypatch):
    monkeypatch.setattr("incidents.intake.operations.accepting.CHUNK", 2)
    repeated = native(external_id="a")
    report = native(generation={"external_id": "chatcmpl-1"})

    receipt = operations.accept([repeated, full(), report, repeated, {"external_id": "bad"}], source="tests")

    assert (receipt.accepted, receipt.duplicates) == (3, 1)
    assert [one.index for one in receipt.rejected] == [4]


def reversed_keys(record):
    return dict(reversed(record.items()))


def test_no_index_by_source_alone_can_be_taken_for_a_look_up_of_ids():
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "intake_alert")

    assert [name for name, said in constraints.items() if said["columns"] == ["source_id"] and said["index"]] == []
    assert constraints["alert_once"]["columns"] == ["source_id", "external_id"]


@pytest.mark.parametrize("taxonomy", [None, {"name": "theirs", "version": "1"}])
@pytest.mark.parametrize(
    ("said", "is_closed"),
    [
        ({"flagged": ["tea", "child.minors"]}, True),
        ({"flagged": ["child"]}, True),
        ({"labels": {"child.minors": True}}, True),
        ({"labels": {"child.minors": False}}, False),
        ({"flagged": ["child.min"]}, False),
    ],
)
def test_our_own_key_for_something_restricted_closes_under_any_taxonomy_and_under_none(said, is_closed, taxonomy):
    restricted = make_policy_version(policy=make_policy(key="child", restricted_category="child_safety")).policy
    Clause.objects.create(policy=restricted, key="child.minors")
    Clause.objects.create(policy=make_policy(), key="tea")

    assert operations.accept([native(taxonomy=taxonomy, **said)], source="tests").accepted == 1

    assert list(Restriction.objects.values_list("category", flat=True)) == ["child_safety"] * is_closed
