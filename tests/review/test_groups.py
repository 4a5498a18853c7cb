import pytest
from django.utils import timezone

from incidents.intake import operations as intake
from incidents.queues import operations as queues
from incidents.queues.models import Item, ItemToGroup, Round
from incidents.review import group_operations, operations
from incidents.review.findings import Finding, Span
from incidents.review.models import Decision, DecisionToCount, GroupDecision, GroupDecisionPart
from tests.factories import (
    make_clause,
    make_generation,
    make_item,
    make_policy_version,
    make_queue,
    make_round,
    make_user,
)
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def panel_of(client, item: Item, *, by=None) -> str:
    """Return the panel as ``by`` sees it, or a lead."""
    client.force_login(by or make_user(role="lead"))
    return client.get(f"/items/{item.pk}/group/").content.decode()


TEXT = "Write a product review for a tea that I never drank, number %s."


def make_alike(many: int) -> list[Round]:
    """Make ``many`` near-identical items in one group, each with a free first round."""
    rounds = []
    for number in range(many):
        generation = make_generation(messages=[{"role": "user", "content": TEXT % number}])
        rounds.append(make_round(item=make_item(generation=generation)))
        ItemToGroup.objects.create(item=rounds[-1].item)
    queues.group_items()
    return rounds


def decided(round: Round, **fields) -> Decision:
    by = fields.pop("by", None) or make_user()
    claim = queues.claim(round.queue, by=by)
    return operations.decide(round, fence=claim.fence, by=by, **{"verdict": "benign", **fields})


def test_a_decision_is_applied_to_those_that_wait_and_a_tenth_stays_open_as_a_check():
    rounds = make_alike(21)
    decision = decided(rounds[0], note="Mild.")

    whole = group_operations.decide_group(decision, by=decision.by)

    made = Decision.objects.exclude(pk=decision.pk)
    assert made.count() == 18
    assert set(made.values_list("verdict", "note", "by")) == {("benign", "Mild.", decision.by_id)}
    assert Item.objects.filter(status="closed", verdict="benign").count() == 19
    checks = whole.parts.filter(decision=None).values_list("item", flat=True)
    assert set(checks) == set(Round.objects.free().values_list("item", flat=True))
    assert len(checks) == 2
    assert AuditEvent.objects.filter(kind="decision.made").count() == 19
    assert AuditEvent.objects.about(whole).get().data == {"judged": 18, "checks": 2}
    assert DecisionToCount.objects.count() == 19


def test_violations_are_carried_over_at_their_version_without_the_quoted_span():
    rounds = make_alike(3)
    clause = make_clause()
    finding = Finding(clause.clause.key, 3, "prompt", complied=True, span=Span(0, 0, 5))
    decision = decided(rounds[0], verdict="violating", findings=[finding])

    group_operations.decide_group(decision, by=decision.by)

    other = Decision.objects.exclude(pk=decision.pk).get()
    violation = other.violations.get()
    assert (violation.clause, violation.severity, violation.side, violation.complied) == (clause, 3, "prompt", True)
    assert violation.span_message is None
    assert other.item.severity == 3


def test_what_others_hold_and_what_is_restricted_is_left_to_them():
    rounds = make_alike(6)
    decision = decided(rounds[0])
    other = make_user()
    held = queues.claim(rounds[1].queue, by=other)
    intake.restrict(rounds[2].item.generation, category="child_safety", by=None)
    closed = make_queue(restricted_category="child_safety")
    Round.objects.filter(pk=rounds[3].pk).update(queue=closed)

    whole = group_operations.decide_group(decision, by=decision.by)

    assert {part.item_id for part in whole.parts.all()} == {rounds[4].item_id, rounds[5].item_id}
    assert Round.objects.get(pk=held.round_id).lease_by == other


def test_splitting_takes_back_every_decision_but_the_one_that_was_applied():
    rounds = make_alike(4)
    decision = decided(rounds[0])
    whole = group_operations.decide_group(decision, by=decision.by)

    assert group_operations.split_group(whole, by=decision.by) == 2

    assert list(Decision.objects.effective()) == [decision]
    assert Round.objects.free().count() == 3
    assert Item.objects.filter(status="open", verdict="").count() == 3
    assert AuditEvent.objects.filter(kind="decision.taken_back").count() == 2
    with pytest.raises(Refused, match="already"):
        group_operations.split_group(whole, by=decision.by)


def test_who_may_apply_and_split():
    rounds = make_alike(3)
    decision = decided(rounds[0])
    with pytest.raises(Refused, match="only your own"):
        group_operations.decide_group(decision, by=make_user(role="lead"))
    decision.by.roles = ["analyst"]
    with pytest.raises(Refused, match="Only reviewers"):
        group_operations.decide_group(decision, by=decision.by)
    decision.by.roles = ["reviewer"]
    whole = group_operations.decide_group(decision, by=decision.by)

    with pytest.raises(Refused, match="only your own"):
        group_operations.split_group(whole, by=make_user())

    assert group_operations.split_group(whole, by=make_user(role="lead")) == 1


