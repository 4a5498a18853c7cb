"""Count what came in before there was anything to count it; what was judged is left to do for the first sweeps."""

from django.db import migrations

# The upper ends, in seconds, of the steps of lateness as they were then.
LATENESS = "array[1, 5, 15, 60, 300, 900, 3600, 21600, 86400, 604800]::float8[]"

# Each statement sees what was committed before it: the lock keeps an alert that comes in meanwhile, which leaves a row
# of its own to be counted, from being committed between them and counted twice.
COUNT = f"""
    lock table intake_arrivalstocount in exclusive mode;

    delete from intake_arrivalstocount;

    insert into quality_arrivalcount (detector_version_id, day, source_id, kind, is_flagged, lateness, alerts)
    select detector_version_id, (received_at at time zone 'UTC')::date, source_id, kind, cardinality(flagged) > 0,
        width_bucket(extract(epoch from received_at - occurred_at)::float8, {LATENESS}), count(*)
    from intake_alert group by 1, 2, 3, 4, 5, 6;

    insert into quality_thresholdset (detector_version_id, digest, thresholds, alerts, first_at, last_at)
    select detector_version_id, sha256(convert_to(thresholds::text, 'UTF8')), thresholds, alerts, first_at, last_at
    from (
        select detector_version_id, thresholds, count(*) as alerts, min(received_at) as first_at,
            max(received_at) as last_at, row_number() over (
                partition by detector_version_id order by min(received_at), thresholds) as place
        from intake_alert where detector_version_id is not null and thresholds <> '{{}}' group by 1, 2
    ) sets
    where place <= 100;

    create temporary table category_there on commit drop as
    select taxonomy, taxonomy_version, name, source_id, count(*) as alerts, min(received_at) as first_at,
        max(received_at) as last_at
    from (
        select id, source_id, received_at, taxonomy, taxonomy_version, unnest(flagged) as name from intake_alert
        union
        select id, source_id, received_at, taxonomy, taxonomy_version, label.key
        from intake_alert cross join lateral jsonb_each(labels) as label where label.value = 'true'
    ) each
    group by 1, 2, 3, 4;

    insert into quality_category (taxonomy, taxonomy_version, name, alerts, first_at, last_at)
    select taxonomy, taxonomy_version, name, sum(alerts), min(first_at), max(last_at) from category_there
    group by 1, 2, 3;

    insert into quality_categoryofsource (category_id, source_id, alerts)
    select category.id, there.source_id, there.alerts
    from category_there there join quality_category category using (taxonomy, taxonomy_version, name);

    insert into queues_itemtorate (item_id) select id from queues_item where verdict <> '';
"""  # noqa: S608  a list of our own


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0008_arrivals_to_count"),
        ("quality", "0001_initial"),
        ("queues", "0006_dampings"),
    ]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
