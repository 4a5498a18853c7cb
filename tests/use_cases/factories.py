"""Cases for tests of use cases: what an actor asks for, approved or not, and what its generations declare."""

from datetime import date, timedelta
from typing import Any

from incidents.actors.models import Actor
from incidents.intake.models import AlertKind
from incidents.queues.models import Item
from incidents.use_cases import operations
from incidents.use_cases.models import Application
from incidents.use_cases.rules import Wish
from tests.factories import make_actor, make_alert, make_generation, make_item, make_user
from trust import clock
from trust.accounts.models import User

NAME = "tutoring"


def make_wish(**fields: Any) -> Wish:
    values: dict[str, Any] = {
        "name": NAME,
        "description": "Pupils ask about their homework.",
        "expected_volume": 20_000,
        "stage": "pilot",
        "contact": "Ask Mr. Berg.",
        **fields,
    }
    return Wish(**values)


def make_application(actor: Actor | None = None, *, by: User | None = None, **fields: Any) -> Application:
    return operations.apply(actor or make_actor(), make_wish(**fields), by=by or make_user(role="lead"))


def approve(
    application: Application, *, by: User | None = None, conditions: str = "", expires_on: date | None = None
) -> Application:
    by = by or make_user(role="lead")
    return operations.approve(application, conditions=conditions, expires_on=expires_on, by=by)


def make_approved(actor: Actor | None = None, *, days_ago: int = 40, **fields: Any) -> Application:
    """Make a use case that is in force since ``days_ago``."""
    with clock.at(clock.now() - timedelta(days=days_ago)):
        return approve(make_application(actor, **fields))


def make_seen(actor: Actor, *kinds: str, use_case: str = NAME, days_ago: float = 1, **fields: Any) -> Item:
    """Make an item of a generation that declares ``use_case``, with an alert of each of ``kinds``."""
    at = clock.now() - timedelta(days=days_ago)
    generation = make_generation(actor=actor, use_case=use_case, occurred_at=at, received_at=at, **fields)
    for kind in kinds or (AlertKind.DETECTOR,):
        make_alert(generation=generation, kind=kind)
    return make_item(generation=generation)
