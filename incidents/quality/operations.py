"""Every write of quality: what is added up of alerts and judgements; it can be made again at any time."""

from typing import Any, Final

from django.db import connection, transaction

from incidents.intake import operations as intake
from incidents.quality import facts, queries
from incidents.queues import operations as queues
from trust.audit.operations import record

MOST_THRESHOLD_SETS: Final = 100  # of one detector's version; one that sends others with each alert is not followed


@transaction.atomic
def count_arrivals(limit: int) -> int:
    """Take up to ``limit`` rows of what came in and add them up. Returns how many were taken.

    One at a time, so that the sums never wait for each other. No audit event: it derives numbers.
    """
    _alone("arrivals")
    taken = intake.take_arrivals_to_count(limit)
    if taken:
        sources, moments, makes = zip(*taken, strict=True)
        values = {"sources": list(sources), "received_at": list(moments), "makes": list(makes)}
        _execute(_COUNT_ARRIVALS, values | {"most": MOST_THRESHOLD_SETS})
    return len(taken)


@transaction.atomic
def rate_items(limit: int) -> int:
    """Look again at up to ``limit`` items that were judged, or judged otherwise. Returns how many rows were done.

    Tells the queues how right each detector and source was, once a thing changed. One at a time.
    """
    _alone("ratings")
    items = queues.take_items_to_rate(limit)
    if not items:
        return 0
    _execute(_TAKE_OUT, {"items": items})
    _execute(_rate("item.id = any(%(items)s)"), {"items": items, "reports": queries.REPORTS})
    queues.note_reliability(queries.reliability())
    return len(items)


@transaction.atomic
def rebuild() -> int:
    """Rate all judged items anew; what is still to be looked at stays to do. Returns how many ratings there are."""
    _alone("ratings")
    _execute("delete from quality_ratingcount", {})
    _execute("delete from quality_rating", {})
    rows = _execute(_rate("true"), {"reports": queries.REPORTS})
    queues.note_reliability(queries.reliability())
    record("quality.rebuilt", on=[], by=None, data={"ratings": rows})
    return rows


def _alone(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('quality'), hashtext(%s))", [what])


def _execute(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: int = cursor.rowcount
        return rows


_COUNT_ARRIVALS: Final = f"""
    with {facts.arrived_from(facts.TAKEN)},
    volume as (
        insert into quality_arrivalcount ({facts.ARRIVALS}, alerts)
        select {facts.ARRIVALS}, sum(alerts) from arrived group by {facts.ARRIVALS}
        on conflict on constraint arrivalcount_once
            do update set alerts = quality_arrivalcount.alerts + excluded.alerts
    ), sets as (
        select detector_version_id, sha256(convert_to(thresholds::text, 'UTF8')) as digest, thresholds,
            sum(alerts) as alerts, min(received_at) as first_at, max(received_at) as last_at
        from arrived where detector_version_id is not null and jsonb_typeof(thresholds) = 'object'
        group by detector_version_id, thresholds
    ), followed as (
        select sets.* from (
            select sets.*, known.id is null as is_new, row_number() over (
                partition by sets.detector_version_id, known.id is null order by sets.first_at, sets.digest) as place
            from sets left join quality_thresholdset known
                on known.detector_version_id = sets.detector_version_id and known.digest = sets.digest
        ) sets
        where not is_new or place <= %(most)s - (
            select count(*) from quality_thresholdset k where k.detector_version_id = sets.detector_version_id)
    ), threshold_set as (
        insert into quality_thresholdset (detector_version_id, digest, thresholds, alerts, first_at, last_at)
        select detector_version_id, digest, thresholds, alerts, first_at, last_at from followed
        on conflict on constraint thresholdset_once do update set
            alerts = quality_thresholdset.alerts + excluded.alerts,
            first_at = least(quality_thresholdset.first_at, excluded.first_at),
            last_at = greatest(quality_thresholdset.last_at, excluded.last_at)
    ), named as (
        select arrived.taxonomy, arrived.taxonomy_version, category.name, arrived.source_id, arrived.received_at,
            arrived.alerts
        from arrived cross join lateral jsonb_array_elements_text(arrived.categories) as category (name)
    ), category as (
        insert into quality_category (taxonomy, taxonomy_version, name, alerts, first_at, last_at)
        select taxonomy, taxonomy_version, name, sum(alerts), min(received_at), max(received_at)
        from named group by 1, 2, 3
        on conflict on constraint category_once do update set
            alerts = quality_category.alerts + excluded.alerts,
            first_at = least(quality_category.first_at, excluded.first_at),
            last_at = greatest(quality_category.last_at, excluded.last_at)
        returning id, taxonomy, taxonomy_version, name
    ), of_day as (
        insert into quality_categoryday (category_id, day, alerts)
        select category.id, (named.received_at at time zone 'UTC')::date, sum(named.alerts)
        from named join category using (taxonomy, taxonomy_version, name) group by 1, 2
        on conflict on constraint categoryday_once do update set alerts = quality_categoryday.alerts + excluded.alerts
    )
    insert into quality_categoryofsource (category_id, source_id, alerts)
    select category.id, named.source_id, sum(named.alerts)
    from named join category using (taxonomy, taxonomy_version, name) group by 1, 2
    on conflict on constraint categoryofsource_once
        do update set alerts = quality_categoryofsource.alerts + excluded.alerts
"""  # noqa: S608  names of ours

_ADD_UP: Final = f"""
    insert into quality_ratingcount ({facts.COUNT}, items)
    select {facts.COUNT}, sum(items) from changed group by {facts.COUNT} having sum(items) <> 0
    on conflict on constraint ratingcount_once do update set items = quality_ratingcount.items + excluded.items
"""  # noqa: S608  names of ours

_INSERT: Final = f"insert into quality_rating ({facts.RATING})"

_TAKE_OUT: Final = f"""
    with stale as (
        delete from quality_rating where item_id = any(%(items)s) returning {facts.RATING}
    ), changed as (
        select {facts.COUNT}, -1 as items from ({facts.by_category("select * from stale")}) gone
    )
    {_ADD_UP}
"""  # noqa: S608  names of ours


def _rate(items: str) -> str:
    """Return a statement that rates the items that the condition names; they have no ratings yet."""
    return f"""
    with fresh as materialized (
        {facts.rated(items)}
    ), changed as (
        select {facts.COUNT}, 1 as items from ({facts.by_category("select * from fresh")}) come
    ), counted as (
        {_ADD_UP}
    )
    {_INSERT} select {facts.RATING} from fresh
"""  # noqa: S608  names of ours
