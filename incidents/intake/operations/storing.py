"""Set-based storing: a few statements for a thousand alerts, on psycopg's own cursor (Django's binds on the client).

What is known is asked first, so that new rows can go in by COPY. A row that someone else stores in between breaks the
unique constraint; ``accept`` then starts over and finds it known. Rows go in sorted by their keys, so that two
transactions with the same rows wait for each other in one direction only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from incidents.actors.operations import Reference
from incidents.intake.formats.native import Detector
from incidents.intake.models import Batch
from incidents.intake.operations import lines
from incidents.intake.operations.arriving import Arrival, Home
from trust import prepared


class Homes:
    """The generations that the alerts of one chunk name, and those that they bring."""

    def __init__(self, namespace: str, arrivals: Iterable[Arrival]) -> None:
        """Look up what is stored. One query."""
        named = {arrival.generation_name for arrival in arrivals if arrival.generation_name}
        rows = prepared.rows_of(_FIND_GENERATIONS, ["\n".join(named), namespace]) if named else []
        self._by_name = {name: Home(digest, identity) for name, identity, digest in rows}

    def expect(self, content_digests: Mapping[str, bytes]) -> None:
        """Count generations as known that are not stored, by name: what a rehearsal would have stored by now."""
        for name, digest in content_digests.items():
            self._by_name.setdefault(name, Home(digest))

    def place(self, arrival: Arrival) -> bool:
        """Tell ``arrival`` its generation; False when it brings none and names none that is known.

        The first content of a generation stays; an alert that brings other content is marked.
        """
        named, digest = arrival.generation_name, arrival.content_digest
        known = self._by_name.get(named) if named is not None else None
        if known is not None:
            arrival.home, arrival.has_other_content = known, digest is not None and digest != known.content_digest
            return True
        if digest is None:
            return False
        arrival.home, arrival.brings_generation = Home(digest), True
        if named is not None:
            self._by_name[named] = arrival.home
        return True


# Each name is looked up by itself, in the unique index: however large the table and however stale its statistics.
_FIND_GENERATIONS = """
    select named.external_id, found.id, found.digest
    from unnest(string_to_array(%s, chr(10))) as named (external_id)
    cross join lateral (
        select id, (select digest from intake_content c where c.generation_id = g.id)
        from intake_generation g where g.namespace = %s and g.external_id = named.external_id limit 1
    ) found
"""
_FIND_ALERTS = """
    select named.external_id, found.digest
    from unnest(string_to_array(%s, chr(10))) as named (external_id)
    cross join lateral (
        select digest from intake_alert a where a.source_id = %s and a.external_id = named.external_id limit 1
    ) found
