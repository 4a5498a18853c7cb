"""Who may do what to an enforcement action in which state, and what the ladder recommends."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from incidents.actors.models import Actor
from incidents.enforcement import kinds
from incidents.enforcement.models import (
    SHORTEST_STAKE,
    ActingCheck,
    ActingRule,
    Delivery,
    EnforcementAction,
    Extension,
    Strike,
)
from incidents.review.models import Decision, Violation
from policies.texts import NO_STEP, Step
from policies.vocabulary import BREAKABLE, EnforcementKind, Verdict
from trust import languages
from trust.accounts.models import User
from trust.audit import context
from trust.hostile import is_blank
from trust.outgoing.models import Message
from trust.permissions import Permission

Status = EnforcementAction.Status

TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    Status.RECOMMENDED: frozenset({Status.PROPOSED, Status.DECLINED}),
    Status.PROPOSED: frozenset({Status.APPROVED, Status.SCHEDULED, Status.DECLINED}),
    Status.SCHEDULED: frozenset({Status.APPROVED, Status.WITHDRAWN}),
    Status.APPROVED: frozenset({Status.DELIVERED, Status.IN_FORCE, Status.EXPIRED, Status.REVERSED}),
    Status.DELIVERED: frozenset({Status.IN_FORCE, Status.EXPIRED, Status.REVERSED}),
    Status.IN_FORCE: frozenset({Status.EXPIRED, Status.REVERSED}),
    Status.EXPIRED: frozenset(),
    Status.REVERSED: frozenset(),
    Status.DECLINED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}

STRIKES_OF_SEVERITY: Final = {0: 0, 1: 1, 2: 1, 3: 2, 4: 3}
STRIKES_PER_RUNG: Final = 3
STRIKE_DAYS: Final = 90
LONGEST_REASON: Final = 2000
DIRECTION: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")  # embeddings, overrides and isolates; not the marks
FARTHEST_START: Final = timedelta(days=90)
LONGEST_EXTENSION: Final = timedelta(days=3650)


@dataclass(frozen=True)
class Recommendation:
    """What strikes lead to. ``from_strikes`` is where a clause's own step begins; 0 where it has none."""

    kind: EnforcementKind
    from_strikes: int = 0

    @property
    def rung(self) -> int:
        return kinds.rung(self.kind)


# ── Strikes and what they recommend ──────────────────────


def recommended_kind(base: EnforcementKind | None, strikes: int) -> EnforcementKind | None:
    """Climb from ``base``, the clause's own recommendation, one rung for each three strikes that count.

    Strikes lead up to a ban, never to a referral: only a clause recommends that.
    """
    if base == EnforcementKind.REFERRAL:
        return base
    reached = (kinds.rung(base) if base else -1) + strikes // STRIKES_PER_RUNG
    return None if reached < 0 else kinds.LADDER[min(reached, kinds.rung(EnforcementKind.BAN))]


def recommendation(steps: Sequence[Step], strikes: int) -> Recommendation | None:
    """Say what one violated clause leads to at ``strikes``. ``steps`` are its own for the severity found.

    A clause that steps up by itself says all that it means to: it does not climb the ladder as well.
    """
    if len(steps) == 1:
        base = EnforcementKind(steps[0].kind) if steps[0].kind != NO_STEP else None
        kind = recommended_kind(base, strikes)
        return Recommendation(kind) if kind else None
    reached = [step for step in steps if step.from_strikes <= strikes][-1]
    return Recommendation(EnforcementKind(reached.kind), reached.from_strikes) if reached.kind != NO_STEP else None


def refusal_to_void_strike(strike: Strike, by: User) -> str | None:
    if not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead may void a strike.")
    if strike.voided_at:
        return _("This strike was voided already.")
    return None


# ── Proposing ────────────────────────────────────────────


def refusal_to_propose(by: User) -> str | None:
    if not by.may(Permission.PROPOSE_ENFORCEMENT):
        return _("Only reviewers and leads propose enforcement.")
    return None


def refusal_to_adopt(enforcement: EnforcementAction, by: User) -> str | None:
    if context.via_key():
        return _("A recommendation is adopted by a person, never by an API key.")
    return refusal_to_propose(by) or _refusal_of_state(enforcement, Status.RECOMMENDED)


def refusal_of_decisions(actor: Actor, decisions: Collection[Decision], effective: Collection[int]) -> str | None:
    """``effective`` are the ids of those that stand; ``decisions`` come with their item."""
    for decision in decisions:
        words = {"decision": decision.pk}
        if decision.item.actor_id != actor.pk:
            return _("Decision %(decision)s is about another actor.") % words
        if decision.verdict != Verdict.VIOLATING:
            return _("Decision %(decision)s found no violation.") % words
        if decision.pk not in effective:
            return _("Decision %(decision)s was taken back.") % words
    return None


