"""Taking a round, keeping it, giving it back. Rows, not audit events: what was decided is on record, not who looked."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from incidents.queues import queries, rules
from incidents.queues.models import Passing, Queue, Round, Skip
from incidents.queues.operations.openness import IS_OPEN
from incidents.queues.stream.nudging import nudge
from incidents.wellbeing import operations as care, queries as wellbeing
from incidents.wellbeing.rules import Bounds, Standing, bounds_of
from trust import clock, prepared
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

SKIPPED_FOR: Final = timedelta(hours=12)
LEFT_FOR: Final = timedelta(minutes=3)  # longer than pages wait between renewals, for who has the item open twice
AHEAD: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Place:
    """Where a claim looks, for how long it holds, and the round that it is not about (0: any)."""

    queue: Queue
    lease: timedelta
    besides: int


@dataclass(frozen=True)
class Claim:
    """A lease on one round: only who shows ``fence`` may decide, and only before ``until``."""

    round_id: int
    item_id: int
    fence: int
    until: datetime


# What became restricted is handed out by the queue for that alone, whose claims take a clearance: not by the queue that
# it is about to be moved from. A value, not "exists", so that it is looked up for the one row at hand.
_BELONGS = """
    coalesce((
        select restriction.category from queues_item i
        join intake_restriction restriction on restriction.generation_id = i.generation_id where i.id = r.item_id
    ), %(category)s) = %(category)s
"""
# A round of a further opinion never goes to someone who closed an earlier one, nor to who asked for it.
_FIT = f"""
    {_BELONGS}
    and not exists (select from queues_skip s where s.person_id = %(by)s and s.round_id = r.id and s.until > {{now}})
    and (r.purpose = 'first' or not exists (
        select from queues_round earlier where earlier.item_id = r.item_id and earlier.closed_by_id = %(by)s
    ) and not exists (
        select from queues_passing asked where asked.round_id = r.id and asked.by_id = %(by)s and asked.kind = 'asked'))
"""  # noqa: S608  parts of our own

# What its holder put on hold sleeps until its time, and is then the first that they are handed. Asked of what they hold
# alone; see Passing.
_IS_AWAKE = """
    not exists (
        select from queues_passing p where p.round_id = r.id and p.kind = 'held' and p.until > {now}
            and p.fence = r.fence and p.lease_until = r.lease_until)
"""

# What was handed to a person waits for their answer: it is theirs once they claim or renew it.
_IS_TAKEN = """
    not exists (
        select from queues_passing p where p.round_id = r.id and p.kind = 'handed_over'
            and p.fence = r.fence and p.lease_until = r.lease_until)
"""

# In this order: what the person holds already, what others left lying, the next in claim order. What comes later is not
# looked for once one is found. What one holds is found by its holder and told by expressions: else a plan may walk all
# that is held in the queue, by whomever, until it meets one's own.
_ANY_CLAIM = f"""
    update queues_round r
    set lease_by_id = %(by)s,
        lease_until = greatest(
            {{now}} + %(lease)s, case when r.lease_by_id = %(by)s and %(besides)s <> 0 then r.lease_until end),
        fence = r.fence + case when r.lease_by_id = %(by)s and r.lease_until > {{now}} then 0 else 1 end
    where {{whom}} r.id = coalesce((
        select r.id from queues_round r
        where r.status = 'open' and r.lease_by_id = %(by)s and r.queue_id + 0 = %(queue)s
            and coalesce(r.lease_until, '-infinity') > {{now}} and r.id <> %(besides)s {{handed}}
            and {_BELONGS} and {_IS_AWAKE}
        order by r.lease_until + interval '0' desc, r.id limit 1 for no key update
    ), (
        select r.id from queues_round r
        where r.status = 'open' and r.lease_by_id is not null and r.queue_id = %(queue)s and r.lease_until <= {{now}}
            and r.id <> %(besides)s {{bounds}} and {_FIT}
        order by r.lease_until limit 1 for no key update skip locked
    ), (
        select r.id from queues_round r
        where r.status = 'open' and r.lease_by_id is null and r.queue_id = %(queue)s
            {{bounds}} {{among}} and {_FIT}
        order by r.rank, r.due_at, r.id limit 1 for no key update skip locked
    ))
    returning r.id, r.item_id, r.fence, r.lease_until
