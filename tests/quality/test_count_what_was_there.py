"""The migration that counts what came before there were counts, while alerts go on to come in."""

import threading
from importlib import import_module

import psycopg
import pytest
import sqlparse
from django.db import connection
from django.db.models import Sum

from incidents.intake import operations as intake
from incidents.quality import operations
from incidents.quality.models import ArrivalCount
from tests.harness import database
from tests.intake.native import native

COUNT: str = import_module("incidents.quality.migrations.0002_count_what_was_there").COUNT


@pytest.mark.django_db(transaction=True)
def test_an_alert_that_comes_in_between_is_counted_once():
    intake.accept([native()], source="tests")
    sender = threading.Thread(target=accept_one)

    with psycopg.connect(database.owner_url()) as owner:
        for statement in sqlparse.split(COUNT):
            owner.execute(statement)
            if statement.startswith("delete"):
                sender.start()
                while sender.is_alive() and not someone_waits():
                    sender.join(0.02)
    sender.join()
    operations.count_arrivals(10)

    assert ArrivalCount.objects.aggregate(Sum("alerts"))["alerts__sum"] == 2


def accept_one() -> None:
    intake.accept([native()], source="tests")
    connection.close()


def someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_locks where not granted)")
        return bool(cursor.fetchone()[0])
