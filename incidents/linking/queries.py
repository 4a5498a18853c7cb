"""Which actors are linked, to whom, and by what: worked out anew at each look, from what is rare among all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from heapq import nsmallest
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from incidents.actors.models import Actor
from incidents.linking.models import Word
from incidents.linking.rhythm import MOST_WEIGHT, SameMinutes, same_minutes
from incidents.linking.weighing import LINKED_FROM, MOST_HOLDERS, weight_of
from trust import clock
from trust.accounts.models import User

STEPS: Final = 3  # from actor to actor, at most
MOST_LINKED: Final = 200
MOST_IDENTIFIERS: Final = 50  # of one actor that are looked at
MOST_ITEMS: Final = 200  # of an actor whose texts are compared with others'
MOST_COMPARED: Final = 40  # actors whose minutes are compared with those of the one that is looked at
MOST_GENERATIONS: Final = 300  # the newest of each, of so many days
DAYS_COMPARED: Final = 30
TEXT: Final = "text"  # the kind of a near-identical text

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)  # a thousand of these and of links are looked at for one page
class Common:
    """Something that two actors have in common. ``mark`` tells identifiers of one kind apart, without the value."""

    kind: str
    mark: str
    holders: int

    @property
    def weight(self) -> float:
        return weight_of(self.kind, self.holders)


@dataclass(frozen=True, slots=True)
class Link:
    """Two actors, what they have in common, strongest first, and what a person said of them, if anybody did."""

    pair: Pair
    common: tuple[Common, ...]
    word: Word | None = None
    minutes: SameMinutes | None = None  # only where they have something in common, or were spoken of
    score: float = field(init=False)

    def __post_init__(self) -> None:
        score = sum([one.weight for one in self.common]) + (self.minutes.weight if self.minutes else 0.0)
        object.__setattr__(self, "score", score)

    @property
    def holds(self) -> bool:
        """Say whether they are linked: a person's word comes before what they share."""
        if self.word is not None:
            return self.word.verdict == Word.Verdict.ASSERTED
        return self.score >= LINKED_FROM

    @property
    def is_rejected(self) -> bool:
        return self.word is not None and self.word.verdict == Word.Verdict.REJECTED

    def other(self, actor_id: int) -> int:
        first, second = self.pair
        return second if actor_id == first else first


@dataclass(frozen=True)
class Web:
    """What is around one actor: the links that hold, by who was found by them, nearest first.

    ``rejected`` are pairs of that actor which share enough, and of which a person said that they are not linked.
    """

    actor_id: int
    links: list[Link]
    steps: Mapping[int, int] = field(default_factory=dict)
    rejected: list[Link] = field(default_factory=list)
    is_cut: bool = False

    @property
    def linked(self) -> list[int]:
        return [actor for actor in self.steps if actor != self.actor_id]


def web_of(actor: Actor) -> Web:
    """Follow what ``actor`` shares with others, and they with others, three steps far. 3 to 8 queries.

    No more than the first 200 actors are followed, whatever they share; each link leads to somebody further away.
    """
    steps: dict[int, int] = {actor.pk: 0}
    kept: dict[Pair, Link] = {}
    rejected: dict[int, Link] = {}
    edge, is_cut = [actor.pk], False
    for step in range(1, STEPS + 1):
        found = _links_of(edge, known=list(steps), with_texts=step == 1)
        if step == 1:
            found = _with_minutes(actor.pk, found)
            rejected = {link.other(actor.pk): link for link in found if link.is_rejected}
        new: dict[int, int] = {}
        for link in sorted((link for link in found if link.holds), key=lambda link: -link.score):
            [further] = [one for one in link.pair if one not in steps]
            if further in rejected:
                continue
            if further not in new and len(steps) + len(new) > MOST_LINKED:
                is_cut = True
                continue
            kept[link.pair] = link
            new[further] = step
        steps |= new
        edge = list(new)
        if is_cut or not edge:
            break
    told = [link for link in rejected.values() if link.score >= LINKED_FROM]
    return Web(actor.pk, list(kept.values()), steps, told, is_cut=is_cut)


def actors_of(web: Web, person: User) -> dict[int, Actor]:
    """Return those of a web that ``person`` may open. 1 query."""
    among = RawSQL("select unnest(%s::bigint[])", [list(web.steps)])  # one parameter: two hundred are slow to bind
    return {actor.pk: actor for actor in Actor.objects.visible_to(person).filter(pk__in=among)}


def links_among(actor_ids: Sequence[int]) -> list[Link]:
    """Return the links that hold between any two of ``actor_ids``, but for those by texts. 2 queries."""
    among = set(actor_ids)
    found = _links_of(actor_ids, known=[], with_texts=False) if len(among) > 1 else []
    return sorted((link for link in found if link.holds and set(link.pair) <= among), key=lambda link: link.pair)


# ── Parts ────────────────────────────────────────────────

