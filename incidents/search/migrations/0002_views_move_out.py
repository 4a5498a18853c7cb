from django.db import migrations

# They keep their numbers, by which audit events name them.
COPY = """
    insert into saved_savedview (id, owner_id, place, name, query, is_shared, created_at)
    select id, owner_id, 'search', name, jsonb_build_object('q', query), is_shared, created_at from search_savedview;
    select setval(pg_get_serial_sequence('saved_savedview', 'id'), (select max(id) from saved_savedview))
    where exists (select from saved_savedview);
"""
BACK = """
    insert into search_savedview (id, owner_id, name, query, is_shared, created_at)
    select id, owner_id, name, query ->> 'q', is_shared, created_at from saved_savedview where place = 'search';
    delete from saved_savedview where place = 'search';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0001_initial"),
        ("saved", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(COPY, BACK),
        migrations.DeleteModel(name="SavedView"),
    ]