"""


def known_alerts(source_id: int, external_ids: list[str]) -> dict[str, bytes]:
    """Return the digests of the alerts of this source that are stored already. One query.

    Ids go as lines: they hold no control character, and an array costs ten times as much to send.
    """
    return dict(prepared.rows_of(_FIND_ALERTS, ["\n".join(external_ids), source_id]))


def store(arrivals: list[Arrival], batch: Batch, actor_ids: dict[Reference, int]) -> None:
    """Write new alerts with their generations, restrictions and to-do rows. About 10 statements."""
    bringing = [arrival for arrival in arrivals if arrival.brings_generation]
    generation_ids, alert_ids = _next_ids(intake_generation=len(bringing), intake_alert=len(arrivals))
    for arrival, identity in zip(bringing, generation_ids, strict=True):
        arrival.home.id = identity
    detector_ids = _detector_ids(arrivals)

    bringing.sort(key=lambda arrival: arrival.generation_name or "")
    waiting = sorted(zip(arrivals, alert_ids, strict=True), key=lambda one: one[0].external_id)
    _copy("intake_generation", lines.GENERATION, [_generation_line(one, actor_ids) for one in bringing])
    _copy("intake_content", lines.CONTENT, [b"%a\t%b" % (one.home.id, one.content_line) for one in bringing])
    _copy("intake_alert", lines.ALERT, [_alert_line(one, identity, detector_ids) for one, identity in waiting])
    _copy("intake_alerttoroute", "alert_id", [b"%d" % identity for identity in alert_ids])
    _keep_payloads([(one, identity) for one, identity in waiting if one.payload is not None], batch)
    _restrict(arrivals, batch)


def _generation_line(arrival: Arrival, actor_ids: dict[Reference, int]) -> bytes:
    actor_id = actor_ids[arrival.sighting.actor] if arrival.sighting else lines.NULL
    return f"{arrival.home.id}\t{actor_id}\t{arrival.generation_line}".encode()


def _alert_line(arrival: Arrival, identity: int, detector_ids: dict[Detector, int]) -> bytes:
    detector_id = detector_ids[arrival.detector] if arrival.detector else lines.NULL
    return f"{identity}\t{arrival.home.id}\t{detector_id}\t{arrival.has_other_content}\t{arrival.alert_line}".encode()


def _keep_payloads(waiting: list[tuple[Arrival, int]], batch: Batch) -> None:
    """Keep the records as they came, each once, however many alerts it holds."""
    if not waiting:
        return
    bodies = {arrival.index: arrival.payload or b"" for arrival, _alert_id in waiting}
    [payload_ids] = _next_ids(intake_payload=len(bodies))
    ids = dict(zip(bodies, payload_ids, strict=True))
    _copy("intake_payload", lines.PAYLOAD, [lines.payload(body, ids[at], batch) for at, body in bodies.items()])
    pairs = [b"%d\t%d" % (alert_id, ids[arrival.index]) for arrival, alert_id in waiting]
    _copy("intake_alertpayload", lines.ALERT_PAYLOAD, pairs)


def _restrict(arrivals: list[Arrival], batch: Batch) -> None:
    """Close the generations that a restricted category was found in, those that are stored already too."""
    found: dict[int, str] = {}
    for arrival in arrivals:
        if arrival.restricted and arrival.home.id is not None:
            found.setdefault(arrival.home.id, arrival.restricted)
    if found:
        identities = sorted(found)
        _rows(
            """
            insert into intake_restriction (generation_id, category, created_at)
            select identity, category, %s from unnest(%s::bigint[], %s::text[]) as new (identity, category)
            on conflict do nothing
            """,
            [batch.received_at, identities, [found[identity] for identity in identities]],
        )


def _detector_ids(arrivals: list[Arrival]) -> dict[Detector, int]:
    detectors = {arrival.detector for arrival in arrivals if arrival.detector}
    if not detectors:
        return {}
    pairs = sorted((detector.name, detector.version) for detector in detectors)
    columns = [[name for name, _version in pairs], [version for _name, version in pairs]]
    found = prepared.rows_of(_FIND_DETECTORS, columns)
    if len(found) < len(pairs):
        _rows(_ADD_DETECTORS, columns)
        found = prepared.rows_of(_FIND_DETECTORS, columns)
    return {Detector(name=name, version=version): identity for identity, name, version in found}


_FIND_DETECTORS = """
    select id, name, version from intake_detectorversion
    where (name, version) in (select * from unnest(%s::text[], %s::text[]))
"""
_ADD_DETECTORS = """
    insert into intake_detectorversion (name, version) select * from unnest(%s::text[], %s::text[])
    on conflict do nothing
"""


def _next_ids(**many: int) -> list[list[int]]:
    """Take ids for rows to come: ``many`` says how many of which table. One statement."""
    lists = [f"array(select nextval('{table}_id_seq') from generate_series(1, %s))" for table in many]  # noqa: S608
    [ids] = prepared.rows_of(f"select {', '.join(lists)}", list(many.values()))
    return list(ids)


def _copy(table: str, columns: str, rows: Iterable[bytes]) -> None:
    with (
        connection.wrap_database_errors,
        _cursor() as cursor,
        cursor.copy(sql.SQL(f"copy {table} ({columns}) from stdin {lines.OPTIONS}")) as copy,
    ):
        copy.write(b"\n".join(rows))


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.wrap_database_errors, _cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def _cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    return psycopg.Cursor(connection.connection)
