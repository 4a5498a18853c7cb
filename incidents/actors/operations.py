from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from incidents.actors import rules
from incidents.actors.models import Actor
from policies.vocabulary import Standing
from trust import clock, prepared
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

TOLD_ANEW_AFTER: Final = timedelta(hours=1)


class Reference(NamedTuple):
    """How the outside names an actor within a namespace."""

    kind: str
    external_id: str


class Sighting(NamedTuple):
    """What one alert says about an actor. ``identifiers`` are in clear here, and nowhere after.

    A ``tier`` other than "" holds from ``told_at``, a time with its zone, once ``tell_tiers`` was called.
    """

    actor: Reference
    parent: Reference | None = None
    identifiers: Mapping[str, str] = {}
    tier: str = ""
    told_at: datetime | None = None


class Word(NamedTuple):
    """A tier, and from when it holds."""

    tier: str
    at: datetime


@transaction.atomic
def set_standing(actor: Actor, standing: Standing, *, reason: str = "", by: User | None) -> Actor:
    """Move ``actor`` to ``standing``; nothing happens when they stand there already. Raises Refused."""
    actor = Actor.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if refusal := rules.refusal_to_set_standing(actor, by):
        raise Refused(refusal)
    if actor.standing == standing:
        return actor

    before, actor.standing = actor.standing, Standing(standing)
    actor.save(update_fields=["standing"])
    record("actor.standing_changed", on=[actor], by=by, reason=reason, data={"before": before, "after": standing})
    return actor


@transaction.atomic
def note(sightings: Iterable[Sighting], *, namespace: str) -> dict[Reference, int]:
    """Make the actors that are new, add parents and identifiers that were not known, and return the actors' ids.

    At most 6 statements however many there are. A parent once known stays. Rows are made in one order everywhere, so
    two callers never wait for each other in a circle.
    """
    seen = list(sightings)
    telling = [one for one in seen if one.parent or one.identifiers]
    wanted = sorted({one.actor for one in seen}.union(one.parent for one in telling if one.parent))
    if not wanted:
        return {}
    found = _find(wanted, namespace)
    if missing := [reference for reference in wanted if reference not in found]:
        _insert(missing, namespace)
        found |= _find(missing, namespace)
    ids = {reference: identity for reference, (identity, _parent) in found.items()}
    _add_parents({ids[one.actor]: ids[one.parent] for one in telling if one.parent and found[one.actor][1] is None})
    _add_identifiers({(ids[one.actor], *part) for one in telling for part in _digests(one.identifiers)})
    return ids


def hear_tiers(sightings: Iterable[Sighting], ids: Mapping[Reference, int], heard: dict[int, Word]) -> None:
    """Keep in ``heard`` the word that holds for each actor: of two of one moment the later in the list.

    Nothing is told later than now.
    """
    now = clock.now()
    for one in sightings:
        if one.tier:
            actor, at = ids[one.actor], min(one.told_at or now, now)
            if actor not in heard or heard[actor].at <= at:
                heard[actor] = Word(one.tier, at)


def tell_tiers(words: Mapping[int, Word]) -> None:
    """Let words hold, by actors' ids, where nothing newer was told. 1 statement, none without a word.

    The same word again moves its time once an hour: else each alert of a busy actor would write the actor's row.

    The actors' rows are locked in the order of their ids until the transaction ends: call it once, and last, so that
    two callers never wait for each other in a circle and none waits for long.
    """
    if not words:
        return
    actors = sorted(words)
    _execute(
        """
        with told as (
            select * from unnest(%s::bigint[], %s::text[], %s::timestamptz[]) as word (id, tier, at)
        ), older as materialized (
            select actor.id from actors_actor actor join told on told.id = actor.id
            where actor.tier_told_at is null or actor.tier_told_at <= told.at
                and (actor.tier <> told.tier or actor.tier_told_at <= told.at - %s)
            order by actor.id for no key update of actor
        )
        update actors_actor actor set tier = told.tier, tier_told_at = told.at
        from told join older on older.id = told.id
        where actor.id = told.id and (
            actor.tier_told_at is null or actor.tier_told_at <= told.at
            and (actor.tier <> told.tier or actor.tier_told_at <= told.at - %s))
        """,
        [
            actors,
            [words[actor].tier for actor in actors],
            [words[actor].at for actor in actors],
            TOLD_ANEW_AFTER,
            TOLD_ANEW_AFTER,
        ],
    )


def identifier_digest(kind: str, value: str) -> bytes:
    """Return the HMAC under which an identifier is kept: the value itself is never stored."""
    text = f"{kind}\0{value.strip().casefold()}"
    return hmac.digest(settings.IDENTIFIER_KEY.encode(), text.encode(), "sha256")


def _digests(identifiers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(kind, identifier_digest(kind, value)) for kind, value in identifiers.items()]


def _find(references: list[Reference], namespace: str) -> dict[Reference, tuple[int, int | None]]:
    rows = prepared.rows_of(
        """
        select named.kind, named.external_id, found.id, found.parent_id
        from unnest(string_to_array(%s, chr(10)), string_to_array(%s, chr(10))) as named (kind, external_id)
        cross join lateral (
            select id, parent_id from actors_actor a
            where a.namespace = %s and a.kind = named.kind and a.external_id = named.external_id limit 1
        ) found
        """,
        [*_columns(references), namespace],
    )
    return {Reference(kind, external_id): (identity, parent) for kind, external_id, identity, parent in rows}


def _insert(references: list[Reference], namespace: str) -> None:
    _execute(
        """
        insert into actors_actor (namespace, kind, external_id, standing, created_at)
        select %s, kind, external_id, %s, %s
        from unnest(string_to_array(%s, chr(10)), string_to_array(%s, chr(10))) as new (kind, external_id)
        on conflict do nothing
        """,
        [namespace, Standing.UNKNOWN.value, clock.now(), *_columns(references)],
    )


def _add_parents(parents: dict[int, int]) -> None:
    """Name parents where none was named; two actors are never each other's."""
    if not parents:
        return
    children = sorted(parents)
    _execute(
        """
        update actors_actor as child set parent_id = parent.id
        from unnest(%s::bigint[], %s::bigint[]) as new (child, parent)
        join actors_actor as parent on parent.id = new.parent
        where child.id = new.child and child.parent_id is null and parent.parent_id is distinct from child.id
        """,
        [children, [parents[child] for child in children]],
    )


def _add_identifiers(identifiers: set[tuple[int, str, bytes]]) -> None:
    if not identifiers:
        return
    actors, kinds, digests = (list(column) for column in zip(*sorted(identifiers), strict=True))
    _execute(
        """
        insert into actors_identifier (actor_id, kind, digest)
        select * from unnest(%s::bigint[], %s::text[], %s::bytea[]) on conflict do nothing
        """,
        [actors, kinds, digests],
    )


def _columns(references: list[Reference]) -> tuple[str, str]:
    """Return kinds and ids as lines: neither holds a control character, and an array costs more to send."""
    return "\n".join(one.kind for one in references), "\n".join(one.external_id for one in references)


def _execute(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
