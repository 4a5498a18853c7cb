import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues.models import Item, Round
from incidents.review import findings, operations
from incidents.review.findings import Finding, Span
from incidents.review.models import Decision, DecisionToCount, DecisionToStrike, Violation
from policies.models import ClauseVersion, PolicyGap, PolicyVersion
from tests.factories import (
    NOW,
    make_clause,
    make_clearance,
    make_decision,
    make_generation,
    make_item,
    make_policy,
    make_policy_version,
    make_queue,
    make_round,
    make_user,
    publish,
)
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def decide(held: Round, **fields) -> Decision:
    fields = {"fence": held.fence, "verdict": "benign", "by": held.lease_by, **fields}
    return operations.decide(held, **fields)


def make_next_version(old: ClauseVersion) -> ClauseVersion:
    PolicyVersion.objects.filter(pk=old.version_id).update(status="retired", retired_at=NOW)
    draft = make_policy_version(policy=old.clause.policy, number=old.version.number + 1, status="draft")
    text = make_clause(version=draft, clause=old.clause)
    publish(draft)
    return text


def test_a_benign_decision_closes_the_round_and_the_item_and_is_recorded():
    reviewer = make_user()
    held = make_round(lease_by=reviewer)

    with clock.at(NOW):
        decision = operations.decide(held, fence=1, verdict="benign", note="A review of tea.", by=reviewer)

    held.refresh_from_db()
    item = Item.objects.get()
    assert (held.status, held.closed_by, held.closed_at, held.lease_by) == ("closed", reviewer, NOW, None)
    assert (item.status, item.verdict, item.severity, item.closed_at) == ("closed", "benign", None, NOW)
    assert (decision.note, decision.supersedes, decision.gap) == ("A review of tea.", None, None)
    event = AuditEvent.objects.about(decision, item, item.actor).get()
    assert (event.kind, event.by) == ("decision.made", reviewer)
    assert "tea" not in str(event.data)
    assert DecisionToCount.objects.values_list("decision", "weight").get() == (decision.pk, 1)
    assert DecisionToStrike.objects.values_list("decision", "weight").get() == (decision.pk, 1)


def test_a_violation_pins_the_clause_at_the_version_in_force():
    held = make_round(lease_by=make_user())
    old = make_clause()
    new = make_next_version(old)
    finding = Finding(old.clause.key, severity=3, side="prompt", complied=True, span=Span(0, 2, 7))

    decision = decide(held, verdict="violating", findings=[finding])

    violation = decision.violations.get()
    assert (violation.clause, violation.severity, violation.side, violation.complied) == (new, 3, "prompt", True)
    assert (violation.span_message, violation.span_start, violation.span_end) == (0, 2, 7)
    assert Item.objects.get().severity == 3


def test_the_version_in_force_can_be_named():
    held, text = make_round(lease_by=make_user()), make_clause()

    decision = decide(held, verdict="violating", findings=[Finding(text.clause.key, severity=1, version=1)])

    assert decision.violations.get().clause == text


@pytest.mark.parametrize(
    ("is_replaced", "told"),
    [(True, "decide by version 2, which is in force."), (False, "and nothing is in force in its place.")],
)
def test_a_version_that_was_retired_cannot_be_named_and_it_is_told_which_one_can(is_replaced, told):
    held, old = make_round(lease_by=make_user()), make_clause()
    if is_replaced:
        make_next_version(old)
    else:
        PolicyVersion.objects.filter(pk=old.version_id).update(status="retired", retired_at=NOW)

    with pytest.raises(Refused, match=f"Version 1 of {old.clause.key} is retired.*{told}") as refused:
        decide(held, verdict="violating", findings=[Finding(old.clause.key, severity=1, version=1)])

    assert (refused.value.status, list(refused.value.errors)) == (422, ["violations.0.version"])
    assert not Decision.objects.exists()


def test_a_version_that_is_replaced_while_somebody_decides_is_told_kindly_and_nothing_is_written(monkeypatch):
    held, old = make_round(lease_by=make_user()), make_clause()
    as_before = findings.guidelines()
    make_next_version(old)
    monkeypatch.setattr(findings, "guidelines", lambda: as_before)

    with pytest.raises(Refused, match="The guidelines have just changed") as refused, transaction.atomic():
        decide(held, verdict="violating", findings=[Finding(old.clause.key, severity=1)])

    assert refused.value.code == "stale"
    assert not Decision.objects.exists()


def test_the_database_takes_no_violation_of_what_is_not_in_force_but_one_of_its_time():
    old = make_clause()
    make_next_version(old)
    draft = make_clause(version=make_policy_version(status="draft", published_at=None))

    for text in (old, draft):
        with pytest.raises(IntegrityError, match="of a cited clause is not in force"), transaction.atomic():
            make_decision(violations=[{"clause": text}], decided_at=NOW + timedelta(days=1))
    assert make_decision(violations=[{"clause": old}], decided_at=NOW - timedelta(days=1)).pk


