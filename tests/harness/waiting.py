"""Many alerts that wait for their queue, and the rules that they meet, written past everything as the owner."""

import json
from typing import Any

import psycopg

RULES = 50

# One statement; %(many)s alerts about a generation each, of a hundred makes.
WAIT = """
    with source as (
        insert into intake_source (slug, namespace, created_at) values (%(name)s, %(name)s, now()) returning id
    ), batch as (
        insert into intake_batch (source_id, received_at, accepted, duplicates, rejected, format)
        select id, now(), %(many)s, 0, 0, '' from source returning id
    ), generations as (
        insert into intake_generation (namespace, external_id, model, deployment, stage, use_case, language,
            occurred_at, received_at)
        select %(name)s, n::text, 'model-' || n %% 10, '', '', '', (array['en', 'de', 'fr'])[1 + n %% 3], now(), now()
        from generate_series(1, %(many)s) n
        returning id, external_id
    ), contents as (
        insert into intake_content (generation_id, messages, parameters, digest, lengths)
        select id, jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'Text ' || external_id)), '{}',
            sha256(external_id::bytea), array[length(external_id) + 5]
        from generations
    ), alerts as (
        insert into intake_alert (source_id, external_id, digest, generation_id, batch_id, kind, taxonomy,
            taxonomy_version, flagged, labels, scores, score_kind, thresholds, spans, comment, sampling_rate, metadata,
            has_other_content, occurred_at, received_at)
        select source.id, g.external_id, '', g.id, batch.id, 'detector', 'own', '1',
            array['category-' || g.id %% 60], '{}',
            jsonb_build_object('category-' || g.id %% 60, (g.id %% 100) / 100.0), 'probability', '{}', '[]', '', 1,
            '{}',
            false, now(), now()
        from generations g, source, batch
        returning id
    )
    insert into intake_alerttoroute (alert_id) select id from alerts
"""


def rules(queue: str) -> list[dict[str, Any]]:
    """Return fifty rules, each by category and score: of a category, a share of the alerts meets its rule."""
    return [
        {
            "key": f"rule-{number}",
            "name": f"Rule {number}",
            "queue": queue,
            "conditions": [
                {"field": "alert.flagged", "operator": "contains_any", "value": [f"category-{number}"]},
                {"field": "alert.top_score", "operator": "at_least", "value": 0.5},
            ],
        }
        for number in range(RULES)
    ]


def let_wait(owner: psycopg.Connection, many: int, *, name: str) -> None:
    owner.execute(WAIT.encode(), {"many": many, "name": name})


def put_in_force(owner: psycopg.Connection, queue: str) -> None:
    """Make the fifty rules the newest version."""
    owner.execute(
        "insert into queues_ruleset (number, rules, made_at, reason) "
        "select coalesce(max(number), 0) + 1, %s, now(), '' from queues_ruleset",
        [json.dumps(rules(queue))],
    )
