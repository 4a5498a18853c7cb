"""Set-based storing: a few statements for a thousand alerts, on psycopg's own cursor (Django's binds on the client).

What is known is asked first, so that new rows can go in by COPY. A row that someone else stores in between breaks the
unique constraint; ``accept`` then starts over and finds it known. Rows go in sorted by their keys, so that two
transactions with the same rows wait for each other in one direction only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import msgspec
import psycopg
from django.db import connection
from psycopg import sql

from incidents.actors.operations import Reference
from incidents.intake.formats.native import Alert, Detector
from incidents.intake.models import Batch
from incidents.intake.queries import RestrictedCategories

_json = msgspec.json.encode


@dataclass
class Home:
    """The generation that an alert is about: stored already, or about to be, once it has its id."""

    content_digest: bytes
    id: int | None = None


class Arrival:
    """An alert on its way in: its place in the body, and what was found out about it."""

    __slots__ = ("alert", "brings_generation", "digest", "has_other_content", "home", "index")

    home: Home

    def __init__(self, index: int, alert: Alert) -> None:
        self.index = index
        self.alert = alert
        self.digest = alert.digest()
        self.brings_generation = False
        self.has_other_content = False


class Homes:
    """The generations that the alerts of one chunk name, and those that they bring."""

    def __init__(self, namespace: str, alerts: Iterable[Alert]) -> None:
        """Look up what is stored. One query."""
        named = {alert.generation.external_id for alert in alerts} - {None}
        rows = _rows(
            """
            select g.external_id, g.id, c.digest
            from intake_generation g join intake_content c on c.generation_id = g.id
            where g.namespace = %s and g.external_id = any(%s::text[])
            """,
            [namespace, list(named)],
        )
        self._by_name = {name: Home(bytes(digest), identity) for name, identity, digest in rows}

    def place(self, arrival: Arrival) -> bool:
        """Tell ``arrival`` its generation; False when it brings none and names none that is known.

        The first content of a generation stays; an alert that brings other content is marked.
        """
        named, messages = arrival.alert.generation.external_id, arrival.alert.generation.messages
        digest = hashlib.sha256(_json(messages)).digest() if messages is not None else None
        home = self._by_name.get(named) if named is not None else None
        if home is None and digest is None:
            return False
        if home is None and digest is not None:
            home = Home(digest)
            arrival.brings_generation = True
            if named is not None:
                self._by_name[named] = home
        assert home is not None
        arrival.home = home
        arrival.has_other_content = digest is not None and digest != home.content_digest
        return True


def known_alerts(source_id: int, external_ids: list[str]) -> dict[str, bytes]:
    """Return the digests of the alerts of this source that are stored already. One query."""
    statement = "select external_id, digest from intake_alert where source_id = %s and external_id = any(%s::text[])"
    return {name: bytes(digest) for name, digest in _rows(statement, [source_id, external_ids])}


def store(
    arrivals: list[Arrival], batch: Batch, actor_ids: dict[Reference, int], restricted: RestrictedCategories
) -> None:
    """Write new alerts with their generations, restrictions and to-do rows. About 10 statements."""
    bringing = [arrival for arrival in arrivals if arrival.brings_generation]
    for arrival, identity in zip(bringing, _next_ids("intake_generation", len(bringing)), strict=True):
        arrival.home.id = identity
    alert_ids = _next_ids("intake_alert", len(arrivals))
    detector_ids = _detector_ids(arrivals)

    bringing.sort(key=lambda arrival: arrival.alert.generation.external_id or "")
    _copy("intake_generation", _GENERATION, (_generation(one, batch, actor_ids) for one in bringing))
    _copy("intake_content", _CONTENT, (_content(arrival) for arrival in bringing))
    _restrict(arrivals, batch, restricted)
    rows = (_alert(one, identity, batch, detector_ids) for one, identity in zip(arrivals, alert_ids, strict=True))
    _copy("intake_alert", _ALERT, sorted(rows, key=_external_id))
    _copy("intake_alerttoroute", "alert_id", ((identity,) for identity in alert_ids))


_GENERATION = (
    "id, namespace, external_id, actor_id, model, deployment, stage, use_case, language, occurred_at, received_at"
)
_CONTENT = "generation_id, messages, parameters, digest, lengths"
_ALERT = (
    "external_id, id, source_id, digest, generation_id, batch_id, kind, detector_version_id, taxonomy,"
    " taxonomy_version, flagged, labels, scores, score_kind, thresholds, spans, comment, sampling_rate,"
    " metadata, has_other_content, occurred_at, received_at"
)
_external_id = itemgetter(0)


def _generation(arrival: Arrival, batch: Batch, actor_ids: dict[Reference, int]) -> tuple[Any, ...]:
    alert, generation = arrival.alert, arrival.alert.generation
    actor = alert.actor
    return (
        arrival.home.id,
        batch.source.namespace,
        generation.external_id,
        actor_ids[Reference(actor.kind, actor.external_id)] if actor else None,
        generation.model,
        generation.deployment,
        generation.stage or "",
        generation.use_case,
        generation.language,
        alert.occurred_at,
        batch.received_at,
    )


def _content(arrival: Arrival) -> tuple[Any, ...]:
    messages = arrival.alert.generation.messages or []
    return (
        arrival.home.id,
        _json(messages).decode(),
        _json(arrival.alert.generation.parameters).decode(),
        arrival.home.content_digest,
        _array(str(len(message.content)) for message in messages),
    )


def _alert(arrival: Arrival, identity: int, batch: Batch, detector_ids: dict[Detector, int]) -> tuple[Any, ...]:
    alert = arrival.alert
    return (
        alert.external_id,
        identity,
        batch.source_id,
        arrival.digest,
        arrival.home.id,
        batch.pk,
        alert.kind,
        detector_ids[alert.detector] if alert.detector else None,
        alert.taxonomy.name if alert.taxonomy else "",
        alert.taxonomy.version if alert.taxonomy else "",
        _array(alert.flagged),
        _json(alert.labels).decode(),
        _json(alert.scores).decode(),
        alert.score_kind or "",
        _json(alert.thresholds).decode(),
        _json(alert.spans).decode(),
        alert.comment,
        alert.sampling_rate,
        _json(alert.metadata).decode(),
        arrival.has_other_content,
        alert.occurred_at,
        batch.received_at,
    )


def _restrict(arrivals: list[Arrival], batch: Batch, restricted: RestrictedCategories) -> None:
    """Close the generations that a restricted category was found in, those that are stored already too."""
    found: dict[int, str] = {}
    for arrival in arrivals:
        if (category := restricted.category_of(arrival.alert)) and arrival.home.id is not None:
            found.setdefault(arrival.home.id, category)
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
    detectors = {arrival.alert.detector for arrival in arrivals if arrival.alert.detector}
    if not detectors:
        return {}
    pairs = sorted((detector.name, detector.version) for detector in detectors)
    columns = [[name for name, _version in pairs], [version for _name, version in pairs]]
    found = _rows(_FIND_DETECTORS, columns)
    if len(found) < len(pairs):
        _rows(_ADD_DETECTORS, columns)
        found = _rows(_FIND_DETECTORS, columns)
    return {Detector(name=name, version=version): identity for identity, name, version in found}


_FIND_DETECTORS = """
    select id, name, version from intake_detectorversion
    where (name, version) in (select * from unnest(%s::text[], %s::text[]))
"""
_ADD_DETECTORS = """
    insert into intake_detectorversion (name, version) select * from unnest(%s::text[], %s::text[])
    on conflict do nothing
"""


def _next_ids(table: str, count: int) -> list[int]:
    statement = "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)"
    return [identity for (identity,) in _rows(statement, [table, count])] if count else []


def _copy(table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    statement = sql.SQL(f"copy {table} ({columns}) from stdin")
    with _cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def _cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    return psycopg.Cursor(connection.connection)


def _array(texts: Iterable[str]) -> str:
    """Write an array as COPY reads it."""
    quoted = ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    return "{" + ",".join(quoted) + "}"
