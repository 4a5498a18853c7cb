"""Rows as lines of COPY text: half the cost of handing psycopg a tuple for each row.

A line is written as soon as its alert was read; the ids that are not known by then come first, so that they are put in
front when the row is stored.

The tab between fields and the line end never stand inside one: names hold no control characters, and JSON spells them
out. So it is enough to double the backslashes of a whole line; only a comment, which may hold anything, is escaped by
itself and stands last. NULL is a control character, which no field can be.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec

from incidents.intake.formats.native import Alert, Generation
from incidents.intake.models import Batch

NULL: Final = "\x01"
OPTIONS: Final = f"with (null '{NULL}')"

GENERATION: Final = (
    "id, actor_id, namespace, external_id, model, deployment, stage, use_case, language, occurred_at, received_at"
)
CONTENT: Final = "generation_id, messages, parameters, digest, lengths"
ALERT: Final = (
    "id, generation_id, detector_version_id, has_other_content, source_id, batch_id, external_id, digest, kind,"
    " taxonomy, taxonomy_version, flagged, labels, scores, score_kind, thresholds, spans, sampling_rate, metadata,"
    " occurred_at, received_at, comment"
)
PAYLOAD: Final = "id, batch_id, format, body"
ALERT_PAYLOAD: Final = "alert_id, payload_id"

_COMMENT: Final = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v", NULL: "\\x01"}
)


class Lines:
    """Writes the lines of one batch, without the ids in front: what all of them share is turned into text once."""

    def __init__(self, batch: Batch) -> None:
        self._source, self._batch, self._namespace = str(batch.source_id), str(batch.pk), batch.source.namespace
        self._received_at = str(batch.received_at)

    def generation(self, alert: Alert) -> str:
        """Write what follows ``id, actor_id``."""
        said = alert.generation
        return _line(
            self._namespace,
            NULL if said.external_id is None else said.external_id,
            said.model,
            said.deployment,
            said.stage or "",
            said.use_case,
            said.language,
            str(alert.occurred_at),
            self._received_at,
        )

    def content(self, said: Generation, messages: bytes, digest: bytes) -> str:
        """Write what follows ``generation_id``. ``messages`` are those of ``said``, as JSON."""
        lengths = ",".join([str(len(message.content)) for message in said.messages or ()])
        return _line(messages.decode(), _object(said.parameters), "\\x" + digest.hex(), "{" + lengths + "}")

    def alert(self, said: Alert, digest: bytes) -> str:
        """Write what follows ``id, generation_id, detector_version_id, has_other_content``."""
        line = _line(
            self._source,
            self._batch,
            said.external_id,
            "\\x" + digest.hex(),
            said.kind,
            said.taxonomy.name if said.taxonomy else "",
            said.taxonomy.version if said.taxonomy else "",
            _array(tuple(said.flagged)),
            _object(said.labels),
            _object(said.scores),
            said.score_kind or "",
            _object(said.thresholds),
            _json(said.spans) if said.spans else "[]",
            str(said.sampling_rate),
            _object(said.metadata),
            str(said.occurred_at),
            self._received_at,
        )
        return f"{line}\t{said.comment.translate(_COMMENT) if said.comment else ''}"


def payload(body: bytes, identity: int, batch: Batch) -> str:
    return _line(str(identity), str(batch.pk), batch.format, "\\x" + body.hex())


def _line(*fields: str) -> str:
    return "\t".join(fields).replace("\\", "\\\\")


def _object(value: dict[str, Any]) -> str:
    return _json(value) if value else "{}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=1000)
def _array(texts: tuple[str, ...]) -> str:
    """Write a list of texts as PostgreSQL reads an array. The same few categories come again and again."""
    quoted = ['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]
    return "{" + ",".join(quoted) + "}"
