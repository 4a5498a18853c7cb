"""``manage.py start``: check, prepare, fill, then become the process manager. ``make run`` ends here."""

import os
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from trust import celery, clock
from trust.accounts import sign_ins
from trust.embedded import checks, locks, postgres, supervisor
from trust.environment import BadSetting

SIGN_INS = "sign-ins.tsv"
BEFORE_THE_HISTORY = timedelta(weeks=8, days=2)


class Command(BaseCommand):
    help = "Start web, worker, scheduler and the embedded PostgreSQL under one process manager, in the foreground."
    requires_system_checks: list[str] = []

    def handle(self, *arguments: Any, **options: Any) -> None:
        if reason := _refusal_to_start():
            raise BadSetting(reason)
        with _database(), celery.without_hints():
            with _time_of_preparation():
                call_command("prepare")
                sign_ins.make_first_people(settings.DATA_DIR / SIGN_INS)
            if settings.DEMO and "demo" in get_commands():
                call_command("demo")
            connections.close_all()
        _become_manager()


def _refusal_to_start() -> str | None:
    """Say why nothing can be started, or return None. Asks for the port first, since nothing needs undoing then."""
    refusal = checks.refusal_of_port(str(settings.PORT)) or checks.refusal_of_data_dir(settings.DATA_DIR)
    if refusal is None and locks.is_managed(settings.DATA_DIR):
        refusal = _("Trustdesk already runs from %(folder)s; stop it first.") % {"folder": settings.DATA_DIR}
    if refusal or settings.IS_DATABASE_EMBEDDED:
        return refusal
    return checks.refusal_of_database(settings.DATABASE_URL, name="DATABASE_URL") or checks.refusal_of_database(
        settings.MIGRATION_DATABASE_URL, name="MIGRATION_DATABASE_URL"
    )


def _database() -> AbstractContextManager[Any]:
    """Have the embedded server up while things are prepared; the process manager starts its own afterwards."""
    return postgres.running(settings.DATA_DIR) if settings.IS_DATABASE_EMBEDDED else nullcontext()


def _time_of_preparation() -> AbstractContextManager[Any]:
    """Set up a new demo before its history begins: its first policies are older than what was judged by them."""
    is_new_demo = settings.DEMO and not (settings.DATA_DIR / SIGN_INS).exists()
    return clock.at(timezone.now() - BEFORE_THE_HISTORY) if is_new_demo else nullcontext()


def _become_manager() -> None:
    """Turn this process into the process manager, which holds the folder's lock from here on."""
    lock = locks.opened(settings.DATA_DIR, locks.MANAGER)
    if not locks.take(lock):
        raise BadSetting(_("Trustdesk already runs from %(folder)s; stop it first.") % {"folder": settings.DATA_DIR})
    locks.keep_across_exec(lock)
    os.environ["DATA_DIR"] = str(settings.DATA_DIR)
    os.environ["PORT"] = str(settings.PORT)
    url = f"http://{checks.HOST}:{settings.PORT}"
    subprocess.Popen([sys.executable, "-m", "trust.embedded.announce", url, str(settings.DATA_DIR / SIGN_INS)])
    command = supervisor.command(supervisor.write_config(settings.DATA_DIR, _programs()))
    os.execv(command[0], command)


def _programs() -> list[supervisor.Program]:
    programs = [supervisor.web(), supervisor.worker(), supervisor.scheduler(), supervisor.events()]
    if settings.IS_DATABASE_EMBEDDED:
        programs.append(supervisor.database(postgres.command(settings.DATA_DIR)))
    return programs