"""  # noqa: S608  parts of our own


def _statement(*, whom: str = "", bounds: str = "", among: str = "") -> str:
    handed = f"and ({_IS_TAKEN} or true {bounds})" if bounds else ""
    statement = _ANY_CLAIM.replace("{whom}", whom).replace("{handed}", handed)
    return statement.replace("{bounds}", bounds).replace("{among}", among)


# For who has no limits and opted out of nothing; for anyone else it finds nothing, and has cost next to nothing.
_CLAIM = _statement(whom=f"not {wellbeing.IS_BOUNDED} and")
# For the others: what is too severe now, or of a category that they opted out of or had enough of, stays for others.
_BOUNDS = "and r.expected_severity < %(below)s and not r.categories && %(avoided)s::bigint[]"
_CLAIM_WITHIN_BOUNDS = _statement(bounds=_BOUNDS)
# For a wish, not a rule: looks at the head of the line alone, so that a line without a fit is not walked to its end.
_HEAD = """
    and r.id = any (array(
        select id from queues_round where status = 'open' and lease_by_id is null and queue_id = %(queue)s
        order by rank, due_at, id limit 1000))
"""
_CLAIM_NEAR = _statement(bounds=_BOUNDS, among=_HEAD)
_WAITS = f"""
    select exists (
        select from queues_round r where r.status = 'open' and r.queue_id = %(queue)s
            and (r.lease_by_id is null or r.lease_until <= {{now}}) {_BOUNDS} and {_FIT}
    )
"""  # noqa: S608  parts of our own
_HELD_UNSEEN = f"""
    select r.expected_severity from queues_round r
    where r.status = 'open' and r.lease_by_id = %(by)s and r.lease_until > {{now}} and {_IS_TAKEN} and not exists (
        select from wellbeing_exposure e
        where e.person_id = %(by)s and e.day = %(day)s and e.item_id = r.item_id and e.is_reveal)