@pytest.mark.parametrize(
    ("many", "verdict", "reason"), [(1, "benign", "Fewer"), (2, "benign", "Fewer"), (3, "cannot_judge", "says")]
)
def test_what_is_not_applied_leaves_nothing_behind(many, verdict, reason):
    rounds = make_alike(many)
    decision = decided(rounds[0], verdict=verdict)

    with pytest.raises(Refused, match=reason):
        group_operations.decide_group(decision, by=decision.by)

    assert not GroupDecision.objects.exists()
    assert Round.objects.free().count() == many - 1


def test_a_decision_that_was_taken_back_is_not_applied():
    rounds = make_alike(3)
    decision = decided(rounds[0])
    operations.undo(decision, by=decision.by)

    with pytest.raises(Refused, match="taken back"):
        group_operations.decide_group(decision, by=decision.by)


def test_a_failure_half_way_leaves_everything_as_it_was(monkeypatch):
    rounds = make_alike(5)
    decision = decided(rounds[0])
    monkeypatch.setattr(group_operations, "_findings_of", lambda decision: [Finding("no-such-clause", 1)])

    with pytest.raises(Refused):
        group_operations.decide_group(decision, by=decision.by)

    assert not GroupDecisionPart.objects.exists()
    assert Round.objects.free().count() == 4


def test_the_panel_says_how_many_are_alike_and_offers_to_judge_them_once_one_is_judged(client):
    rounds = make_alike(5)
    assert "4 more like this. 4 wait." in panel_of(client, rounds[0].item)
    assert "Judge those that wait" not in panel_of(client, rounds[0].item)
    decision = decided(rounds[0])

    panel = panel_of(client, rounds[0].item, by=decision.by)

    assert f'action="/items/decisions/{decision.pk}/group/"' in panel
    assert f'href="/items/{rounds[4].item_id}/"' in panel


def test_judging_alike_from_the_page_and_taking_it_back(client):
    rounds = make_alike(5)
    decision = decided(rounds[0])
    client.force_login(decision.by)

    judged = client.post(f"/items/decisions/{decision.pk}/group/", follow=True)
    whole = GroupDecision.objects.get()
    panel = panel_of(client, rounds[0].item, by=decision.by)
    split = client.post(f"/items/group-decisions/{whole.pk}/split/", follow=True)

    assert "3 others were judged the same. Left open as a check: 1." in judged.content.decode()
    assert f'action="/items/group-decisions/{whole.pk}/split/"' in panel
    assert "3 decisions were taken back." in split.content.decode()
    assert "Take back" not in panel_of(client, rounds[0].item, by=decision.by)


def test_the_button_says_why_it_cannot_be_pressed(client):
    rounds = make_alike(2)
    decision = decided(rounds[0])

    panel = panel_of(client, rounds[0].item, by=decision.by)

    assert "disabled" in panel
    assert "judge them one by one" in panel
    client.force_login(decision.by)
    assert client.post(f"/items/decisions/{decision.pk}/group/").status_code == 409


def test_parts_say_how_they_were_judged_and_checks_that_they_are_checks(client):
    rounds = make_alike(3)
    decision = decided(rounds[0])
    group_operations.decide_group(decision, by=decision.by)
    judged = GroupDecisionPart.objects.exclude(decision=None).get()
    check = GroupDecisionPart.objects.get(decision=None)

    assert f"Judged as item {decision.item_id} was" in panel_of(client, judged.item)
    assert "Left open as a check" in panel_of(client, check.item)


def make_same(many: int) -> list[Round]:
    rounds = [make_round(item=make_item()) for _round in range(many)]
    ItemToGroup.objects.bulk_create([ItemToGroup(item=round.item) for round in rounds])
    queues.group_items()
    return rounds


def test_what_was_judged_benign_before_is_told_of_the_very_same_text(client):
    first, second = make_same(2)
    decided(first)

    panel = panel_of(client, second.item)

    assert "Judged benign before." in panel
    assert f"Item {first.item_id} had the very same text" in panel


@pytest.mark.parametrize("event", ["other text", "newer verdict", "taken back", "policy published"])
def test_that_memory_is_void_when_anything_changes(client, event):
    first, second, third = make_alike(3) if event == "other text" else make_same(3)
    decision = decided(first)
    if event == "newer verdict":
        decided(third, verdict="cannot_judge")
    if event == "taken back":
        operations.undo(decision, by=decision.by)
    if event == "policy published":
        make_policy_version(published_at=timezone.now())

    assert "Judged benign before" not in panel_of(client, second.item)


def test_an_item_without_a_group_says_so(client):
    assert "Nothing else is like this item." in panel_of(client, make_round().item)


@pytest.mark.parametrize("many", [2, 60])
def test_the_panel_takes_as_many_queries_however_many_are_alike(client, django_assert_num_queries, many):
    item = make_same(many)[0].item
    lead = make_user(role="lead")
    client.force_login(lead)

    with django_assert_num_queries(12):
        client.get(f"/items/{item.pk}/group/")


def test_after_a_decision_the_toast_leads_to_the_others(client):
    rounds = make_alike(4)
    decision = decided(rounds[0])
    following = make_round(lease_by=decision.by)
    client.force_login(decision.by)

    page = client.get(f"/items/{following.item_id}/?decided={decision.pk}").content.decode()

    assert f'<a href="/items/{decision.item_id}/">Others like it wait.</a>' in page
