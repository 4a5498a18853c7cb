"""Every write about groups: applying one decision to the others that wait, and splitting them again."""

from random import SystemRandom
from typing import Final

from django.db import transaction

from incidents.queues import operations as queues
from incidents.queues.models import GroupMember, Round
from incidents.review import operations as review, rules
from incidents.review.findings import Finding
from incidents.review.models import Decision, GroupDecision, GroupDecisionPart, Retraction, Violation
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

MOST_AT_ONCE: Final = 200  # what a person waits for takes a second at most; the rest is a second click
CHECKED: Final = 0.1

_chance = SystemRandom()


@transaction.atomic
def decide_group(decision: Decision, *, checked: float = CHECKED, by: User) -> GroupDecision:
    """Judge the items that wait in the group of ``decision``'s item as that one was judged, each by a decision.

    A share of them, ``checked`` (0 to 1) and at least one, stays open as a check. What others hold is left to them.
    Quoted spans are not carried over, since they may stand elsewhere. Raises Refused.
    """
    Round.objects.select_for_update(of=("self",)).get(pk=decision.round_id)  # an undo comes before or after
    decision = Decision.objects.select_related("item").get(pk=decision.pk)
    member = GroupMember.objects.filter(item=decision.item_id).first()
    is_retracted = Retraction.objects.filter(decision=decision).exists()
    if reason := rules.refusal_to_decide_group(decision, by, is_grouped=member is not None, is_retracted=is_retracted):
        raise Refused(reason)

    held = queues.hold_alike(decision.item, most=MOST_AT_ONCE, by=by)
    if member is None or len(held) < rules.FEWEST_ALIKE:
        raise Refused(rules.too_few_alike())
    checks = _chance.sample(held, max(1, round(len(held) * checked)))
    whole = GroupDecision.objects.create(group_id=member.group_id, decision=decision, by=by, at=clock.now())
    parts = [GroupDecisionPart(whole=whole, item_id=one.item) for one in checks]
    queues.let_go([one.round for one in checks], by=by)
    findings = _findings_of(decision)
    for one in held:
        if one not in checks:
            made = _decide_as(decision, findings, one, by=by)
            parts.append(GroupDecisionPart(whole=whole, item_id=one.item, decision=made))
    GroupDecisionPart.objects.bulk_create(parts)
    counts = {"judged": len(parts) - len(checks), "checks": len(checks)}
    record("group.judged", on=[whole, decision.item], by=by, data=counts)
    return whole


@transaction.atomic
def split_group(whole: GroupDecision, *, by: User) -> int:
    """Take back what ``whole`` decided: its items wait again, each for a judgement of its own. Return how many.

    The decision that was applied stands. Raises Refused, and takes nothing back, when enforcement rests on any.
    """
    parts = list(Decision.objects.effective().filter(part_of__whole=whole).order_by("round_id"))
    if reason := rules.refusal_to_split_group(whole, by, standing=len(parts)):
        raise Refused(reason)

    rounds = [review.undo(decision, by=by).pk for decision in parts]
    queues.let_go(rounds, by=by)
    record("group.split", on=[whole, whole.decision.item], by=by, data={"taken_back": len(parts)})
    return len(parts)


def _decide_as(decision: Decision, findings: list[Finding], held: queues.Held, *, by: User) -> Decision:
    return review.decide(
        Round(pk=held.round, item_id=held.item),
        fence=held.fence,
        verdict=decision.verdict,
        findings=findings,
        note=decision.note,
        by=by,
    )


def _findings_of(decision: Decision) -> list[Finding]:
    violations = Violation.objects.filter(decision=decision).select_related("clause__clause", "clause__version")
    return [
        Finding(
            clause=violation.clause.clause.key,
            severity=violation.severity,
            side=violation.side,
            complied=violation.complied,
            version=violation.clause.version.number,
        )
        for violation in violations.order_by("pk")
    ]
