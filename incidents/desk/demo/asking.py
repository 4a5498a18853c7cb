"""What the actors of the demo ask to use the service for, what leads approve, and what fits."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from incidents.actors import operations as actors
from incidents.actors.models import Actor
from incidents.desk.demo.cast import Cast
from incidents.desk.demo.traffic import DEPLOYMENTS, Account
from incidents.queues.models import Item
from incidents.use_cases import operations as use_cases, queries
from incidents.use_cases.models import Application, Fit
from incidents.use_cases.rules import Wish
from trust import clock

BUSIEST = 24
LEFT_WAITING = 3
MOST_WORDS = 60
DESCRIPTIONS = {
    "shop assistant": "Answers questions about what our shop sells, and helps to find the right size.",
    "chat": "A general assistant for the staff of our company, about forty people.",
    "marketing": "Drafts of newsletters and product pages, read by an editor before they are sent.",
    "games": "Dialogue of characters in a text adventure for adults.",
    "customer support": "Suggests answers to our support team, who send them by hand.",
}
CONDITIONS = (
    "",
    "No texts that pass for reviews by customers.",
    "A person reads each text before it is published.",
    "Users are told that a machine writes. No advice on medicine.",
)


def ask(cast: Cast, accounts: Sequence[Account], random: Random) -> None:
    """Let the busiest accounts ask, each for what they do; a few ask for something else."""
    busiest = sorted(accounts, key=lambda account: -account.weight)[:BUSIEST]
    for account in busiest:
        wanted = random.choice(DEPLOYMENTS)[2] if random.random() < 0.15 else account.deployment[2]
        application = use_cases.apply(_actor_of(account), _wish(account, wanted, random), by=cast.reviewers[0])
        if random.random() < 0.85:
            last_day = clock.now().date() + timedelta(days=random.choice((40, 90, 180)))
            conditions = random.choice(CONDITIONS)
            use_cases.approve(application, conditions=conditions, expires_on=last_day, by=cast.leads[0])
        else:
            use_cases.decline(application, reason="Too vague: say who reads the texts.", by=cast.leads[0])


def leave_some_waiting(cast: Cast, accounts: Sequence[Account], random: Random) -> None:
    """Let some quieter accounts ask for what they have been doing all along; one approval is withdrawn."""
    quieter = sorted(accounts, key=lambda account: -account.weight)[BUSIEST : BUSIEST + LEFT_WAITING]
    for account in quieter:
        use_cases.apply(_actor_of(account), _wish(account, account.deployment[2], random), by=cast.reviewers[0])
    in_force = Application.objects.in_force(clock.now()).order_by("pk").first()
    if in_force:
        use_cases.withdraw(in_force, reason="The texts were published without being read.", by=cast.leads[0])


def say_what_fits(cast: Cast, random: Random) -> None:
    """Let who may see it say of what came in last whether it fits, where something was approved."""
    approved = Application.objects.in_force(clock.now()).values("actor")
    items = Item.objects.visible_to(cast.leads[0], clock.now()).filter(actor__in=approved)
    for item in items.select_related("generation__actor").order_by("-pk")[:MOST_WORDS]:
        if queries.declared_by(item):
            answer = random.choices((Fit.Answer.YES, Fit.Answer.NO, Fit.Answer.CANNOT_TELL), (70, 22, 8))[0]
            use_cases.say(item, answer, by=random.choice(cast.leads))


def _actor_of(account: Account) -> Actor:
    """Find or make the account, and whom it belongs to: who asks has sent nothing yet."""
    own = actors.Reference("account", account.external_id)
    parent = actors.Reference("organisation", account.organisation) if account.organisation else None
    ids = actors.note([actors.Sighting(own, parent)], namespace="default")
    return Actor.objects.get(pk=ids[own])


def _wish(account: Account, name: str, random: Random) -> Wish:
    return Wish(
        name=name,
        description=DESCRIPTIONS[name],
        expected_volume=random.choice((2_000, 10_000, 50_000, 400_000)),
        stage=account.deployment[1],
    )
