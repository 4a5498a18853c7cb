"""Muting and lowering a source or a detector: who may, for how long, and what routing makes of it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from incidents.intake.models import DetectorVersion
from incidents.queues import operations, trials
from incidents.queues.matching import read_rules
from incidents.queues.models import Damping, Item, Round, RuleSet
from incidents.queues.weighing import weight_in_words
from tests.factories import (
    NOW,
    make_damping,
    make_generation,
    make_queue,
    make_rule,
    make_source,
    make_user,
    make_waiting_alert,
)
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def general():
    return make_queue(is_default=True)


def wanted(**fields):
    values = {"reason": "It floods us.", "until": clock.now() + timedelta(days=7), **fields}
    if not {"source", "detector_version", "detector"} & set(fields):
        values["source"] = make_source()
    return Damping(**values)


def routed(**fields) -> Item:
    alert = make_waiting_alert(**fields)
    operations.route_alerts()
    return Item.objects.get(generation=alert.generation_id)


# ── Who may, and for how long ────────────────────────────


def test_a_lead_mutes_a_source_with_a_reason_and_an_end_and_it_is_recorded():
    source, lead = make_source(), make_user(role="lead")

    damping = operations.damp(wanted(source=source), by=lead)

    assert damping.is_in_force(clock.now())
    event = AuditEvent.objects.get(kind="source.muted")
    assert (event.by, event.reason) == (lead, "It floods us.")
    assert AuditEvent.objects.about(source).get() == event


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": "  "}, "Say why"),
        ({"reason": "x" * 501}, "at most 500"),
        ({"until": NOW}, "must end"),
        ({"days": 91}, "at most 90 days"),
        ({"steps": 0}, "1 to 5"),
        ({"steps": 6}, "1 to 5"),
    ],
)
def test_what_makes_no_sense_is_refused(fields, sentence):
    if "days" in fields:
        fields = {"until": clock.now() + timedelta(days=fields["days"])}

    with pytest.raises(Refused, match=sentence):
        operations.damp(wanted(**fields), by=make_user(role="lead"))

    assert not Damping.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", ["reviewer", "analyst", "admin", "auditor", "policy_editor"])
def test_only_leads_damp_and_lift(role):
    person = make_user(role=role)

    with pytest.raises(Refused, match="Only a lead"):
        operations.damp(wanted(), by=person)
    with pytest.raises(Refused, match="Only a lead"):
        operations.lift(make_damping(), by=person)


def test_the_same_thing_is_not_damped_twice_but_again_once_it_was_lifted():
    lead, source = make_user(role="lead"), make_source()
    first = operations.damp(wanted(source=source), by=lead)

    with pytest.raises(Refused, match="Lift that first"):
        operations.damp(wanted(source=source, steps=2), by=lead)
    operations.lift(first, by=lead)

    assert operations.damp(wanted(source=source, steps=2), by=lead).steps == 2
    with pytest.raises(Refused, match="ended already"):
        operations.lift(first, by=lead)
    assert AuditEvent.objects.filter(kind="source.restored").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_damps():
    lead, version = make_user(role="lead"), DetectorVersion.objects.create(name="filter", version="1")

    outcomes = outcomes_of(
        lambda steps: operations.damp(wanted(detector_version=version, steps=steps), by=lead), [1, 2, 3]
    )

    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 2
    assert Damping.objects.count() == 1


def test_the_database_holds_what_a_damping_is():
    version = DetectorVersion.objects.create(name="filter", version="1")
    wrong = [
        {"source": make_source(), "detector_version": version},
        {"detector": ""},
        {"until": clock.now() + timedelta(days=92)},
        {"until": clock.now() - timedelta(days=1)},
        {"steps": 0},
        {"reason": ""},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_damping(**fields)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        make_damping().delete()


# ── What routing makes of it ─────────────────────────────


@pytest.mark.parametrize("target", ["source", "detector_version", "detector"])
def test_what_is_muted_is_kept_and_handed_to_nobody(target):
    source, version = make_source(), DetectorVersion.objects.create(name="filter", version="9")
    values = {"source": source, "detector_version": version, "detector": "filter"}
    damping = make_damping(**{target: values[target]})
    make_rule(make_queue(), {"field": "alert.kind", "operator": "is", "value": "detector"})

    item = routed(source=source, detector_version=version)

    assert (item.status, item.closed_as, item.closed_by_rule, item.verdict) == ("closed", "muted", "", "")
    assert not Round.objects.exists()
    assert item.trace[0]["muted_by"] == damping.pk
    assert str(damping.pk) in weight_in_words(item.trace[0])[0]
    assert item.generation.alerts.count() == 1


def test_other_sources_and_versions_go_on():
    make_damping(source=make_source())
    make_damping(detector_version=DetectorVersion.objects.create(name="filter", version="9"))
    make_damping(detector="other")

    assert routed().status == "open"


@pytest.mark.parametrize("kind", ["user_report", "partner_report", "staff", "random_sample"])
def test_muting_a_detector_mutes_no_report_and_no_sample(kind):
    make_damping(detector="filter")

    item = routed(kind=kind)

    assert (item.status, item.closed_as) == ("open", "")


def test_a_random_sample_of_a_muted_source_goes_to_audit():
    source = make_source()
    make_damping(source=source)

    item = routed(source=source, kind="random_sample", sampling_rate=0.25)

    assert (item.status, item.sampled_as, item.inclusion_probability) == ("open", "random_sample", 0.25)


def test_what_is_restricted_is_never_muted_away():
    source = make_source()
    make_damping(source=source)

    item = routed(source=source, generation=make_generation(restricted=True))

    assert item.status == "open"
    assert item.rounds.get().queue.restricted_category == "child_safety"


def test_an_alert_that_is_not_muted_opens_what_was():
    source = make_source()
    make_damping(source=source)
    item = routed(source=source)

    make_waiting_alert(generation=item.generation)
    operations.route_alerts()

    item.refresh_from_db()
    assert (item.status, item.closed_as, item.closed_by_version) == ("open", "", None)
    assert item.rounds.get().status == "open"


def test_a_muted_alert_neither_moves_nor_hurries_what_is_open():
    source, urgent = make_source(), make_queue()
    make_rule(urgent, {"field": "alert.source", "operator": "is", "value": source.slug}, priority=9, due_minutes=5)
    make_damping(source=source)
    item = routed()
    before = Round.objects.values().get(item=item)

    make_waiting_alert(generation=item.generation, source=source)
    operations.route_alerts()

    assert Round.objects.values().get(item=item) == before


@pytest.mark.parametrize("is_muted_first", [True, False])
def test_of_two_alerts_at_once_the_one_that_is_not_muted_says_where(general, is_muted_first):
    muted, generation = make_source(), make_generation()
    make_rule(make_queue(), {"field": "alert.source", "operator": "is", "value": muted.slug}, priority=9)
    make_damping(source=muted)
    for source in (muted, make_source()) if is_muted_first else (make_source(), muted):
        make_waiting_alert(generation=generation, source=source)

    operations.route_alerts()

    waiting = generation.item.rounds.get()
    assert (waiting.queue, waiting.priority) == (general, 0)


def test_a_rule_that_closes_and_a_mute_together_close_by_the_rule():
    muted, generation = make_source(), make_generation()
    make_rule(make_queue(), {"field": "alert.source", "operator": "is_not", "value": muted.slug}, close="benign")
    make_damping(source=muted)
    for source in (make_source(), muted):
        make_waiting_alert(generation=generation, source=source)

    operations.route_alerts()

    assert (generation.item.closed_as, generation.item.closed_by_rule != "") == ("benign", True)


def test_what_is_lowered_waits_behind_the_rest():
    source = make_source()
    make_rule(make_queue(), priority=1)
    damping = make_damping(source=source, steps=3)

    item = routed(source=source)

    assert item.rounds.get().priority == -2
    assert weight_in_words(item.trace[0]) == [f"Priority -3: its source or detector was lowered ({damping.pk})."]


def test_of_several_the_strongest_holds():
    source = make_source()
    make_damping(source=source, steps=3)
    make_damping(detector="filter", steps=1)
    assert routed(source=source).rounds.get().priority == -3

    make_damping(detector_version=DetectorVersion.objects.get(name="filter", version="1"))

    assert routed(source=source).closed_as == "muted"


@pytest.mark.parametrize("ends", ["by itself", "lifted"])
def test_once_it_has_ended_it_has_no_effect(ends):
    source, now = make_source(), clock.now()
    damping = make_damping(source=source, begins_at=now - timedelta(days=8), until=now + timedelta(days=1))
    if ends == "lifted":
        operations.lift(damping, by=make_user(role="lead"))

    with clock.at(now if ends == "lifted" else now + timedelta(days=2)):
        assert routed(source=source).status == "open"


def test_a_trial_tells_what_is_muted():
    source = make_source()
    make_damping(source=source)
    make_waiting_alert(source=source)
    rules = read_rules(RuleSet.objects.get().rules) if RuleSet.objects.exists() else []

    trial = trials.try_rules(rules, rules, last=10)

    assert [(line.place, line.now, line.then) for line in trial.closed] == [("Muted", 1, 1)]