# Each thing that one of the actors has, and who else has it: a row a thing, since the others may be a thousand.
_BY_IDENTIFIERS: Final = """
    with own as (
        select actor_id, kind, digest from unnest(%(actors)s::bigint[]) as asked (id)
        cross join lateral (
            select actor_id, kind, digest from actors_identifier i where i.actor_id = asked.id limit %(identifiers)s
        ) theirs
    ), rare as (
        select kind, digest, holders from (select distinct kind, digest from own) held
        cross join lateral (
            select count(*) as holders from (
                select from actors_identifier i where i.kind = held.kind and i.digest = held.digest limit %(most)s
            ) counted
        ) counts
        where holders between 2 and %(most)s - 1
    )
    select own.actor_id, own.kind, right(encode(own.digest, 'hex'), 4), rare.holders, json_agg(other.actor_id)
    from own
    join rare on rare.kind = own.kind and rare.digest = own.digest
    join actors_identifier other on other.kind = own.kind and other.digest = own.digest
    where other.actor_id <> all(%(known)s::bigint[])
    group by own.actor_id, own.kind, own.digest, rare.holders
"""
_BY_TEXTS: Final = """
    with own as (
        select distinct m.group_id from (
            select id from queues_item i where i.actor_id = any(%(actors)s) order by created_at desc limit %(items)s
        ) newest join queues_groupmember m on m.item_id = newest.id
        join queues_group g on g.id = m.group_id where g.size between 2 and %(most)s
    ), theirs as (
        select own.group_id, i.actor_id, count(*) over (partition by own.group_id) as holders
        from own join queues_groupmember m on m.group_id = own.group_id join queues_item i on i.id = m.item_id
        where i.actor_id is not null group by own.group_id, i.actor_id
    )
    select mine.actor_id, 'text', mine.group_id::text, mine.holders, json_agg(other.actor_id)
    from theirs mine join theirs other on other.group_id = mine.group_id
    where mine.actor_id = any(%(actors)s) and other.actor_id <> all(%(known)s::bigint[])
    group by mine.actor_id, mine.group_id, mine.holders
"""
_WINDOWS: Final = """
    select asked.id, array(
        select distinct floor(extract(epoch from occurred_at) / 300)::int from (
            select occurred_at from intake_generation g where g.actor_id = asked.id and occurred_at > %(since)s
            order by occurred_at desc, id desc limit %(most)s
        ) newest
    ) from unnest(%(actors)s::bigint[]) as asked (id)
"""


def _with_minutes(actor_id: int, links: Sequence[Link]) -> list[Link]:
    """Say of forty links whether the two are active in the same minutes: of those first that it may decide. 1 query.

    Looked for only among who has something in common with the actor, so it never links by itself.
    """
    undecided = [link for link in links if LINKED_FROM - MOST_WEIGHT <= link.score < LINKED_FROM]
    rest = [link for link in links if link.score >= LINKED_FROM or link.word]
    compared = nsmallest(MOST_COMPARED, undecided, key=_strongest)
    compared += nsmallest(MOST_COMPARED - len(compared), rest, key=_strongest)
    if not compared:
        return list(links)
    actors = [actor_id, *(link.other(actor_id) for link in compared)]
    since = clock.now() - timedelta(days=DAYS_COMPARED)
    rows = _fetch(_WINDOWS, {"actors": actors, "since": since, "most": MOST_GENERATIONS})
    found = same_minutes(actor_id, {one: set(windows) for one, windows in rows})
    return [
        replace(link, minutes=minutes) if (minutes := found.get(link.other(actor_id))) else link  # keeps its score
        for link in links
    ]


def _strongest(link: Link) -> tuple[float, Pair]:
    return -link.score, link.pair


def _links_of(actor_ids: Sequence[int], *, known: Sequence[int], with_texts: bool) -> list[Link]:
    """Return the pairs of ``actor_ids``, who are ``known``, with others that share anything rare or were spoken of."""
    values = {
        "actors": list(actor_ids),
        "known": list(known),
        "identifiers": MOST_IDENTIFIERS,
        "items": MOST_ITEMS,
        "most": MOST_HOLDERS,
    }
    common: dict[Pair, tuple[Common, ...]] = {}
    for statement in (_BY_IDENTIFIERS, _BY_TEXTS) if with_texts else (_BY_IDENTIFIERS,):
        for mine, kind, mark, holders, others in _fetch(statement, values):
            thing = Common(kind, mark, holders)
            for pair in (_pair(mine, other) for other in others if other != mine):
                theirs = common.get(pair, ())
                if thing not in theirs:
                    common[pair] = (*theirs, thing)
    words = {pair: word for pair, word in _words(actor_ids).items() if not set(pair) <= set(known)}
    return [Link(pair, _strongest_first(common.get(pair, ())), words.get(pair)) for pair in {*common, *words}]


def _strongest_first(common: tuple[Common, ...]) -> tuple[Common, ...]:
    return tuple(sorted(common, key=lambda one: -one.weight)) if len(common) > 1 else common


def _words(actor_ids: Collection[int]) -> dict[Pair, Word]:
    """Return the word that stands on each pair."""
    said: Iterable[Word] = (
        Word.objects.filter(Q(first__in=actor_ids) | Q(second__in=actor_ids)).select_related("by").order_by("pk")
    )
    return {(word.first_id, word.second_id): word for word in said}


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _fetch(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
