"""Rows as lines of COPY text: half the cost of handing psycopg a tuple for each row.

The tab between fields and the line end never stand inside one: names hold no control characters, and JSON spells them
out. So it is enough to double the backslashes of a whole line; only a comment, which may hold anything, is escaped by
itself and stands last. NULL is a control character, which no field can be.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec

from incidents.actors.operations import Reference
from incidents.intake.formats.native import Detector
from incidents.intake.models import Batch
from incidents.intake.operations.arriving import Arrival

NULL: Final = "\x01"
OPTIONS: Final = f"with (null '{NULL}')"

GENERATION: Final = (
    "id, namespace, external_id, actor_id, model, deployment, stage, use_case, language, occurred_at, received_at"
)
CONTENT: Final = "generation_id, messages, parameters, digest, lengths"
ALERT: Final = (
    "id, source_id, external_id, digest, generation_id, batch_id, kind, detector_version_id, taxonomy,"
    " taxonomy_version, flagged, labels, scores, score_kind, thresholds, spans, sampling_rate, metadata,"
    " has_other_content, occurred_at, received_at, comment"
)

_COMMENT: Final = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v", NULL: "\\x01"}
)


class Lines:
    """Writes the lines of one batch: what they share is turned into text once."""

    def __init__(self, batch: Batch, actor_ids: dict[Reference, int], detector_ids: dict[Detector, int]) -> None:
        self._source, self._batch, self._namespace = str(batch.source_id), str(batch.pk), batch.source.namespace
        self._received_at = str(batch.received_at)
        self._actors = {actor: str(identity) for actor, identity in actor_ids.items()}
        self._detectors = {detector: str(identity) for detector, identity in detector_ids.items()}

    def generation(self, arrival: Arrival) -> str:
        said = arrival.alert.generation
        return _line(
            str(arrival.home.id),
            self._namespace,
            NULL if said.external_id is None else said.external_id,
            self._actors[arrival.actor] if arrival.actor else NULL,
            said.model,
            said.deployment,
            said.stage or "",
            said.use_case,
            said.language,
            arrival.occurred_at,
            self._received_at,
        )

    def content(self, arrival: Arrival) -> str:
        said, home = arrival.alert.generation, arrival.home
        return _line(
            str(home.id),
            home.messages.decode(),
            _object(said.parameters),
            "\\x" + home.content_digest.hex(),
            "{" + ",".join([str(len(message.content)) for message in said.messages or ()]) + "}",
        )

    def alert(self, arrival: Arrival, identity: int) -> str:
        said = arrival.alert
        line = _line(
            str(identity),
            self._source,
            said.external_id,
            "\\x" + arrival.digest.hex(),
            str(arrival.home.id),
            self._batch,
            said.kind,
            self._detectors[said.detector] if said.detector else NULL,
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
            "t" if arrival.has_other_content else "f",
            arrival.occurred_at,
            self._received_at,
        )
        return f"{line}\t{said.comment.translate(_COMMENT) if said.comment else ''}"


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
