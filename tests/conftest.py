"""A real PostgreSQL of the checkout's own: migrated by the owner, used as the application's role."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from tests.environment import DATA_DIR
from trust import database
from trust.embedded import postgres

NAME = "test_trustdesk"


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Urls]:
    """Run the checkout's own test cluster; no fsync, since nothing here outlives a run."""
    with postgres.running(DATA_DIR, settings=("fsync=off", "full_page_writes=off")) as urls:
        yield urls


@pytest.fixture(scope="session")
def django_db_setup(cluster: postgres.Urls, django_db_blocker: Any) -> None:
    """Make the test database afresh as the owner, then leave it to the application's role."""
    with psycopg.connect(cluster.owner, autocommit=True) as owner:
        owner.execute(f"drop database if exists {NAME} with (force)")
        owner.execute(f"create database {NAME}")
    app_role = settings.DATABASES["default"]["USER"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(NAME=NAME, USER=postgres.OWNER)
        call_command("migrate", verbosity=0)
        database.grant_to_application(app_role)
        connection.close()
        connection.settings_dict.update(NAME=NAME, USER=app_role)


def owner_url() -> str:
    return postgres.urls(DATA_DIR, database=NAME).owner


def empty_all_tables() -> None:
    """Empty the test database as its owner, who alone can step past the append-only triggers."""
    with psycopg.connect(owner_url(), autocommit=True) as owner:
        tables = owner.execute(
            "select string_agg(quote_ident(tablename), ', ') from pg_tables"
            " where schemaname = 'public' and tablename <> 'django_migrations'"
        ).fetchone()
        owner.execute("set session_replication_role = replica")
        owner.execute(f"truncate {tables[0]} restart identity cascade")  # type: ignore[index]


@pytest.fixture(autouse=True, scope="session")
def _clean_up_as_owner() -> Iterator[None]:
    """Let tests that commit be cleaned up by the owner; Django would truncate as the application's role."""
    before = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = lambda self: empty_all_tables()  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = before  # type: ignore[attr-defined]
