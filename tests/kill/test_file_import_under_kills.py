"""kill -9 of the worker during the import of a file: every record is in its batch once, and no rejection is doubled."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.harness.instance import Instance
from tests.intake.native import native

pytestmark = pytest.mark.kill

SECONDS_FOR_CALM = 300

UPLOAD = """
import io
from incidents.imports import operations
from incidents.intake.formats.catalogue import FORMATS
from tests.kill.test_file_import_under_kills import file_of
from trust.accounts.models import User
lead = User.objects.get(email="importer@example.org")
file = io.BytesIO(file_of({records}))
found = operations.upload(file, name="a", size=1, known=FORMATS["native"], source="file", by=lead)
operations.rehearse(found, by=lead)
"""
IMPORT = """
from incidents.imports import operations
from incidents.imports.models import Import
found = Import.objects.get()
operations.start(found, by=found.made_by)
"""


def file_of(records: int) -> bytes:
    """Return alerts to a line, of which each tenth is wrong."""
    alerts = (native(external_id=str(n), kind="detector" if n % 10 else "gossip") for n in range(records))
    return b"\n".join(json.dumps(alert).encode() for alert in alerts)


def run(data_dir: Path, *, seed: int, records: int, kills: int) -> int:
    """Rehearse and import ``records`` while the worker is killed, and return how many kills hit open work."""
    chance = random.Random(seed)
    with Instance(data_dir) as trustdesk:
        trustdesk.manage("create_person", "importer@example.org", "--role", "lead")
        trustdesk.manage("shell", "-c", UPLOAD.format(records=records))
        hits = kill_until_done(trustdesk, chance, "imports.rehearsal", records, kills // 2)
        rejected = len(range(0, records, 10))
        assert trustdesk.query("select result from jobs_job where kind = 'imports.rehearsal'")[0][0] == {
            "accepted": records - rejected,
            "duplicates": 0,
            "differs": 0,
            "rejected": rejected,
        }
        assert trustdesk.query("select count(*) from imports_finding") == [(rejected,)]

        trustdesk.manage("shell", "-c", IMPORT)
        hits += kill_until_done(trustdesk, chance, "imports.import", records, kills - kills // 2)
        batches = trustdesk.query("select accepted, duplicates, rejected from intake_batch")
        assert batches == [(records - rejected, 0, rejected)]
        assert trustdesk.query("select count(*), count(distinct external_id) from intake_alert") == [
            (records - rejected, records - rejected)
        ]
        assert trustdesk.query("select count(*), count(distinct index) from intake_rejection") == [(rejected, rejected)]
        assert trustdesk.query("select count(*) from imports_part") == [(0,)]
    return hits


def kill_until_done(trustdesk: Instance, chance: random.Random, kind: str, records: int, kills: int) -> int:
    """Kill the worker when given shares of the job are done; return how many kills found it unfinished."""
    hits = 0
    for moment in sorted(chance.uniform(0.02, 0.85) * records for _kill in range(kills)):
        wait_until(lambda moment=moment: progress(trustdesk, kind)[1] >= moment)
        time.sleep(chance.uniform(0, 0.05))
        status, _done = progress(trustdesk, kind)
        trustdesk.kill("worker")
        hits += status == "running"
        trustdesk.wait_until_running("worker")
    wait_until(lambda: progress(trustdesk, kind)[0] == "done")
    return hits


def progress(trustdesk: Instance, kind: str) -> tuple[str, int]:
    try:
        rows = trustdesk.query("select status, done from jobs_job where kind = %s", kind)
    except psycopg.OperationalError:
        return "", 0
    return rows[0] if rows else ("", 0)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_FOR_CALM
    while not is_so():
        assert time.monotonic() < deadline, "the import does not go on"
        time.sleep(0.02)


@pytest.mark.long
def test_a_file_of_5_000_records_lives_through_a_kill(data_dir):
    assert run(data_dir, seed=2026, records=5_000, kills=1) == 1


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_a_file_of_100_000_records_lives_through_20_kills(data_dir, seed):
    assert run(data_dir, seed=seed, records=100_000, kills=20) >= 10
