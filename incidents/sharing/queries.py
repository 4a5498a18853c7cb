"""What is known of a set of actors, as far as it may leave: counts and times, nothing that came in with them."""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from incidents.actors.models import Actor, Identifier
from incidents.actors.pseudonyms import pseudonym_of
from incidents.linking import queries as linking
from incidents.linking.queries import Link
from incidents.queues.models import Item
from incidents.response.models import Incident, IncidentActor
from incidents.sharing import wording
from incidents.sharing.rules import MOST_ACTORS
from incidents.sharing.wording import Known, Shared, Tie, Tlp
from policies.vocabulary import Standing, Verdict
from trust.accounts.models import User
from trust.patience import at_most

STOPPED: Final = (Standing.SUSPENDED, Standing.BANNED)
PATIENCE: Final = 5_000  # milliseconds
SAID: Final = 90  # confidence in what a person said, of 100
WORKED_OUT: Final = 80  # in what was worked out, at most: 60 at the score from which actors are linked, 0.8


@dataclass(frozen=True)
class Chosen:
    """Whom a file is of. ``others`` is how many more there are than one file may hold."""

    about: Actor | Incident
    actors: list[Actor]
    links: list[Link]
    others: int = 0

    @property
    def seed(self) -> str:
        return f"{self.about._meta.label_lower} {self.about.pk} {len(self.actors) > 1}"


@dataclass(frozen=True)
class Terms:
    """How it leaves."""

    title: str
    tlp: Tlp
    is_by_name: bool
    made_at: datetime


def in_time() -> AbstractContextManager[None]:
    """End a choice inside whose statements take too long. Raises Refused (too-slow)."""
    return at_most(PATIENCE, otherwise=_("It takes too long to find who is linked. Share the actor alone."))


def only(actor: Actor) -> Chosen:
    return Chosen(actor, [actor], [])


def with_linked(actor: Actor, reader: User) -> Chosen:
    """Choose ``actor`` and those linked to it whom ``reader`` may open, nearest first. 4 to 8 queries."""
    web = linking.web_of(actor)
    known = linking.actors_of(web, reader)
    nearest = sorted((one for one in web.steps if one in known), key=lambda one: (web.steps[one], one))
    return Chosen(actor, [known[one] for one in nearest], _between(web.links, nearest))


def of_incident(incident: Incident, reader: User) -> Chosen:
    """Choose the actors of ``incident``, those that were added first. 4 queries."""
    mine = IncidentActor.objects.filter(incident=incident, actor__in=Actor.objects.visible_to(reader))
    links = list(mine.select_related("actor").order_by("pk")[: MOST_ACTORS + 1])
    others = mine.count() - MOST_ACTORS if len(links) > MOST_ACTORS else 0
    actors = [link.actor for link in links[:MOST_ACTORS]]
    return Chosen(incident, actors, linking.links_among([one.pk for one in actors]), others)


def shared(chosen: Chosen, terms: Terms) -> Shared:
    """Read what is known of those chosen. 2 queries. What is restricted counts for nothing."""
    ids = [one.pk for one in chosen.actors]
    findings, seen, identifiers = *_judged(ids), _identifiers(ids)
    places = {actor: place for place, actor in enumerate(ids)}
    known = [
        Known(
            name=one.external_id if terms.is_by_name else pseudonym_of(one),
            kind=one.kind,
            created_at=_as_exact(one.created_at, terms),
            first_at=_as_exact(seen[one.pk].first if one.pk in seen else one.created_at, terms),
            last_at=_as_exact(seen[one.pk].last if one.pk in seen else one.created_at, terms),
            seen=seen[one.pk].count if one.pk in seen else 0,
            is_stopped=one.standing in STOPPED,
            findings=findings[one.pk],
            identifiers=identifiers[one.pk],
        )
        for one in chosen.actors
    ]
    return Shared(
        title=terms.title,
        organisation=settings.ORGANISATION_NAME,
        tlp=terms.tlp,
        is_by_name=terms.is_by_name,
        known=known,
        ties=[_tie(link, places) for link in chosen.links],
        namespace=UUID(bytes=hmac.digest(settings.IDENTIFIER_KEY.encode(), b"what is shared", "sha256")[:16]),
        seed=f"{chosen.seed} {terms.is_by_name}",
        since=_as_exact(chosen.about.created_at, terms),
        made_at=terms.made_at,
    )


def names_of_staff() -> list[str]:
    """Return the parts of names, and the addresses, of everyone who works here. 1 query."""
    rows = User.objects.values_list("name", "email")
    return [text for name, email in rows for text in (*name.split(), email) if text]


# ── Parts ────────────────────────────────────────────────


@dataclass
class _Seen:
    first: datetime
    last: datetime
    count: int


def _judged(ids: Sequence[int]) -> tuple[Mapping[int, Counter[int]], Mapping[int, _Seen]]:
    """Return findings by severity, and when generations were first and last seen, of each actor."""
    rows: Iterable[Any] = (
        Item.objects.filter(actor__in=ids, generation__isnull=False, generation__restriction__isnull=True)
        .values("actor_id", "verdict", "severity")
        .annotate(n=Count("pk"), first=Min("generation__occurred_at"), last=Max("generation__occurred_at"))
        .order_by()
    )
    findings: defaultdict[int, Counter[int]] = defaultdict(Counter)
    seen: dict[int, _Seen] = {}
    for row in rows:
        actor = row["actor_id"]
        if row["verdict"] == Verdict.VIOLATING:
            findings[actor][row["severity"] or 0] += row["n"]
        before = seen.get(actor) or _Seen(row["first"], row["last"], 0)
        first, last = min(before.first, row["first"]), max(before.last, row["last"])
        seen[actor] = _Seen(first, last, before.count + row["n"])
    return findings, seen


def _identifiers(ids: Sequence[int]) -> Mapping[int, Counter[str]]:
    rows = Identifier.objects.filter(actor__in=ids).values_list("actor_id", "kind").annotate(Count("pk")).order_by()
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for actor, kind, count in rows:
        counts[actor][wording.outside_kind(kind)] += count
    return counts


def _between(links: Iterable[Link], ids: Sequence[int]) -> list[Link]:
    among = set(ids)
    return [link for link in links if set(link.pair) <= among]


def _tie(link: Link, places: Mapping[int, int]) -> Tie:
    first, second = link.pair
    is_said = link.word is not None
    return Tie(
        first=places[first],
        second=places[second],
        kinds=tuple(sorted({wording.outside_kind(one.kind) for one in link.common})),
        confidence=SAID if is_said else min(WORKED_OUT, round(20 + 50 * link.score)),
        is_said=is_said,
    )


def _as_exact(at: datetime, terms: Terms) -> datetime:
    """Return the whole day, unless outside ids leave too: an exact moment names its account to who has the logs."""
    return at if terms.is_by_name else at.replace(hour=0, minute=0, second=0, microsecond=0)
