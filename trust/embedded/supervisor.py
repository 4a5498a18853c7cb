"""The process manager: starts web, worker, scheduler and the embedded PostgreSQL, and restarts whichever dies.

All come up at once and wait for each other by themselves, since each must live through a database that is away.
"""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# glibc gives each thread heaps of its own, which keep what was freed in them: two are enough for four threads.
ENVIRONMENT = 'MALLOC_ARENA_MAX="2"'

# Programs of this priority form one group, which is stopped all at once; others one after the other.
APPLICATION = 10


@dataclass(frozen=True)
class Program:
    """One process to keep running. Lower ``priority`` starts earlier and stops later."""

    name: str
    command: list[str]
    priority: int = APPLICATION
    stop_signal: str = "TERM"
    seconds_to_stop: int = 10


def web() -> Program:
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "trust.wsgi:application"]
    return Program("web", command)


def worker() -> Program:
    """One process with two threads: tasks mostly wait for the database, and memory counts."""
    command = [sys.executable, "-m", "celery", "--app", "trust.celery", "worker", "--pool", "threads"]
    options = ["--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Program("worker", [*command, *options, "--loglevel", "WARNING"])


def scheduler() -> Program:
    return Program("scheduler", [sys.executable, "manage.py", "scheduler"])


def events() -> Program:
    """The live stream ``/events/``, to which web hands connections on."""
    return Program("events", [sys.executable, "-m", "incidents.queues.stream"])


def database(command: list[str]) -> Program:
    """The embedded server; SIGINT asks it to end open transactions and stop."""
    return Program("postgres", command, priority=1, stop_signal="INT", seconds_to_stop=30)


def write_config(data_dir: Path, programs: list[Program]) -> Path:
    """Write the configuration of ``programs`` into the data folder and return its path."""
    logs = data_dir / "logs"
    logs.mkdir(exist_ok=True)
    path = data_dir / "supervisord.conf"
    path.write_text(config(logs, programs))
    return path


def command(config_path: Path) -> list[str]:
    return [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(config_path)]


def config(logs: Path, programs: list[Program]) -> str:
    user = "user = root\n" if os.geteuid() == 0 else ""
    head = f"""[supervisord]
nodaemon = true
silent = true
environment = {ENVIRONMENT}
logfile = {_escaped(str(logs / "supervisord.log"))}
logfile_maxbytes = 5MB
logfile_backups = 2
pidfile = {_escaped(str(logs / "supervisord.pid"))}
{user}"""
    grouped = [program.name for program in programs if program.priority == APPLICATION]
    group = f"\n[group:trustdesk]\nprograms = {','.join(grouped)}\npriority = {APPLICATION}\n"
    return head + "".join(_section(logs, program) for program in programs) + group


def _section(logs: Path, program: Program) -> str:
    log = _escaped(str(logs / f"{program.name}.log"))
    return f"""
[program:{program.name}]
command = {_escaped(shlex.join(program.command))}
directory = {_escaped(str(ROOT))}
priority = {program.priority}
autorestart = true
startsecs = 1
startretries = 1000000
stopsignal = {program.stop_signal}
stopwaitsecs = {program.seconds_to_stop}
redirect_stderr = true
stdout_logfile = {log}
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""


def _escaped(value: str) -> str:
    return value.replace("%", "%%")
