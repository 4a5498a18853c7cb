"""What stands on the item page and in the API's item: everything about one item, read in a fixed number of queries."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _lazy

from incidents.actors.models import Actor
from incidents.intake.models import Alert, Content, Generation
from incidents.queues.alone import apart_from_alone, holds_alone, is_judged_alone
from incidents.queues.models import Item, Passing, Round
from incidents.review.models import Decision, DecisionQuerySet, Draft, Violation
from incidents.search import finding
from policies.vocabulary import Verdict
from trust.accounts.models import User
from trust.audit import queries as audit
from trust.audit.models import AuditEvent
from trust.integers import read_id

KINDS: Final = {"image": _lazy("Image"), "audio": _lazy("Audio"), "video": _lazy("Video"), "file": _lazy("File")}


@dataclass(frozen=True)
class Attachment:
    """What came with a message: a reference that nobody follows. Of restricted content neither name nor address."""

    kind: str
    media_type: str
    sha256: str
    size: int | None
    name: str
    address: str

    @property
    def label(self) -> str:
        return str(KINDS[self.kind])


@dataclass(frozen=True)
class Message:
    """One message. Of restricted content there is no text, only its length and digest."""

    number: int
    role: str
    content: str | None
    length: int
    sha256: str
    attachments: list[Attachment]


@dataclass(frozen=True)
class ItemRecord:
    """One item with all that was received and decided about it."""

    item: Item
    generation: Generation | None
    actor: Actor | None
    is_restricted: bool
    messages: list[Message] | None
    parameters: dict[str, Any]
    alerts: list[Alert]
    rounds: list[Round]
    decisions: list[Decision]

    @property
    def latest_round(self) -> Round | None:
        return self.rounds[-1] if self.rounds else None

    @property
    def is_waiting(self) -> bool:
        return self.latest_round is not None and self.latest_round.status == Round.Status.OPEN

    def is_judged_alone_by(self, person: User, now: datetime) -> bool:
        """Say whether ``person`` holds it in a round that is to be judged without the decisions before. No query."""
        return is_judged_alone(self.round_held_by(person, now))

    def kept_back(self) -> ItemRecord:
        """Return it as whoever judges it alone is shown it: without the decisions before."""
        return replace(self, decisions=[])

    def round_held_by(self, person: User, now: datetime) -> Round | None:
        """Return the open round that ``person`` holds, if any. No query."""
        for round in self.rounds:
            if round.lease_by_id == person.pk and round.lease_until and round.lease_until > now:
                return round
        return None


MOST_ALERTS = 50
MOST_OF_ALL = 500  # alerts of several items together
MOST_PASSINGS = 20


def item_record(item: Item, *, with_content: bool) -> ItemRecord:
    """Read everything about ``item``, which comes with ``for_record()``. 4 queries, 5 when there are violations."""
    generation = item.generation
    is_restricted = generation is not None and hasattr(generation, "restriction")
    content = getattr(generation, "content", None) if with_content else None
    return ItemRecord(
        item=item,
        generation=generation,
        actor=item.actor,
        is_restricted=is_restricted,
        messages=messages_of(content, is_restricted=is_restricted) if content else None,
        parameters=content.parameters if content and not is_restricted else {},
        alerts=_alerts(item),
        rounds=list(item.rounds.select_related("queue", "lease_by", "closed_by").order_by("pk")),
        decisions=list(decisions_of(item)),
    )


def decisions_of(item: Item) -> DecisionQuerySet:
    """Return the decisions that stand, newest first. 2 queries."""
    violations = Violation.objects.select_related("clause__clause", "clause__version__policy").order_by("pk")
    decisions = Decision.objects.effective().filter(item=item).select_related("by")
    return decisions.prefetch_related(Prefetch("violations", violations)).order_by("-decided_at", "-pk")[:MOST_ALERTS]


def passings_of(item: Item, held: Round | None) -> dict[str, Any]:
    """Return what was said when ``item`` was passed on, newest first, and what sets ``held`` aside now. 1 query."""
    passings = list(Passing.objects.filter(round__item=item).for_round()[:MOST_PASSINGS])
    return {
        "passings": passings,
        "set_aside": next((passing for passing in passings if held and passing.stands_for(held)), None),
    }


def _alerts(item: Item) -> list[Alert]:
    """Return the newest alerts, without what no page shows."""
    if item.generation_id is None:
        return []
    alerts = Alert.objects.filter(generation=item.generation_id).select_related("source", "detector_version")
    return list(alerts.defer("metadata", "labels").order_by("-pk")[:MOST_ALERTS])


def alerts_of(rounds: Iterable[Round]) -> list[Alert]:
    """Return the newest alerts on what these rounds, loaded with their generations, ask to judge. 1 query."""
    generations = [round.item.generation_id for round in rounds if round.item.generation_id]
    alerts = Alert.objects.filter(generation__in=generations).defer("metadata", "labels")
    return list(alerts.order_by("-pk")[:MOST_OF_ALL]) if generations else []


def messages_of(content: Content, *, is_restricted: bool) -> list[Message]:
    """Return the messages of a generation; of a restricted one the text is left out here, so that no page has it."""
    return [_message(number, message, is_restricted) for number, message in enumerate(content.messages)]


def _message(number: int, message: dict[str, Any], is_restricted: bool) -> Message:
    text = str(message.get("content", ""))
    return Message(
        number=number,
        role=str(message.get("role", "")),
        content=None if is_restricted else text,
        length=len(text),
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if is_restricted else "",
        attachments=[_attachment(one, is_restricted) for one in message.get("attachments", [])],
    )


def _attachment(told: dict[str, Any], is_restricted: bool) -> Attachment:
    return Attachment(
        kind=told["kind"],
        media_type=told.get("media_type", ""),
        sha256=told.get("sha256", ""),
        size=told.get("size"),
        name="" if is_restricted else told.get("name", ""),
        address="" if is_restricted else told.get("address", ""),
    )


MOST_RECENT = 20


def last_clauses_of_actor(actor: Actor | None, *, but: Item) -> list[int]:
    """Return the clauses found in the actor's other newest items, the latest first. 1 query, none without actor."""
    if actor is None:
        return []
    items = (
        Item.objects.filter(actor=actor).exclude(pk=but.pk).order_by("-created_at", "-pk").values("pk")[:MOST_RECENT]
    )
    return _clauses(Decision.objects.effective().filter(item__in=items))


