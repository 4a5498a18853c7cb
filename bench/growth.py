"""Acceptance beside few and beside many stored alerts: two instances, in turns."""

import statistics
import tempfile
from pathlib import Path

import psycopg

from bench import intake
from bench.registry import Result, at_most, bench, interleaved
from bench.world import World, in_parallel, started

STORED = {"small": {"few": 20_000, "many": 400_000}, "full": {"few": 100_000, "many": 5_000_000}}
BATCHES = 12
WARM_UP = 2  # rounds: right after a checkpoint, each page of an index that is touched is logged whole, once
PART = 100_000  # alerts in one transaction

# One after the other, for alerts {first} to {last}; as large as those that come in, by one actor in a hundred.
PART_OF_PAST = [
    """
    insert into actors_actor (namespace, kind, external_id, standing, created_at)
    select 'default', 'account', 'growth-' || n, 'unknown', now() from generate_series({first}, {last}, 100) n
    """,
    """
    create temporary table past on commit drop as
    select n, nextval('intake_generation_id_seq') as generation, nextval('intake_alert_id_seq') as alert,
        (select id from actors_actor where namespace = 'default' and kind = 'account'
            and external_id = 'growth-' || (n - (n - {first}) % 100)) as actor
    from generate_series({first}, {last}) n
    """,
    """
    insert into intake_generation (id, namespace, external_id, actor_id, model, deployment, stage, use_case, language,
        occurred_at, received_at)
    overriding system value
    select generation, 'default', 'growth-generation-' || n, actor, 'model-1', 'playground', 'general_availability',
        'chat', 'en', now() - n * interval '1 s', now() - n * interval '1 s'
    from past
    """,
    """
    insert into intake_content (generation_id, messages, parameters, digest, lengths)
    select generation, jsonb_build_array(
            jsonb_build_object('role', 'user', 'content', repeat(md5(n::text) || ' ', 13)),
            jsonb_build_object('role', 'assistant', 'content', repeat(md5(n::text) || ' ', 27))),
        '{{}}', sha256(n::text::bytea), array[429, 891]
    from past
    """,
    """
    insert into intake_alert (id, source_id, external_id, digest, generation_id, batch_id, kind, detector_version_id,
        taxonomy, taxonomy_version, flagged, labels, scores, score_kind, thresholds, spans, comment, sampling_rate,
        metadata, has_other_content, occurred_at, received_at)
    overriding system value
    select alert, {source}, 'growth-' || n, sha256(n::text::bytea), generation, {batch}, 'detector', {detector},
        'openai-moderation', 'omni-2024-09-26', array['harassment'], '{{}}',
        '{{"hate": 0.1234, "harassment": 0.9876, "illicit": 0.0123, "sexual": 0.2345, "violence": 0.3456,
            "spam": 0.4567, "fraud": 0.5678, "privacy": 0.6789, "malware": 0.7891}}',
        'probability', '{{}}', '[]', '', 1, '{{}}', false, now() - n * interval '1 s', now() - n * interval '1 s'
    from past
    """,
]
SOURCE = "insert into intake_source (slug, namespace, created_at) values ('growth', 'default', now()) returning id"
DETECTOR = "insert into intake_detectorversion (name, version) values ('growth', '1') returning id"
BATCH = """
    insert into intake_batch (source_id, received_at, accepted, duplicates, rejected, format)
    values (%s, now(), %s, 0, 0, 'native') returning id
"""
VACUUM = "vacuum analyze actors_actor, intake_generation, intake_content, intake_alert"


@bench("growth")
def growth(world: World) -> list[Result]:
    """The rate of one round beside many, held against the rate of the same beside few; seconds, so less is better."""
    stored = STORED[world.scale]
    with (
        tempfile.TemporaryDirectory(prefix="trustdesk-growth-", ignore_cleanup_errors=True) as folder,
        started(Path(folder) / "few", scale=world.scale) as few,
        started(Path(folder) / "many", scale=world.scale) as many,
        few.without_background(),
        many.without_background(),
        world.without_background(),
    ):
        sides = [_Side(many, stored["many"]), _Side(few, stored["few"])]
        for _round in range(WARM_UP):
            for side in sides:
                side.milliseconds_per_alert()
        slow, fast = interleaved(*(side.milliseconds_per_alert for side in sides))
        costs = [side.processor_microseconds() for side in sides]
    note = f"{stored['many']:,} stored, and {stored['few']:,}; processor: {costs[0]:.0f} and {costs[1]:.0f} µs an alert"
    return [Result("growth/intake", slow, fast, "ms", at_most(1.2), note=note)]


class _Side:
    """One instance with its past, and the rounds that it has taken in."""

    def __init__(self, world: World, stored: int) -> None:
        self._world, self._round = world, 0
        fill(world, stored)
        self._key = world.key("intake", source="bench-growth")
        self._used: list[float] = []

    def milliseconds_per_alert(self) -> float:
        self._round += 1
        bodies = intake.bodies(f"growth-round-{self._round}", batches=BATCHES)
        before = self._world.processor_seconds()
        rate = intake.alerts_per_second(self._world, self._key, bodies)
        self._used.append(self._world.processor_seconds() - before)
        return 1_000 / rate

    def processor_microseconds(self) -> float:
        """Return what an alert cost in processor time, the rounds of warming up left out."""
        return statistics.median(self._used[WARM_UP:]) * 1e6 / (intake.BATCH * BATCHES)


def fill(world: World, many: int) -> None:
    """Store alerts of the past as the owner, past every rule and every check of a foreign key."""
    with world.owner() as owner:
        source, detector = (_id(owner, statement) for statement in (SOURCE, DETECTOR))
        batch = _id(owner, BATCH, source, many)
    parts = [range(first, min(first + PART, many + 1)) for first in range(1, many + 1, PART)]
    ids = {"source": source, "batch": batch, "detector": detector}
    in_parallel([lambda own=parts[at :: intake.CLIENTS]: _fill(world, own, ids) for at in range(intake.CLIENTS)])
    with world.owner() as owner:
        owner.autocommit = True
        owner.execute(VACUUM)
        owner.execute("checkpoint")


def _fill(world: World, parts: list[range], ids: dict[str, int]) -> None:
    with world.owner() as owner:
        owner.autocommit = True
        owner.execute("set session_replication_role = replica")
        for part in parts:
            with owner.transaction():
                for statement in PART_OF_PAST:
                    owner.execute(statement.format(first=part[0], last=part[-1], **ids).encode())


def _id(owner: psycopg.Connection, statement: str, *values: int) -> int:
    row = owner.execute(statement.encode(), values).fetchone()
    if row is None:
        raise RuntimeError("nothing was inserted")
    return int(row[0])
