"""What a clause recommends and the terms of a version have the shapes that ``steps.py`` and ``texts.py`` read."""

from django.db import migrations

SHAPES = """
    create function policies_steps_up(steps jsonb) returns boolean language sql immutable
        set search_path = pg_catalog, public, pg_temp as $$
        select coalesce(bool_and(is_step and case
            when place = 1 then strikes = 0
            else strikes > before and strikes <= 99 end), false)
        from (
            select place, is_step, strikes, lag(strikes) over (order by place) as before
            from jsonb_array_elements(steps) with ordinality as one (step, place)
            cross join lateral (
                select case when jsonb_typeof(step) = 'object'
                    then step ?& array['from_strikes', 'kind'] and step - 'from_strikes' - 'kind' = '{}'
                        and jsonb_typeof(step -> 'kind') = 'string' and step ->> 'kind' <> ''
                        and step ->> 'from_strikes' ~ '^[0-9]{1,2}$' and jsonb_typeof(step -> 'from_strikes') = 'number'
                    else false end as is_step
            ) shape
            cross join lateral (
                select case when is_step then (step ->> 'from_strikes')::int end as strikes
            ) counted
        ) read
    $$;
    create function policies_recommends(held jsonb) returns boolean language sql immutable
        set search_path = pg_catalog, public, pg_temp as $$
        select case when jsonb_typeof(held) = 'object' then not exists (
            select from jsonb_each(held) as level (severity, steps)
            where severity not in ('0', '1', '2', '3', '4') or not case jsonb_typeof(steps)
                when 'string' then steps <> '""'
                when 'array' then jsonb_array_length(steps) between 1 and 3 and policies_steps_up(steps)
                else false end)
        else false end
    $$;
    create function policies_defines(held jsonb) returns boolean language sql immutable
        set search_path = pg_catalog, public, pg_temp as $$
        select case when jsonb_typeof(held) = 'array' then not exists (
            select from jsonb_array_elements(held) as one (term)
            where not case when jsonb_typeof(term) = 'object'
                then term ?& array['term', 'meaning'] and term - 'term' - 'meaning' = '{}'
                    and jsonb_typeof(term -> 'term') = 'string' and jsonb_typeof(term -> 'meaning') = 'string'
                else false end)
        else false end
    $$;
    alter table policies_clauseversion add constraint clauseversion_recommends check (policies_recommends(recommended));
    alter table policies_policyversion add constraint policyversion_defines check (policies_defines(definitions));
"""

NO_SHAPES = """
    alter table policies_clauseversion drop constraint clauseversion_recommends;
    alter table policies_policyversion drop constraint policyversion_defines;
    drop function policies_recommends(jsonb);
    drop function policies_steps_up(jsonb);
    drop function policies_defines(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0013_typing_of_a_draft"),
    ]

    operations = [
        migrations.RunSQL(SHAPES, NO_SHAPES),
    ]