def refusal_of_reason(reason: str) -> str | None:
    if is_blank(reason):
        return _("Give your reason: it is kept with the action.")
    if len(reason) > LONGEST_REASON:
        return _("The reason is longer than %(most)s characters.") % {"most": LONGEST_REASON}
    if "\0" in reason:
        return _("The reason holds a NUL character.")
    if DIRECTION.search(reason):
        return _("The reason holds a character that turns the direction of text round. Type it without.")
    return None


def refusal_of_start(starts_at: datetime | None, now: datetime) -> str | None:
    if starts_at is None:
        return None
    if starts_at <= now:
        return _("Choose a time that is still to come, or leave it empty: then it begins when it is approved.")
    if starts_at > now + FARTHEST_START:
        return _("Choose a time within the next %(days)s days.") % {"days": FARTHEST_START.days}
    return None


# ── Deciding ─────────────────────────────────────────────


def refusal_to_approve(enforcement: EnforcementAction, by: User) -> str | None:
    """Say why ``by`` may not approve ``enforcement``, or return None if they may. An API key counts as its owner."""
    if context.via_key():
        return _("Enforcement is approved by a person, never by an API key.")
    if not enforcement.is_severe:
        return refusal_to_propose(by) or _refusal_of_state(enforcement, Status.PROPOSED)
    if not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead may approve this kind of enforcement.")
    if enforcement.proposed_by_id == by.pk:
        return _("Someone other than the proposer must approve this.")
    return _refusal_of_state(enforcement, Status.PROPOSED)


def refusal_of_approval_reason(enforcement: EnforcementAction, reason: str, by: User) -> str | None:
    """Who carries out alone what they proposed has given their reason already."""
    if not reason and enforcement.proposed_by_id == by.pk:
        return None
    return refusal_of_reason(reason)


def refusal_to_break_glass(enforcement: EnforcementAction, by: User) -> str | None:
    """Say why ``by`` may not carry this out alone: only what they proposed, and only what can be undone."""
    if context.via_key():
        return _("Enforcement is carried out by a person, never by an API key.")
    if not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead may carry out a severe action alone.")
    if not enforcement.is_severe:
        return _("This kind takes one person anyway: approve it.")
    if enforcement.kind not in BREAKABLE:
        return _("A ban or a referral is never carried out by one person: suspend at once, and let a second decide.")
    if enforcement.status == Status.PROPOSED and enforcement.proposed_by_id != by.pk:
        return _("Someone else proposed it: approve it, and two people stand behind it.")
    if enforcement.starts_at:
        return _("It is to begin at a time that was set, so a second person can be waited for.")
    return _refusal_of_state(enforcement, Status.PROPOSED)


def refusal_of_stake(stake: str) -> str | None:
    if len(stake.strip()) < SHORTEST_STAKE:
        least = {"least": SHORTEST_STAKE}
        return _("Say in at least %(least)s characters what is at stake and why it cannot wait.") % least
    return refusal_of_reason(stake)


def refusal_to_review_glass(enforcement: EnforcementAction, by: User) -> str | None:
    if context.via_key():
        return _("What was carried out alone is reviewed by a person, never by an API key.")
    if not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead reviews what was carried out alone.")
    if not enforcement.broke_glass:
        return _("Nobody carried this out alone.")
    if enforcement.approved_by_id == by.pk:
        return _("You carried it out alone: another lead has to review it.")
    if enforcement.reviewed_at:
        return _("It was reviewed already.")
    return None


def refusal_to_decline(enforcement: EnforcementAction, by: User) -> str | None:
    return refusal_to_propose(by) or _refusal_of_state(enforcement, *EnforcementAction.OPEN)


def refusal_to_reverse(enforcement: EnforcementAction, by: User) -> str | None:
    if context.via_key():
        return _("Enforcement is reversed by a person, never by an API key.")
    if enforcement.is_severe and not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead may reverse this kind of enforcement.")
    return refusal_to_propose(by) or _refusal_of_state(enforcement, *EnforcementAction.RUNNING)


def refusal_to_withdraw(enforcement: EnforcementAction, by: User) -> str | None:
    """Before it begins, by those who could reverse it."""
    if context.via_key():
        return _("Enforcement is withdrawn by a person, never by an API key.")
    if enforcement.is_severe and not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead may withdraw this kind of enforcement.")
    return refusal_to_propose(by) or _refusal_of_state(enforcement, *EnforcementAction.AHEAD)


# ── A later end ──────────────────────────────────────────


def refusal_to_extend(enforcement: EnforcementAction, waiting: Extension | None, by: User) -> str | None:
    """Say why ``by`` may not propose a later end. ``waiting`` is the extension that was proposed before, if one was."""
    if context.via_key():
        return _("Enforcement is extended by a person, never by an API key.")
    if refusal := refusal_to_propose(by) or _refusal_of_state(enforcement, *EnforcementAction.RUNNING):
        return refusal
    if enforcement.ends_at is None:
        return _("It does not end by itself: there is nothing to extend.")
    if waiting:
        return _("A later end is proposed already: decide on that first.")
    return None


