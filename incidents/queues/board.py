"""The lead's board: who works where, and when each queue will be empty. Nothing is said about how fast a person is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from incidents.queues import queries
from incidents.queues.models import Passing, Queue, Round
from incidents.queues.queries import COUNTED_TO, QueueState
from trust.accounts.models import User

MOST_HELD: Final = 100


@dataclass(frozen=True)
class Line:
    """One queue, and when it will be empty as a sentence; ``left`` is how long that takes, where it can be said."""

    state: QueueState
    forecast: str
    left: timedelta | None


@dataclass(frozen=True)
class Work:
    """One round that somebody holds: worked at, on hold, or handed to them. ``since`` is when that began.

    Of what is worked at it is when its lease was last renewed: when the person last did something.
    """

    round: Round
    kind: str
    since: datetime | None
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class Board:
    lines: list[Line]
    works: list[Work]
    is_cut: bool


def board(person: User, now: datetime) -> Board:
    """Read the board for a lead. 4 queries, whatever is waiting."""
    queues = list(Queue.objects.visible_to(person, now))
    rounds = Round.objects.held().open_to(person, now).filter(queue__in=queues, lease_until__gt=now)
    held = list(
        rounds.select_related("queue", "lease_by").order_by("lease_by__name", "lease_by", "queue", "pk")[
            : MOST_HELD + 1
        ]
    )
    standing = Passing.objects.standing().filter(round__in=[one.pk for one in held]).select_related("by")
    aside = {passing.round_id: passing for passing in standing}
    return Board(
        lines=[_line(state) for state in queries.queue_states(queues, now)],
        works=[_work(one, aside.get(one.pk), now) for one in held[:MOST_HELD]],
        is_cut=len(held) > MOST_HELD,
    )


def _line(state: QueueState) -> Line:
    if not state.waiting:
        return Line(state, _("nothing waits"), None)
    if max(state.waiting, state.came_in, state.went_out) > COUNTED_TO:
        return Line(state, _("too many to say"), None)
    left = time_until_empty(state.waiting, came_in=state.came_in, went_out=state.went_out)
    return Line(state, "" if left else _("not at this pace"), left)


def time_until_empty(waiting: int, *, came_in: int, went_out: int) -> timedelta | None:
    """Return waiting ÷ (out − in), both of the last hour; None when no more goes out than comes in."""
    if went_out <= came_in:
        return None
    return timedelta(hours=waiting / (went_out - came_in))


def _work(held: Round, passing: Passing | None, now: datetime) -> Work:
    if passing is None:
        began = held.lease_until - held.queue.lease if held.lease_until else None
        return Work(held, _("Works on it"), began, held.lease_until, "")
    if passing.kind == Passing.Kind.HANDED_OVER:
        return Work(
            held, _("Handed over by %(person)s") % {"person": passing.by}, passing.at, passing.until, passing.reason
        )
    is_asleep = passing.until is not None and passing.until > now
    return Work(held, _("On hold") if is_asleep else _("Back from hold"), passing.at, passing.until, passing.reason)
