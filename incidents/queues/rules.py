from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _, ngettext

from incidents.queues.models import LONGEST, MOST_STEPS, Damping, Passing, Queue, Round, RuleDraft, RuleSet
from incidents.wellbeing.rules import Bounds, Standing
from trust.accounts.models import User
from trust.permissions import Permission
from trust.refusals import Refused

LONGEST_REASON: Final = 500
SHORTEST_HOLD: Final = timedelta(minutes=5)
MOST_HANDED: Final = 20  # so that nobody's desk is where a queue is emptied onto


def refusal_to_claim(queue: Queue, by: User, *, is_cleared: bool) -> str | None:
    """``is_cleared`` says whether ``by`` holds a clearance in force for a restricted queue's category."""
    if sentence := refusal_to_take_part(by):
        return sentence
    if queue.is_for_leads and not by.may(Permission.MANAGE_QUEUES):
        return _("This queue is what reviewers gave to leads; only leads take items from it.")
    if queue.restricted_category and not is_cleared:
        return _("This queue is open only to people with a clearance for %(category)s.") % {
            "category": queue.get_restricted_category_display()
        }
    return None


def refusal_to_take_part(by: User) -> str | None:
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads take items to review.")
    return None


def is_free_for(round: Round, by: User) -> bool:
    """Say whether ``by``, who held ``round`` once, may simply take it again: nobody has it, where it was."""
    is_theirs = by.may(Permission.REVIEW) and (not round.queue.is_for_leads or by.may(Permission.MANAGE_QUEUES))
    is_free = round.status == Round.Status.OPEN and round.lease_by_id is None
    return is_free and is_theirs and round.purpose == Round.Purpose.FIRST


def refusal_to_set_notice(by: User) -> str | None:
    if not by.may(Permission.MANAGE_QUEUES):
        return _("Only leads say what to expect of a queue.")
    return None


def refusal_to_release(round: Round, by: User) -> str | None:
    if round.status != Round.Status.OPEN or round.lease_by_id is None:
        return _("Nobody holds this item.")
    if round.lease_by_id != by.pk and not by.may(Permission.MANAGE_QUEUES):
        return _("%(person)s holds this item; ask them to release it, or a lead.") % {"person": round.lease_by}
    return None


def refusal_as_not_held(round: Round, by: User, *, fence: int, now: datetime, is_open: bool) -> str | None:
    """Say that ``by`` does not hold the round under ``fence`` any more, or may not know of its item now (is_open)."""
    is_held = round.status == Round.Status.OPEN and round.lease_by_id == by.pk and round.fence == fence
    is_in_time = round.lease_until is not None and round.lease_until > now
    return None if is_held and is_in_time and is_open else lease_lost()


def refusal_to_hold(queue: Queue, *, until: datetime, now: datetime, holds: int) -> tuple[str, str] | None:
    """Return the field and why an item of ``queue`` is not kept on hold; ``holds`` counts the person's others here."""
    if not queue.most_holds:
        return "", _("Items of %(queue)s are not kept on hold.") % {"queue": queue.name}
    if holds >= queue.most_holds:
        sentence = ngettext(
            "You have %(holds)s item of %(queue)s on hold already; take it up again first.",
            "You have %(holds)s items of %(queue)s on hold already; take one up again first.",
            holds,
        )
        return "", sentence % {"holds": holds, "queue": queue.name}
    if until < now + SHORTEST_HOLD:
        return "until", _("A hold lasts at least five minutes.")
    if until > now + queue.longest_hold:
        latest = now + queue.longest_hold
        names = {"queue": queue.name, "latest": date_format(localtime(latest), "MONTH_DAY_TIME_FORMAT")}
        return "until", _("Items of %(queue)s are kept on hold until %(latest)s at the latest.") % names
    return None


def refusal_of_reason(reason: str) -> str | None:
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        return _("Say why, in at most %(most)s letters: whoever has it next reads it.") % {"most": LONGEST_REASON}
    return None