def test_a_newly_published_version_is_applied_at_once():
    first, second = (make_round(lease_by=make_user()) for _round in range(2))
    old = make_clause()
    decide(first, verdict="violating", findings=[Finding(old.clause.key, severity=1)])
    new = make_next_version(old)

    decision = decide(second, verdict="violating", findings=[Finding(old.clause.key, severity=1)])

    assert decision.violations.get().clause == new


def test_one_decision_may_find_several_violations_and_the_item_takes_the_worst():
    held = make_round(lease_by=make_user())
    findings = [Finding(make_clause().clause.key, severity=severity) for severity in (1, 4, 2)]

    decision = decide(held, verdict="violating", findings=findings)

    assert decision.violations.count() == 3
    assert Item.objects.get().severity == 4


def test_no_policy_fits_joins_the_gap_that_the_note_names():
    for _round in range(2):
        decide(make_round(lease_by=make_user()), verdict="no_policy_fits", note="Letters from invented lawyers\nMore.")

    gap = PolicyGap.objects.get()
    assert (gap.title, gap.items) == ("Letters from invented lawyers", 2)
    assert gap.decisions.count() == 2


def test_a_restricted_gap_is_not_named():
    cleared = make_user()
    make_clearance(cleared)
    held = make_round(lease_by=cleared)
    Restriction.objects.create(generation=held.item.generation, category="child_safety", created_at=NOW)

    decide(held, verdict="no_policy_fits", note="What it says")

    assert PolicyGap.objects.get().title == "Not named"


def test_citing_a_restricted_policy_closes_the_generation_and_moves_what_is_still_open():
    held = make_round(lease_by=make_user())
    opinion = make_round(item=held.item, purpose="second_opinion", lease_by=make_user())
    draft = make_policy_version(policy=make_policy(restricted_category="child_safety"), status="draft")
    clause = make_clause(version=draft)
    publish(draft)
    closed = make_queue(restricted_category="child_safety")

    decide(held, verdict="violating", findings=[Finding(clause.clause.key, severity=4)])

    opinion.refresh_from_db()
    assert Restriction.objects.get().generation == held.item.generation
    assert (opinion.queue, opinion.lease_by) == (closed, None)


def test_the_same_idempotency_key_decides_once():
    held = make_round(lease_by=make_user())

    first = decide(held, idempotency_key="k-1")
    again = decide(held, idempotency_key="k-1")

    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again == first == Decision.objects.get()
    assert AuditEvent.objects.filter(kind="decision.made").count() == 1


def test_an_idempotency_key_belongs_to_one_round_of_one_person():
    reviewer = make_user()
    first, second, others = (make_round(lease_by=person) for person in (reviewer, reviewer, make_user()))
    decide(first, idempotency_key="k-1")

    with pytest.raises(Refused) as refusal:
        decide(second, idempotency_key="k-1")

    assert refusal.value.code == "idempotency-key-reused"
    assert decide(others, idempotency_key="k-1").is_repeat is False


# ── Refusals, and that nothing stays behind ──────────────


@pytest.fixture
def assert_nothing_written():
    yield
    assert not Decision.objects.exists()
    assert not Violation.objects.exists()
    assert not DecisionToCount.objects.exists()
    assert not AuditEvent.objects.filter(kind="decision.made").exists()
    assert not Item.objects.filter(status="closed").exists()


@pytest.mark.usefixtures("assert_nothing_written")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"fence": 2}, "lease-lost"),
        ({"lease_until": timezone.now() - timedelta(seconds=1)}, "lease-lost"),
        ({"by_another": True}, "lease-lost"),
        ({"role": "analyst"}, "refused"),
    ],
)
def test_who_does_not_hold_the_round_does_not_decide(fields, code):
    reviewer = make_user(role=fields.get("role", "reviewer"))
    lease = {"lease_until": fields["lease_until"]} if "lease_until" in fields else {}
    held = make_round(lease_by=reviewer, **lease)
    by = make_user() if "by_another" in fields else reviewer

    with pytest.raises(Refused) as refusal:
        decide(held, fence=fields.get("fence", 1), by=by)

    assert refusal.value.code == code


@pytest.mark.usefixtures("assert_nothing_written")
@pytest.mark.parametrize(
    "clearance", [None, {"revoked_at": NOW}, {"expires_at": NOW}, {"approved_at": None, "approved_by": None}]
)
def test_what_became_restricted_is_not_decided_without_a_clearance_in_force(clearance):
    reviewer = make_user()
    held = make_round(lease_by=reviewer)
    if clearance:
        make_clearance(reviewer, **clearance)
    Restriction.objects.create(generation=held.item.generation, category="child_safety", created_at=NOW)

    with pytest.raises(Refused) as refusal:
        decide(held)

    assert refusal.value.code == "lease-lost"