def refusal_of_end(enforcement: EnforcementAction, ends_at: datetime, now: datetime) -> str | None:
    if enforcement.ends_at and ends_at <= max(enforcement.ends_at, now):
        return _("Choose an end that is later than the present one.")
    if ends_at > now + LONGEST_EXTENSION:
        return _("Choose an end within the next %(days)s days.") % {"days": LONGEST_EXTENSION.days}
    return None


def refusal_to_approve_extension(extension: Extension, by: User) -> str | None:
    """As for the action itself: a severe one takes someone other than who proposed to extend it."""
    if context.via_key():
        return _("Enforcement is extended by a person, never by an API key.")
    if extension.is_severe and not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead may approve this kind of enforcement.")
    if extension.is_severe and extension.proposed_by_id == by.pk:
        return _("Someone other than the proposer must approve this.")
    return refusal_to_decline_extension(extension, by)


def refusal_to_decline_extension(extension: Extension, by: User) -> str | None:
    if refusal := refusal_to_propose(by):
        return refusal
    if extension.status != Extension.Status.PROPOSED:
        return _("This is %(status)s; that cannot be done to it now.") % {
            "status": languages.within(extension.get_status_display())
        }
    return None


# ── Carried out ──────────────────────────────────────────


def refusal_to_confirm(enforcement: EnforcementAction, by: User) -> str | None:
    """A person confirms what an endpoint's receipt does not."""
    return refusal_to_propose(by) or _refusal_of_state(enforcement, Status.DELIVERED)


def refusal_to_send_again(delivery: Delivery, by: User) -> str | None:
    if not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead may send a delivery again.")
    if delivery.message.status != Message.Status.DEAD:
        return _("Only a delivery that was given up can be sent again.")
    is_running = delivery.enforcement.status in EnforcementAction.RUNNING
    if delivery.purpose != Delivery.Purpose.LIFT and not is_running:
        return _("This action has ended; telling anyone to carry it out would be wrong.")
    if delivery.purpose != Delivery.Purpose.LIFT and _names_another_end(delivery):
        return _("It was extended since: send that message again, this one names the former end.")
    return None


# ── Rules that act by themselves ─────────────────────────


def refusal_to_write_rule(by: User) -> str | None:
    if not by.may(Permission.WRITE_ACTING_RULES):
        return _("Only leads and policy approvers write rules that act by themselves.")
    return None


def refusal_of_acting_kind(kind: str) -> str | None:
    if EnforcementKind(kind).is_severe:
        return _("A rule carries out nothing that takes two people.")
    return None


def refusal_to_arm_rule(rule: ActingRule, by: User) -> str | None:
    if context.via_key():
        return _("A rule is armed by a person, never by an API key.")
    if not by.may(Permission.APPROVE_ENFORCEMENT):
        return _("Only a lead may arm a rule.")
    if rule.written_by_id == by.pk:
        return _("You wrote it: another lead has to arm it.")
    if rule.disarmed_at:
        return _("It was switched off for good: write it anew.")
    if rule.armed_at:
        return _("It is armed already.")
    return None


def refusal_to_disarm_rule(rule: ActingRule, by: User) -> str | None:
    if rule.disarmed_at:
        return _("It is off already.")
    return refusal_to_write_rule(by)


def fits(rule: ActingRule, actor: Actor, findings: Iterable[Violation], strikes: int) -> bool:
    """Say whether ``rule`` acts on ``findings`` against ``actor``. No query: findings come with their clause."""
    if strikes < rule.from_strikes or (rule.actor_kinds and actor.kind not in rule.actor_kinds):
        return False
    return any(one.severity == rule.severity and one.clause.clause_id == rule.clause_id for one in findings)


def is_drawn(rule: ActingRule, decision: int) -> bool:
    """Say whether what ``rule`` does on ``decision`` is looked at by a person: alike at every attempt."""
    digest = hashlib.sha256(b"acting %d %d" % (rule.pk, decision)).digest()
    return int.from_bytes(digest[:6]) * 100 < rule.share * 2**48


def refusal_to_check(check: ActingCheck, by: User, *, has_judged: bool) -> str | None:
    """``has_judged``: a decision that the action rests on is by them. ``check`` comes with its rule."""
    if context.via_key():
        return _("What a rule did is checked by a person, never by an API key.")
    if refusal := refusal_to_propose(by):
        return refusal
    if has_judged:
        return _("You judged what it rests on: somebody else has to check it.")
    if by.pk in (check.rule.written_by_id, check.rule.armed_by_id):
        return _("You wrote or armed the rule: somebody else has to check what it did.")
    if check.checked_at:
        return _("It was checked already.")
    return None


def _names_another_end(delivery: Delivery) -> bool:
    ends_at = delivery.enforcement.ends_at
    named: str | None = delivery.message.payload["data"].get("ends_at")
    return named != (ends_at.isoformat() if ends_at else None)


def _refusal_of_state(enforcement: EnforcementAction, *expected: str) -> str | None:
    if enforcement.status in expected:
        return None
    return _("This is %(status)s; that cannot be done to it now.") % {
        "status": languages.within(enforcement.get_status_display())
    }