def last_clauses_of_reviewer(person: User) -> list[int]:
    """Return the clauses that ``person`` found in their last decisions, the latest first. 1 query."""
    decisions = Decision.objects.filter(by=person).order_by("-decided_at", "-pk").values("pk")[:MOST_RECENT]
    return _clauses(Decision.objects.filter(pk__in=decisions))


def _clauses(decisions: DecisionQuerySet) -> list[int]:
    found = Violation.objects.filter(decision__in=decisions).order_by("-decision_id", "pk")
    return list(dict.fromkeys(found.values_list("clause__clause_id", flat=True)[:MOST_RECENT]))


def last_retracted(round: Round) -> Decision | None:
    """Return the decision that was taken back in this round last. 1 query; none under the first fence."""
    if round.fence == 1:
        return None
    return Decision.objects.filter(round=round, retraction__isnull=False).order_by("-pk").first()


def draft_of(round: Round, person: User) -> Draft | None:
    """Return what ``person`` typed in this round and has not sent. 1 query."""
    return Draft.objects.filter(round=round, person=person).first()


def decision_to_tell(person: User, pk: str) -> Decision | None:
    """Return a decision of ``person`` that still stands, to say that it was made. 1 query."""
    number = read_id(pk)
    if number is None:
        return None
    return Decision.objects.effective().filter(by=person, pk=number).first()


MOST_OF_ACTOR = 5
MOST_EVENTS = 20
HISTORY = ("decision.made", "decision.taken_back")


def past_of_actor(item: Item, person: User, now: datetime) -> list[tuple[Item, list[Decision]]]:
    """Return the newest judged items of the item's actor that are open to ``person``. 3 queries, none without actor."""
    if item.actor_id is None:
        return []
    others = Item.objects.open_to(person, now).filter(actor=item.actor_id).exclude(Q(pk=item.pk) | Q(verdict=""))
    others = apart_from_alone(others, person, now)
    return with_decisions(list(others.order_by("-created_at", "-pk")[:MOST_OF_ACTOR]))


MOST_SIMILAR = 5
MOST_LOOKED_AT = 200


def similar_to(item: Item, person: User, now: datetime) -> list[tuple[Item, list[Decision]]]:
    """Return judged items that are like ``item`` and open to ``person``, newest first; none is restricted. 8 queries.

    It tells how they were judged, never what they hold. Raises Refused when it takes too long.
    """
    if item.generation_id is None:
        return []
    generations = finding.alike(item.generation_id, verdicts=Verdict.values, most=MOST_LOOKED_AT)
    others = Item.objects.open_to(person, now).filter(generation__in=generations, generation__restriction__isnull=True)
    judged = apart_from_alone(others.exclude(Q(pk=item.pk) | Q(verdict="")), person, now)
    return with_decisions(list(judged.order_by("-closed_at", "-pk")[:MOST_SIMILAR]))


def history_of(item: Item, person: User, now: datetime) -> list[audit.Entry] | None:
    """Return who decided about ``item`` and who took it back, newest first; None while it is kept back. 5 queries.

    Who looked at it stands in the audit, for those who may read all of that.
    """
    if holds_alone(item, person, now):
        return None
    events = AuditEvent.objects.about(item).filter(kind__in=HISTORY).for_page().order_by("-at", "-pk")
    return audit.entries(events[:MOST_EVENTS], reader=person)


def with_decisions(
    items: Sequence[Item], *, but_of: Collection[int] = frozenset()
) -> list[tuple[Item, list[Decision]]]:
    """Pair each item with the decisions on it that stand, newest first; with none ``but_of``. 2 queries."""
    by_item: dict[int, list[Decision]] = {}
    violations = Violation.objects.select_related("clause__clause").order_by("pk")
    decisions = Decision.objects.effective().filter(item__in=items).select_related("by")
    for decision in decisions.prefetch_related(Prefetch("violations", violations)).order_by("-decided_at", "-pk"):
        by_item.setdefault(decision.item_id, []).append(decision)
    return [(item, [] if item.pk in but_of else by_item.get(item.pk, [])) for item in items]
