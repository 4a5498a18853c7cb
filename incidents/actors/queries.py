from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from incidents.actors.models import Actor
from trust.accounts.models import User

MOST_COUNTED = 1_000


@dataclass(frozen=True)
class SharedIdentifier:
    """A trait of an actor, told apart by the end of its digest, and how many actors have it: 1,001 means more."""

    kind: str
    mark: str
    actors: int

    @property
    def is_beyond_count(self) -> bool:
        return self.actors > MOST_COUNTED


def shared_identifiers(actor: Actor) -> list[SharedIdentifier]:
    """Return the actor's identifiers, the most shared first, at most 50. One query, each count capped."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select own.kind, right(encode(own.digest, 'hex'), 4), (
                select count(*) from (
                    select from actors_identifier other
                    where other.kind = own.kind and other.digest = own.digest limit %s
                ) counted
            ) as actors
            from (select kind, digest from actors_identifier where actor_id = %s order by kind, digest limit 50) own
            order by actors desc, own.kind, own.digest
            """,
            [MOST_COUNTED + 1, actor.pk],
        )
        return [SharedIdentifier(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Organisation:
    """Where an actor stands among others: 1,001 siblings or children mean more. ``readable`` are the reader's."""

    siblings: int
    children: int
    readable: QuerySet[Actor]


def organisation_of(actor: Actor, reader: User) -> Organisation:
    """Count the actors beside and below ``actor``, each up to a thousand. 2 queries; 1 without a parent."""
    children = Actor.objects.filter(parent=actor)
    siblings = Actor.objects.filter(parent=actor.parent_id).exclude(pk=actor.pk)
    return Organisation(
        siblings=_capped(siblings) if actor.parent_id else 0,
        children=_capped(children),
        readable=Actor.objects.visible_to(reader).filter(parent=actor),
    )


def _capped(rows: QuerySet[Actor]) -> int:
    return rows.values("pk")[: MOST_COUNTED + 1].count()
