"""Connections go to the worker that is free: each worker is a process with an interpreter lock of its own."""

import runpy
import socket
import time

import pytest

from trust.embedded.supervisor import ROOT


@pytest.fixture
def naps(monkeypatch):
    taken = []
    monkeypatch.setattr(time, "sleep", taken.append)
    return taken


@pytest.fixture
def settings_file():
    return runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as open_socket:
        open_socket.setblocking(False)
        yield open_socket


def make_worker(settings_file, *, connections, kept_open):
    """Make a worker that has not been started, with so many connections, of which some wait for their next request."""
    worker = object.__new__(settings_file["worker_class"])
    worker.nr_conns, worker.keepalived_conns, worker.pending_conns = connections, [object()] * kept_open, []
    return worker


def test_a_worker_that_is_at_work_leaves_a_new_connection_to_another(settings_file, listener, naps):
    worker = make_worker(settings_file, connections=3, kept_open=2)

    worker.accept(listener)

    assert naps == [settings_file["HEAD_START"]]


def test_a_worker_whose_connections_are_idle_takes_a_new_one_at_once(settings_file, listener, naps):
    worker = make_worker(settings_file, connections=2, kept_open=2)

    worker.accept(listener)

    assert naps == []
