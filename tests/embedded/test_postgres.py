"""The embedded PostgreSQL: real servers in temporary folders."""

import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from trust.embedded import postgres, postmaster, system_user


def is_up(data_dir: Path) -> bool:
    return postmaster.find(postgres.cluster_dir(data_dir)) is not None


def wait_until_up(data_dir: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            psycopg.connect(postgres.urls(data_dir).app).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError("the server did not come up")


def test_a_command_starts_the_server_and_the_last_one_stops_it(data_dir):
    with postgres.running(data_dir):
        with postgres.running(data_dir) as urls:
            psycopg.connect(urls.app).close()
        still_up = is_up(data_dir)

    assert still_up
    assert not is_up(data_dir)


def test_the_application_role_is_limited_and_the_server_is_durable(data_dir):
    names = ["fsync", "synchronous_commit", "full_page_writes", "statement_timeout", "log_min_error_statement"]

    with postgres.running(data_dir) as urls, psycopg.connect(urls.app) as connection:
        settings = [connection.execute("select current_setting(%s)", [name]).fetchone()[0] for name in names]
        powers = connection.execute(
            "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
        ).fetchone()

    assert settings == ["on", "on", "on", "30s", "panic"]
    assert powers == (False, False, False)


def test_a_deep_data_folder_gets_a_short_socket(data_dir):
    deep = data_dir / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)

    with postgres.running(deep) as urls:
        psycopg.connect(urls.app).close()

    assert len(str(postgres.socket_dir(deep))) < 100


def test_the_server_comes_back_after_a_kill_with_open_connections_and_keeps_what_was_committed(data_dir):
    with postgres.running(data_dir):
        pass
    server = subprocess.Popen(postgres.command(data_dir), stderr=subprocess.DEVNULL)
    wait_until_up(data_dir)
    busy = psycopg.connect(postgres.urls(data_dir).owner, autocommit=True)
    busy.execute("create table kept as select 1 as number")

    server.kill()
    server.wait()
    server = subprocess.Popen(postgres.command(data_dir), stderr=subprocess.DEVNULL)
    try:
        wait_until_up(data_dir)
        with psycopg.connect(postgres.urls(data_dir).owner) as connection:
            assert connection.execute("select number from kept").fetchone() == (1,)
    finally:
        server.send_signal(2)
        server.wait(20)
        busy.close()


def test_a_pid_file_whose_number_was_reused_does_not_stop_the_start(data_dir):
    with postgres.running(data_dir):
        content = (postgres.cluster_dir(data_dir) / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "60"], **system_user.popen_options())
    pid_file = postgres.cluster_dir(data_dir) / "postmaster.pid"
    pid_file.write_text("\n".join([str(stranger.pid), *content[1:]]) + "\n")
    system_user.give(pid_file)

    try:
        with postgres.running(data_dir) as urls:
            psycopg.connect(urls.app).close()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_socket_folder_of_someone_else_is_refused(data_dir, monkeypatch):
    monkeypatch.setattr(system_user, "uid", lambda: 12345)
    monkeypatch.setattr("os.geteuid", lambda: 12346)
    monkeypatch.setattr(system_user, "is_needed", lambda: False)

    with pytest.raises(PermissionError, match="belongs to someone else"):
        postgres.ensure_cluster(data_dir)