"""  # noqa: S608  a part of our own

# A claim that a crash of the machine forgets does no harm: the round is free again, and its holder is told so kindly.
_WITHOUT_WAITING_FOR_THE_DISK = ", set_config('synchronous_commit', 'off', true)"


def claim(queue: Queue, *, by: User) -> Claim | None:
    """Give ``by`` the next round of ``queue``, or the one they hold there already; None when nothing waits for them.

    One statement, which skips what others are just taking, so that nobody waits and no round is taken twice; some more
    for who has limits. Raises Refused, as exposure-limit when something waits that is too much for them now.
    """
    return _claim(queue, lease=queue.lease, besides=0, by=by)


def claim_ahead(round: Round, *, by: User) -> Claim | None:
    """Give ``by``, who is about to decide ``round``, the next one of its queue for two minutes. Raises Refused.

    It is theirs for as long as any other once it is renewed, or claimed; until then ``let_go_ahead`` gives it back.
    Nothing is sent ahead of what is restricted.
    """
    if round.lease_by_id != by.pk:
        raise Refused(rules.lease_lost(), code="lease-lost")
    if round.queue.restricted_category:
        return None
    return _claim(round.queue, lease=min(round.queue.lease, AHEAD), besides=round.pk, by=by)


def let_go_ahead(round: Round, *, until: datetime, by: User) -> bool:
    """Give a round back that was claimed ahead ``until`` then, unless it was taken up since. Say whether it was.

    What was held in full when it was sent ahead, as after an undo, stays held.
    """
    if until > clock.now() + AHEAD:
        return False
    held = Round.objects.filter(pk=round.pk, status=Round.Status.OPEN, lease_by=by, lease_until=until)
    return bool(held.update(lease_by=None, lease_until=None))


def _claim(queue: Queue, *, lease: timedelta, besides: int, by: User) -> Claim | None:
    is_cleared = not queue.restricted_category or queries.is_cleared(by, queue.restricted_category, clock.now())
    if reason := rules.refusal_to_claim(queue, by, is_cleared=is_cleared):
        raise Refused(reason)
    place = Place(queue, lease, besides)
    if found := _take(_CLAIM, place, by, Bounds()):
        return found
    ((is_bounded,),) = _execute(f"select {wellbeing.IS_BOUNDED}", {"by": by.pk})
    return _claim_within_bounds(place, by) if is_bounded else None


@transaction.atomic
def _claim_within_bounds(place: Place, by: User) -> Claim | None:
    """Claim for who has limits or opted out of something: one claim at a time, so that two never share what is left."""
    care.wait_for_others(by)
    standing = standing_for(by)
    bounds = bounds_of(standing, clock.now())
    if bounds.cooler < bounds.below and (found := _take(_CLAIM_NEAR, place, by, replace(bounds, below=bounds.cooler))):
        return found
    found = _take(_CLAIM_WITHIN_BOUNDS, place, by, bounds)
    if found is None and bounds.why:
        ((waits,),) = _execute(_WAITS, _values(place, by, Bounds(avoided=tuple(standing.opted_out))))
        if waits:
            raise Refused(bounds.why, code="exposure-limit")
    return found


def standing_for(by: User) -> Standing:
    """Return where ``by`` stands, with what they hold and have not revealed. 2 queries."""
    now = clock.now()
    held = [severity for (severity,) in _execute(_HELD_UNSEEN, {"by": by.pk, "day": wellbeing.day_of(by, now)})]
    return wellbeing.standing_of(by, now, held=held)


def _take(statement: str, place: Place, by: User, bounds: Bounds) -> Claim | None:
    statement = statement.format(now=_moment()) + ("" if connection.in_atomic_block else _WITHOUT_WAITING_FOR_THE_DISK)
    rows = prepared.rows_of(statement, _values(place, by, bounds))
    if not rows:
        return None
    nudge()
    return Claim(*rows[0][:4])


def _values(place: Place, by: User, bounds: Bounds) -> dict[str, Any]:
    return {
        "by": by.pk,
        "queue": place.queue.pk,
        "category": place.queue.restricted_category,
        "lease": place.lease,
        "besides": place.besides,
        "now": clock.given(),
        "below": bounds.below,
        "avoided": list(bounds.avoided),
    }


def refusal_to_take(round: Round, *, by: User) -> Refused | None:
    """Return what to raise when ``round`` was handed to ``by``, waits for their answer and is too much for them now.

    1 query; 4 where it waits for their answer.
    """
    if not round.passings.standing().filter(kind=Passing.Kind.HANDED_OVER, to=by).exists():
        return None
    standing = standing_for(by)
    sentence = rules.refusal_to_take(round, standing, bounds_of(standing, clock.now()))
    return Refused(sentence, code="exposure-limit") if sentence else None


def renew(round: Round, *, fence: int, by: User) -> datetime:
    """Keep the lease, or take it up again while nobody else did. Return until when. Raises Refused.

    As lease-lost, or as exposure-limit where it was handed to ``by`` and is too much for them now.
    """
    if refusal := refusal_to_take(round, by=by):
        raise refusal
    rows = _execute(
        f"""
        update queues_round r set lease_until = {{now}} + q.lease
        from queues_queue q
        where q.id = r.queue_id and r.id = %(round)s and r.status = 'open' and r.lease_by_id = %(by)s
            and r.fence = %(fence)s and {IS_OPEN}
        returning r.lease_until
        """,  # noqa: S608  parts of our own
        {"round": round.pk, "by": by.pk, "fence": fence},
    )
    if not rows:
        raise Refused(rules.lease_lost(), code="lease-lost")
    until: datetime = rows[0][0]
    return until


def leave(round: Round, *, fence: int, by: User) -> None:
    """Let a round that ``by`` went away from go back in three minutes, unless they return to it. Nothing else changes.

    What they set aside on the way stays as they set it.
    """
    _execute(
        """
        update queues_round r set lease_until = least(r.lease_until, {now} + %(left)s)
        where r.id = %(round)s and r.status = 'open' and r.lease_by_id = %(by)s and r.fence = %(fence)s
            and not exists (
                select from queues_passing p
                where p.round_id = r.id and p.fence = r.fence and p.lease_until = r.lease_until)
        returning r.id
        """,
        {"round": round.pk, "by": by.pk, "fence": fence, "left": LEFT_FOR},
    )


@transaction.atomic
def release(round: Round, *, by: User) -> Round:
    """Give a held round back to its queue; a lead may give back another's, which is on record. Raises Refused."""
    round = Round.objects.select_for_update().get(pk=round.pk)  # without its holder, who may just have changed
    if reason := rules.refusal_to_release(round, by):
        raise Refused(reason)

    holder = round.lease_by
    round.lease_by = None
    round.lease_until = None
    round.save(update_fields=["lease_by", "lease_until"])
    if holder is not None and holder.pk != by.pk:
        record("item.taken_from_holder", on=[round.item, holder], by=by, data={"round": round.pk})
    nudge()
    return round


@transaction.atomic
def skip(round: Round, *, by: User) -> Round:
    """Give a round back and be handed others for the next twelve hours. Raises Refused."""
    if round.lease_by_id != by.pk:
        raise Refused(_("You do not hold this item."), code="lease-lost")
    round = release(round, by=by)
    Skip.objects.update_or_create(person=by, round=round, defaults={"until": clock.now() + SKIPPED_FOR})
    return round


def note_seen(round: Round, *, by: User) -> bool:
    """Note that the holder was shown the content under this lease; say whether it was the first time."""
    rows = _execute(
        """
        update queues_round set seen_fence = fence
        where id = %(round)s and seen_fence < fence and lease_by_id = %(by)s returning id
        """,
        {"round": round.pk, "by": by.pk},
    )
    return bool(rows)


def _moment() -> str:
    return "now()" if clock.given() is None else "%(now)s::timestamptz"


def _execute(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run ``statement`` at the database's own time, or at the given moment where there is one."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(now=_moment()), {**values, "now": clock.given()})
        return list(cursor.fetchall())