def refusal_to_hand_over(to: User, *, may_take: bool, waiting: int) -> str | None:
    """``may_take`` says whether ``to`` may be handed this round; ``waiting`` how many wait for their answer."""
    if not may_take:
        return _("%(person)s may not review this item; choose someone from the list.") % {"person": to}
    if waiting >= MOST_HANDED:
        sentence = ngettext(
            "%(person)s has %(waiting)s item to answer already; choose someone else.",
            "%(person)s has %(waiting)s items to answer already; choose someone else.",
            waiting,
        )
        return sentence % {"person": to, "waiting": waiting}
    return None


def refusal_to_take(round: Round, standing: Standing, bounds: Bounds) -> str | None:
    """Say why a round is not for a person who stands so, though it was handed to them."""
    if round.expected_severity >= bounds.below:
        return bounds.why
    if set(round.categories) & set(standing.opted_out):
        return _("It is of a kind that you chose not to be shown.")
    return bounds.why if set(round.categories) & set(bounds.avoided) else None


def refusal_to_assign(round: Round, by: User) -> str | None:
    """Say why ``by`` may not hand over what they do not hold themselves."""
    if not by.may(Permission.MANAGE_QUEUES):
        return _("Only leads hand over what others hold.")
    if round.status != Round.Status.OPEN:
        return _("This item does not wait for a judgement any more.")
    return None


def refusal_to_escalate(queue: Queue) -> str | None:
    if queue.is_for_leads:
        return _("Leads have this item already.")
    return None


def refusal_to_move(round: Round, to: Queue, by: User, *, priority: int, now: datetime) -> str | None:
    """Say why ``by`` may not put an item, which comes with its queue and holder, into another line or place."""
    if not by.may(Permission.MANAGE_QUEUES):
        return _("Only leads move items between queues.")
    if round.status != Round.Status.OPEN:
        return _("This item does not wait for a judgement any more.")
    if round.lease_by_id is not None and round.lease_until is not None and round.lease_until > now:
        return _("%(person)s holds this item; release it first.") % {"person": round.lease_by}
    if to.restricted_category != round.queue.restricted_category:
        return _("Restricted items stay in the queues of their category, and no others go there.")
    if to.pk == round.queue_id and priority == round.priority:
        return _("It is there already, with this priority.")
    return None


def not_handed() -> str:
    return _("This item does not wait for your answer any more.")


def refusal_to_set_up_queue(by: User) -> str | None:
    if not by.may(Permission.MANAGE_QUEUES):
        return _("Only leads change how a queue works.")
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


def refusal_to_ask_opinion(round: Round, *, is_asked: bool) -> str | None:
    """Say why no second opinion is asked for on ``round``, which who asks holds and has not decided.

    ``is_asked`` says that another round of the item waits for one, as when the decision before it was taken back.
    """
    if round.purpose == Round.Purpose.REJUDGE:
        return _("This is judged again already; give the item to a lead, or to a colleague, instead.")
    if round.purpose != Round.Purpose.FIRST:
        return _("This is a second opinion already; give the item to a lead, or to a colleague, instead.")
    if is_asked:
        return _("A second opinion on this item is asked for already.")
    return None


def waits_elsewhere() -> str:
    return _("Another judgement of this item waits; take this one back once that is given.")


def refusal_to_withdraw_opinion(round: Round, asked: Passing | None, by: User, *, now: datetime) -> str | None:
    """``asked`` is how a second opinion on ``round`` was last asked for without deciding."""
    if sentence := refusal_to_take_part(by):
        return sentence
    if round.status != Round.Status.OPEN:
        return _("%(person)s has decided this already.") % {"person": round.closed_by}
    if asked is None or asked.by_id != by.pk or round.purpose != Round.Purpose.SECOND_OPINION:
        return _("Only who asked for a second opinion takes that back.")
    if round.lease_by_id is not None and round.lease_until is not None and round.lease_until > now:
        return _("%(person)s holds this item; ask them to release it, or a lead.") % {"person": round.lease_by}
    if round.queue.is_for_leads and not by.may(Permission.MANAGE_QUEUES):
        return _("Leads have this item already.")
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
            "until": date_format(in_force.until, "DATE_FORMAT"),
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