def test_what_is_decided_is_told_with_the_name_of_who_did():
    ana = make_user(name="Ana Ruiz")
    held = make_round(lease_by=ana)
    decide(held)

    with pytest.raises(Refused, match="Ana Ruiz has decided") as refusal:
        operations.decide(held, fence=1, verdict="benign", by=make_user())

    assert refusal.value.code == "already-decided"
    assert Decision.objects.count() == 1


@pytest.mark.usefixtures("assert_nothing_written")
@pytest.mark.parametrize(
    ("verdict", "findings", "path"),
    [
        ("violating", [], "violations"),
        ("guilty", [], "verdict"),
        ("benign", [Finding("known", 1)], "violations"),
        ("violating", [Finding("unknown", 1)], "violations.0.clause"),
        ("violating", [Finding("known", 1, version=9)], "violations.0.version"),
        ("violating", [Finding("known", 5)], "violations.0.severity"),
        ("violating", [Finding("known", 1, side="left")], "violations.0.side"),
        ("violating", [Finding("known", 1, span=Span(2, 0, 1))], "violations.0.span"),
        ("violating", [Finding("known", 1, span=Span(1, 3, 24))], "violations.0.span"),
        ("violating", [Finding("known", 1, span=Span(1, 3, 3))], "violations.0.span"),
        ("violating", [Finding("known", 1), Finding("known", 2)], "violations.1.clause"),
    ],
)
def test_what_does_not_fit_is_told_by_its_path(verdict, findings, path):
    make_clause(key="known")
    held = make_round(lease_by=make_user())  # the second message of the content has 23 characters

    with pytest.raises(Refused) as refusal:
        decide(held, verdict=verdict, findings=findings)

    assert (refusal.value.status, list(refusal.value.errors)) == (422, [path])


def test_the_same_clause_may_stand_on_two_sides():
    clause = make_clause(key="known")
    held = make_round(lease_by=make_user())

    decision = decide(
        held, verdict="violating", findings=[Finding("known", 1, side="prompt"), Finding("known", 2, side="completion")]
    )

    assert decision.violations.filter(clause=clause).count() == 2


def test_a_draft_is_not_applied():
    draft = make_clause(version=make_policy_version(status="draft", published_at=None))
    held = make_round(lease_by=make_user())

    with pytest.raises(Refused, match="never published"):
        decide(held, verdict="violating", findings=[Finding(draft.clause.key, 1, version=1)])


def test_spans_count_code_points():
    generation = make_generation(messages=[{"role": "user", "content": "🫖🫖🫖"}])
    held = make_round(item=make_item(generation=generation), lease_by=make_user())
    make_clause(key="known")

    decide(held, verdict="violating", findings=[Finding("known", 1, span=Span(0, 0, 3))])

    assert Violation.objects.get().span_end == 3


def test_a_failure_leaves_nothing_behind(monkeypatch):
    held = make_round(lease_by=make_user())
    draft = make_policy_version(policy=make_policy(restricted_category="child_safety"), status="draft")
    clause = make_clause(version=draft)
    publish(draft)
    monkeypatch.setattr(operations, "_restrict", lambda *arguments: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        decide(held, verdict="violating", findings=[Finding(clause.clause.key, severity=4)])

    held.refresh_from_db()
    assert held.status == "open"
    assert not Decision.objects.exists()


def test_a_decision_costs_the_same_number_of_queries_with_one_violation_and_with_five(django_assert_num_queries):
    clauses = [make_clause().clause.key for _clause in range(5)]
    operations.found.guidelines()
    for wanted in (1, 5):
        held = make_round(lease_by=make_user())
        with django_assert_num_queries(2):
            decide(held, verdict="violating", findings=[Finding(key, 1) for key in clauses[:wanted]])


@pytest.mark.django_db(transaction=True)
def test_the_same_round_decided_at_once_over_two_connections_is_decided_once(monkeypatch):
    reviewer = make_user()
    held = make_round(lease_by=reviewer)
    both_here = threading.Barrier(2)
    insert = operations._insert

    def wait_for_the_other(*arguments, **fields):
        both_here.wait(5)
        return insert(*arguments, **fields)

    monkeypatch.setattr(operations, "_insert", wait_for_the_other)
    outcomes = []

    def send(verdict):
        try:
            outcomes.append(operations.decide(held, fence=1, verdict=verdict, by=reviewer).verdict)
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[verdict]) for verdict in ("benign", "cannot_judge")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 2
    assert "already-decided" in outcomes
    assert Decision.objects.count() == 1
