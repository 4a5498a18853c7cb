"""What is counted, in the one place that says so: SQL over what came in and over what was judged.

An alert of a detector **said something** when it flagged a category; a report by a person always did. An **item** is
rated once for each detector's version and source that said something about it, by the verdict that stands on it.
"""

from typing import Final

# ── What came in ─────────────────────────────────────────

# Rows that wait to be counted: all of them, or those at hand.
TO_COUNT: Final = "select source_id, received_at, makes from intake_arrivalstocount"
TAKEN: Final = """
    select * from unnest(%(sources)s::bigint[], %(received_at)s::timestamptz[], %(makes)s::jsonb[])
        as row (source_id, received_at, makes)
"""


def arrived_from(waiting: str) -> str:
    """Return a CTE ``arrived`` from a query of (source_id, received_at, makes)."""
    return f"""
    arrived as materialized (
        select waiting.source_id, waiting.received_at, (waiting.received_at at time zone 'UTC')::date as day,
            detector.id as detector_version_id, make.*
        from ({waiting}) waiting
        cross join lateral jsonb_to_recordset(waiting.makes) as make (detector text, version text, kind text,
            is_flagged boolean, taxonomy text, taxonomy_version text, categories jsonb, thresholds jsonb,
            lateness smallint, alerts bigint)
        left join intake_detectorversion detector on detector.name = make.detector and detector.version = make.version
    )
    """  # noqa: S608  the queries above


ARRIVALS: Final = "detector_version_id, day, source_id, kind, is_flagged, lateness"
COUNTED_ARRIVALS: Final = f"""
    with {arrived_from(TO_COUNT)},
    facts as (
        select {ARRIVALS}, alerts from quality_arrivalcount
        union all
        select {ARRIVALS}, alerts from arrived
    )
"""  # noqa: S608  names of ours

# ── What was judged ──────────────────────────────────────

RATING: Final = "item_id, source_id, detector_version_id, is_report, month, outcome, categories"
COUNT: Final = "detector_version_id, source_id, is_report, month, category, outcome"

# %(reports)s are the kinds of alert that are reports by people.
_RATED: Final = """
    select item.id as item_id, alert.source_id, alert.detector_version_id, alert.kind = any(%(reports)s) as is_report,
        date_trunc('month', item.closed_at at time zone 'UTC')::date as month,
        case when restriction.generation_id is null then item.verdict else 'restricted' end as outcome,
        case when restriction.generation_id is null
            then coalesce(array_agg(distinct flagged.name) filter (where flagged.name is not null), '{{}}')
            else '{{}}' end as categories
    from queues_item item
    join intake_alert alert on alert.generation_id = item.generation_id
    left join intake_restriction restriction on restriction.generation_id = item.generation_id
    left join lateral unnest(alert.flagged) as flagged (name) on true
    where {items} and item.verdict <> ''
        and (alert.kind = any(%(reports)s) or cardinality(alert.flagged) > 0)
        and not exists (select from intake_alerttoroute waiting where waiting.alert_id = alert.id)
    group by item.id, alert.source_id, alert.detector_version_id, 4, restriction.generation_id
"""


def rated(items: str) -> str:
    """Return a query of ``RATING``, from first principles, for the items that the condition ``items`` names."""
    return _RATED.format(items=items)


def by_category(ratings: str) -> str:
    """Return a query of ``COUNT``: each rating once for all of its categories, and once for each."""
    return f"""
    select detector_version_id, source_id, is_report, month, category, outcome
    from ({ratings}) rating cross join lateral unnest(array_prepend('', categories::text[])) as each (category)
    """  # noqa: S608  the queries above


# What is still to look at is taken out and rated anew, in one statement: a number is exact as soon as it is judged.
COUNTED_RATINGS: Final = f"""
    with waiting as materialized (select distinct item_id from queues_itemtorate),
    facts as (
        select {COUNT}, items from quality_ratingcount
        union all
        select {COUNT}, 1 from ({by_category(rated("item.id in (select item_id from waiting)"))}) fresh
        union all
        select {COUNT}, -1 from ({
    by_category("select * from quality_rating where item_id in (select item_id from waiting)")
}) stale
    )
"""  # noqa: S608  names of ours
