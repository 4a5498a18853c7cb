"""Rows as lines of COPY text: half the cost of handing psycopg a tuple for each row.

A line is written as soon as its alert was read; the ids that are not known by then come first, so that they are put in
front when the row is stored.

The tab between fields and the line end never stand inside one: names hold no control characters, and JSON spells them
out. So it is enough to double the backslashes of a whole line; only a comment, which may hold anything, is escaped by
itself and stands last. NULL is a control character, which no field can be. A digest brings its backslash doubled.

Content is long, and comes as bytes of JSON: its lines are bytes too.
"""

from __future__ import annotations

from binascii import hexlify
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from incidents.intake.formats.native import Alert, Generation
from incidents.intake.models import Batch

NULL: Final = "\x01"
OPTIONS: Final = f"with (null '{NULL}')"

GENERATION: Final = (
    "id, actor_id, namespace, received_at, occurred_at, external_id, model, deployment, stage, use_case, language"
)
CONTENT: Final = "generation_id, messages, parameters, digest, lengths"
ALERT: Final = (
    "id, generation_id, detector_version_id, has_other_content, digest, source_id, batch_id, received_at, occurred_at,"
    " external_id, kind, taxonomy, taxonomy_version, flagged, labels, scores, score_kind, thresholds, spans,"
    " sampling_rate, metadata, comment"
)
PAYLOAD: Final = "id, batch_id, format, body"
ALERT_PAYLOAD: Final = "alert_id, payload_id"

_COMMENT: Final = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v", NULL: "\\x01"}
)


class Lines:
    """Writes the lines of one batch, without the ids in front: what all of them share is turned into text once."""

    def __init__(self, batch: Batch) -> None:
        self.received_at = batch.received_at
        received_at = moment(batch.received_at)
        self._of_generations = f"{batch.source.namespace}\t{received_at}"
        self._of_alerts = f"{batch.source_id}\t{batch.pk}\t{received_at}"

    def generation(self, said: Generation, occurred_at: str) -> str:
        """Write what follows ``id, actor_id``."""
        name = NULL if said.external_id is None else said.external_id
        return _doubled(
            f"{self._of_generations}\t{occurred_at}\t{name}\t{said.model}\t{said.deployment}\t{said.stage or ''}"
            f"\t{said.use_case}\t{said.language}"
        )

    def alert(self, said: Alert, digest: bytes, occurred_at: str) -> str:
        """Write what follows ``id, generation_id, detector_version_id, has_other_content``."""
        taxonomy = f"{said.taxonomy.name}\t{said.taxonomy.version}" if said.taxonomy else "\t"
        line = _doubled(
            f"{self._of_alerts}\t{occurred_at}\t{said.external_id}\t{said.kind}\t{taxonomy}"
            f"\t{_array(tuple(said.flagged))}"
            f"\t{_json(said.labels) if said.labels else '{}'}"
            f"\t{_json(said.scores) if said.scores else '{}'}"
            f"\t{said.score_kind or ''}"
            f"\t{_json(said.thresholds) if said.thresholds else '{}'}"
            f"\t{_json(said.spans) if said.spans else '[]'}"
            f"\t{said.sampling_rate}"
            f"\t{_json(said.metadata) if said.metadata else '{}'}"
        )
        return f"\\\\x{digest.hex()}\t{line}\t{said.comment.translate(_COMMENT) if said.comment else ''}"


def content(said: Generation, messages: bytes, digest: bytes) -> bytes:
    """Write what follows ``generation_id``. ``messages`` are those of ``said``, as JSON."""
    parameters = msgspec.json.encode(said.parameters) if said.parameters else b"{}"
    lengths = ",".join([str(len(message.content)) for message in said.messages or ()])
    text = b"%b\t%b" % (messages, parameters)
    return b"%b\t\\\\x%b\t{%b}" % (text.replace(b"\\", b"\\\\"), hexlify(digest), lengths.encode())


def payload(body: bytes, identity: int, batch: Batch) -> bytes:
    return b"%d\t%d\t%b\t\\\\x%b" % (identity, batch.pk, batch.format.encode(), hexlify(body))


def moment(at: datetime) -> str:
    """Write a time as PostgreSQL reads it, ten times as fast as ``str`` does."""
    return _json(at)[1:-1]


def _doubled(line: str) -> str:
    return line.replace("\\", "\\\\") if "\\" in line else line


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=1000)
def _array(texts: tuple[str, ...]) -> str:
    """Write a list of texts as PostgreSQL reads an array. The same few categories come again and again."""
    quoted = ['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]
    return "{" + ",".join(quoted) + "}"
