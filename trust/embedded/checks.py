"""What must hold before anything is started. Each refusal is one sentence that says what to do."""

import socket
import tempfile
from pathlib import Path

import psycopg
from django.utils.translation import gettext as _

HOST = "127.0.0.1"
OLDEST_POSTGRES = 150000


def refusal_of_port(port: str) -> str | None:
    """Say why the web server cannot listen on ``port``, or return None if it can."""
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        return _("PORT must be a number between 1 and 65535, not “%(port)s”.") % {"port": port}
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(port)))
        except OSError:
            sentence = _(
                "Port %(port)s is taken or not allowed; stop what uses it, or choose another: make run PORT=8001"
            )
            return sentence % {"port": port}
    return None


def refusal_of_data_dir(data_dir: Path) -> str | None:
    """Say why the data folder cannot be used, or return None if it can. Makes it when it is missing."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=data_dir):
            return None
    except OSError as error:
        sentence = _("The data folder %(folder)s cannot be written (%(why)s); choose another with DATA_DIR.")
        return sentence % {"folder": data_dir, "why": error.strerror}


def refusal_of_database(url: str, *, name: str) -> str | None:
    """Say why the PostgreSQL behind the setting ``name`` cannot be used, or return None if it can."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
    except (psycopg.Error, UnicodeError) as error:
        why = " ".join(str(error).split())
        return _("PostgreSQL cannot be reached by %(name)s: %(why)s") % {"name": name, "why": why}
    if version < OLDEST_POSTGRES:
        sentence = _("PostgreSQL 15 or newer is needed; %(name)s leads to version %(version)s.")
        return sentence % {"name": name, "version": version // 10000}
    return None
