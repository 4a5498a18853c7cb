"""What tests of notes stand on: an item, its holder, and a lead."""

from datetime import timedelta

from django.utils import timezone

from incidents.queues.models import Item, Round
from tests.factories import make_item, make_round
from trust.accounts.models import User
from trust.notes import operations, registry
from trust.notes.models import Note
from trust.notes.registry import Subject


def subject_of(item: Item) -> Subject:
    return registry.subject("item", item.pk)


def held_by(person: User, **fields) -> Item:
    return make_round(lease_by=person, **fields).item


def write(item: Item, text: str, *, by: User, **options) -> Note:
    return operations.write(subject_of(item), text=text, by=by, **options)[0]


def ask_second_opinion_of(person: User, *, first: User) -> Item:
    """An item that ``first`` decided and ``person`` holds for a second opinion."""
    item = make_item()
    now = timezone.now()
    make_round(item=item, status="closed", closed_at=now, closed_by=first)
    until = now + timedelta(minutes=15)
    make_round(item=item, purpose=Round.Purpose.SECOND_OPINION, lease_by=person, lease_until=until, fence=1)
    return item
