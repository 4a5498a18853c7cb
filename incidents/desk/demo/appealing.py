"""What the actors of the demo object to, and how the leads who took no part judge it."""

from datetime import timedelta
from random import Random

from incidents.appeals import operations as appeals, queries
from incidents.appeals.models import Appeal
from incidents.appeals.operations import Objection
from incidents.appeals.rules import Outcome, Ruling
from incidents.desk.demo.cast import Cast
from incidents.enforcement.models import EnforcementAction
from incidents.queues.models import Item
from incidents.review import operations as review
from trust import clock
from trust.accounts.models import User

MOST_PER_DAY = 2
JUDGED_AFTER = timedelta(days=3)
SHARE_OVERTURNED = 0.25
TEXTS = (
    "The account was used by a colleague who has since left. We changed the password.",
    "These were drafts for a lesson about misleading advertising. Please look at the whole conversation.",
    "I do not understand which request this is about. My shop sells garden tools and nothing else.",
    "We write reviews of our own products for training new staff. None was ever published.",
    "It was a test of our own filter, announced to your support on Monday.",
)
REASONS = {
    Outcome.UPHELD: "Read again with the whole conversation: the findings stand.",
    Outcome.OVERTURNED: "The conversation shows teaching material. The finding was a mistake of ours.",
}
STATEMENTS = {
    Outcome.UPHELD: "We read your objection and looked at every finding again. They stand, and so does the measure.",
    Outcome.OVERTURNED: "You were right. We have taken the measure back, and nothing of it counts against you.",
}


def appeal(cast: Cast, random: Random) -> None:
    """Let some of those who were told of a measure in the last days object to it, where a lead is left to judge."""
    since = clock.now() - timedelta(days=5)
    told = EnforcementAction.objects.running().filter(approved_at__gte=since)
    for action in told.filter(appeals__isnull=True).order_by("-approved_at", "-pk")[:MOST_PER_DAY]:
        if random.random() < 0.6 and _judges(action.pk, cast):
            appeals.receive(action, Objection(random.choice(TEXTS)))


def judge(cast: Cast, random: Random) -> None:
    """Let what has waited for some days be judged, where a lead took no part in it meanwhile."""
    waiting = Appeal.objects.open().filter(received_at__lte=clock.now() - JUDGED_AFTER)
    for one in waiting.order_by("received_at", "pk"):
        outcome = Outcome.OVERTURNED if random.random() < SHARE_OVERTURNED else Outcome.UPHELD
        for judge in _judges(one.enforcement_id, cast)[:1]:
            _judge(one, outcome, by=judge)


def _judges(action: int, cast: Cast) -> list[User]:
    return [lead for lead in cast.leads if not queries.took_part(action, lead)]


def _judge(one: Appeal, outcome: Outcome, *, by: User) -> None:
    """Read what it rests on, then judge."""
    for item in Item.objects.filter(decisions__enforcement_links__enforcement=one.enforcement_id).distinct():
        if outcome == Outcome.OVERTURNED:
            review.note_exposure(item, seconds=40, by=by)
    appeals.judge(one, Ruling(outcome, reason=REASONS[outcome], statement=STATEMENTS[outcome]), by=by)
