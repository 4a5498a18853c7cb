"""``manage.py start`` refuses with one sentence, and what it starts lives through kills."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.instance import ROOT, Instance, free_port
from trust.accounts import sign_ins
from trust.accounts.models import User

pytestmark = pytest.mark.kill


def start(data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "start"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(data_dir), "PORT": str(free_port()), "DEMO": "0", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_ends_the_start_before_anything_is_started(data_dir):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        done = start(data_dir, PORT=port)

    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (data_dir / "postgres").exists()


def test_a_data_folder_that_cannot_be_written_is_said_in_one_sentence(data_dir):
    data_dir.write_text("a file, no folder")

    done = start(data_dir / "below")

    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreachable_database_is_said_in_one_sentence(data_dir):
    done = start(data_dir, DATABASE_URL=f"postgresql://someone@127.0.0.1:{free_port()}/nothing")

    assert done.returncode == 1
    assert "PostgreSQL cannot be reached by DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_first_people_get_sign_ins_that_only_the_owner_of_the_file_reads(db, tmp_path):
    path = tmp_path / "sign-ins.tsv"

    sign_ins.make_first_people(path)
    sign_ins.make_first_people(path)

    lines = [line.split("\t") for line in path.read_text().splitlines()]
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(lines) == User.objects.count() == len(sign_ins.FIRST_PEOPLE)
    assert all(User.objects.get(email=email).check_password(password) for _role, email, password in lines[:2])


@pytest.mark.long
def test_whatever_is_killed_comes_back_and_the_data_stays(data_dir):
    with Instance(data_dir, is_first=True) as trustdesk:
        people = trustdesk.query("select count(*) from accounts_user")

        for name in ("web", "worker", "scheduler", "events", "postgres"):
            trustdesk.kill(name)
            trustdesk.wait_until_running(name)
            trustdesk.wait_ready()

        assert trustdesk.query("select count(*) from accounts_user") == people
        assert "Traceback" not in trustdesk.logs()
        second = start(trustdesk.data_dir)

    assert second.returncode == 1
    assert "already runs from" in second.stderr
