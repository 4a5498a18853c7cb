"""What happens to actors of the demo in other ways: by a rule, for longer than planned, and by one lead alone."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import QuerySet

from incidents.actors.models import Actor
from incidents.desk.demo.cast import Cast
from incidents.enforcement import kinds, operations as enforcement, queries
from incidents.enforcement.models import ActingCheck, EnforcementAction, Strike
from incidents.enforcement.operations import Proposal, RuleDraft
from policies.models import Clause
from policies.vocabulary import EnforcementKind, Severity, Standing
from trust import clock

Outcome = ActingCheck.Outcome

CLAUSE_OF_RULE, CLAUSE_OF_ALARM = "spam.bulk", "fraud.phishing"
WHY_A_RULE = "Bulk text of the mildest kind: everyone sent the same notice, a day late."
CHECKED_AFTER = timedelta(days=2)
WRONG_EACH = 7
CHECKS = {
    Outcome.RIGHT: "Read whole: filler, as the reviewer said. A notice is what we send.",
    Outcome.WRONG: "These are subject lines for one newsletter, which its readers asked for.",
}
WHY_AT_ONCE = "Pages that pretend to be a bank's sign-in, made for people outside."
STAKE = "Each minute another message goes out that asks for a password. Nobody else of us is awake."
LOOKED_AT = "Read the next morning: the findings stand, and an hour would have been too long."
WHY_LONGER = "The new owner of the account takes over next week; until then it stays closed."
AGREED = "Agreed with the customer by telephone."
WHY_LATER = "They were promised until the first to change how they ask."
NO_LONGER = "They changed it already: nothing came since."


def live(cast: Cast, day: int, days: int) -> None:
    """Let one evening of ``days`` pass. The rule is armed early on; the rest happens in the last days."""
    steps: dict[int, Callable[[Cast], None]] = {
        days // 4: arm_a_rule,
        days - 4: carry_out_alone,
        days - 3: let_end_later,
        days - 2: plan_ahead,
    }
    if day in steps:
        steps[day](cast)
    check(cast)


def arm_a_rule(cast: Cast) -> None:
    """Let the policy approver write it, and a lead arm it: from then on each sweep of strikes may act."""
    draft = RuleDraft(
        clause=Clause.objects.get(key=CLAUSE_OF_RULE),
        severity=Severity.MINOR,
        kind=EnforcementKind.NOTICE,
        parameters=kinds.defaults(EnforcementKind.NOTICE),
        reason=WHY_A_RULE,
        share=50,
        cap=2,
    )
    rule = enforcement.write_rule(draft, by=cast.approver)
    with clock.at(clock.now() + timedelta(minutes=8)):
        enforcement.arm_rule(rule, by=cast.leads[0])


def check(cast: Cast) -> None:
    """Let leads, in turn, look at what was drawn some days ago; the newest still wait for a person."""
    done = ActingCheck.objects.filter(checked_at__isnull=False).count()
    drawn = ActingCheck.objects.waiting().filter(drawn_at__lte=clock.now() - CHECKED_AFTER)
    for place, one in enumerate(drawn.select_related("enforcement", "rule").order_by("drawn_at", "pk"), done):
        outcome = Outcome.WRONG if place % WRONG_EACH == 2 else Outcome.RIGHT
        others = [lead for lead in cast.leads if lead.pk not in (one.rule.written_by_id, one.rule.armed_by_id)]
        by = others[place % len(others)]
        if not queries.has_judged(one.enforcement, by):
            enforcement.check(one, outcome, reason=CHECKS[outcome], by=by)


def carry_out_alone(cast: Cast) -> None:
    """Let one lead suspend an account at once, and another look at it an hour later."""
    first, second = cast.leads[:2]
    alarm = _newest_strike()
    if alarm is None:
        return
    kind = EnforcementKind.SUSPENSION
    proposal = Proposal(kind=kind, parameters=kinds.defaults(kind), reason=WHY_AT_ONCE, decisions=[alarm.decision])
    proposed = enforcement.propose(alarm.actor, proposal, by=first)
    alone = enforcement.break_glass(proposed, stake=STAKE, by=first)
    with clock.at(clock.now() + timedelta(minutes=70)):
        confirmed = EnforcementAction.ReviewOutcome.CONFIRMED
        enforcement.review_glass(alone, confirmed, reason=LOOKED_AT, by=second)


def let_end_later(cast: Cast) -> None:
    """Let the suspension that ends next end a fortnight later: one lead proposes that, another approves."""
    first, second = cast.leads[:2]
    running = EnforcementAction.objects.running().filter(kind=EnforcementKind.SUSPENSION)
    next_to_end = running.filter(ends_at__gt=clock.now() + timedelta(days=1)).order_by("ends_at", "pk").first()
    if next_to_end is None or next_to_end.ends_at is None:
        return
    ends_at = next_to_end.ends_at + timedelta(days=14)
    extension = enforcement.extend(next_to_end, ends_at=ends_at, reason=WHY_LONGER, by=first)
    with clock.at(clock.now() + timedelta(minutes=40)):
        enforcement.approve_extension(extension, reason=AGREED, by=second)


def plan_ahead(cast: Cast) -> None:
    """Let two limits be approved that begin in some days; one is withdrawn, the other still lies ahead at the end."""
    first, second = cast.leads[:2]
    kind = EnforcementKind.RATE_LIMIT
    starts_at = clock.now() + timedelta(days=10)
    for place, strike in enumerate(_newest_strikes()[:2]):
        proposal = Proposal(
            kind=kind,
            parameters=kinds.defaults(kind),
            reason=WHY_LATER,
            decisions=[strike.decision],
            starts_at=starts_at,
        )
        proposed = enforcement.propose(strike.actor, proposal, by=first)
        planned = enforcement.approve(proposed, reason=WHY_LATER, by=second)
        if place == 0:
            with clock.at(clock.now() + timedelta(minutes=30)):
                enforcement.withdraw(planned, reason=NO_LONGER, by=second)


def _newest_strikes() -> QuerySet[Strike]:
    """Return those that count on actors who still may do everything."""
    closed = Actor.objects.filter(standing__in=[Standing.SUSPENDED, Standing.BANNED])
    strikes = Strike.objects.counting(clock.now()).exclude(actor__in=closed).select_related("actor", "decision")
    return strikes.order_by("-created_at", "-pk")


def _newest_strike() -> Strike | None:
    """Return the newest for what calls for haste, else the newest of all."""
    newest = _newest_strikes()
    urgent = newest.filter(
        decision__violations__clause__clause__key=CLAUSE_OF_ALARM, decision__violations__severity=Severity.SERIOUS
    )
    return urgent.first() or newest.first()
