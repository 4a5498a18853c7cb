from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from incidents.queues.models import LONGEST, MOST_STEPS, Damping, Queue, Round, RuleDraft, RuleSet
from trust.accounts.models import User
from trust.permissions import Permission
from trust.refusals import Refused

LONGEST_REASON: Final = 500


def refusal_to_claim(queue: Queue, by: User, *, is_cleared: bool) -> str | None:
    """``is_cleared`` says whether ``by`` holds a clearance in force for a restricted queue's category."""
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads take items to review.")
    if queue.restricted_category and not is_cleared:
        return _("This queue is open only to people with a clearance for %(category)s.") % {
            "category": queue.get_restricted_category_display()
        }
    return None


def refusal_to_release(round: Round, by: User) -> str | None:
    if round.status != Round.Status.OPEN or round.lease_by_id is None:
        return _("Nobody holds this item.")
    if round.lease_by_id != by.pk and not by.may(Permission.MANAGE_QUEUES):
        return _("%(person)s holds this item; ask them to release it, or a lead.") % {"person": round.lease_by}
    return None


def lease_lost() -> str:
    return _("Your hold on this item has ended. What you typed is still here; take the item again to send it.")


def refusal_to_ask_second_opinion(rounds: Sequence[Round], by: User) -> str | None:
    """``rounds`` are all of the item's."""
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads may ask for a second opinion.")
    if not rounds or any(round.status == Round.Status.OPEN for round in rounds):
        return _("This item still waits for a judgement; a second opinion comes after it.")
    return None


def refusal_to_change_rules(by: User) -> str | None:
    if not by.may(Permission.MANAGE_ROUTING):
        return _("Only leads change how alerts are routed.")
    return None


def refusal_to_publish_rules(in_force: RuleSet, *, based_on: int, reason: str, by: User) -> Refused | None:
    """Return what to raise: besides the sentence, a caller must tell "stale" from the rest."""
    if sentence := refusal_to_change_rules(by):
        return Refused(sentence)
    if based_on != in_force.number:
        return stale(in_force)
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        sentence = _("Say why, in at most %(most)s letters: whoever goes back to this reads it.") % {
            "most": LONGEST_REASON
        }
        return Refused(sentence, code="invalid", errors={"reason": [sentence]})
    return None


def stale(in_force: RuleSet) -> Refused:
    sentence = _("Someone saved version %(number)s meanwhile.") % {"number": in_force.number}
    return Refused(sentence, code="stale")


def stale_draft(draft: RuleDraft | None, now: datetime) -> Refused:
    """Return what to raise when a page shows another edition than ``draft``, the one that there is by now."""
    if draft is None:
        sentence = _("You saved or discarded this draft in another tab.")
    elif now - draft.changed_at < timedelta(minutes=1):
        sentence = _("You changed this draft in another tab just now.")
    else:
        names = {"time": timesince(draft.changed_at, now)}
        sentence = _("You changed this draft in another tab %(time)s ago.") % names
    return Refused(sentence, code="stale-draft")


def nothing_changed() -> str:
    return _("These are the rules in force already.")


def too_many_rules(most: int) -> str:
    return _("A set has at most %(most)s rules.") % {"most": most}


def refusal_to_damp(damping: Damping, by: User, *, in_force: Damping | None) -> str | None:
    """``in_force`` is what damps the very same thing now."""
    if not by.may(Permission.MANAGE_ROUTING):
        return _("Only a lead may mute or lower a source or a detector.")
    if in_force is not None:
        return _("%(person)s did this already, until %(until)s. Lift that first.") % {
            "person": in_force.by,
            "until": date_format(in_force.until, "j M Y"),
        }
    if not damping.reason or len(damping.reason) > LONGEST_REASON:
        return _("Say why, in at most %(most)s letters.") % {"most": LONGEST_REASON}
    if damping.steps is not None and not 1 <= damping.steps <= MOST_STEPS:
        return _("Priority is lowered by 1 to %(most)s steps.") % {"most": MOST_STEPS}
    if not damping.begins_at < damping.until <= damping.begins_at + LONGEST:
        return _("It must end, at most %(days)s days from now.") % {"days": LONGEST.days}
    return None


def refusal_to_lift(damping: Damping, by: User, *, now: datetime) -> str | None:
    if not by.may(Permission.MANAGE_ROUTING):
        return _("Only a lead may lift this.")
    if not damping.is_in_force(now):
        return _("This has ended already.")
    return None
