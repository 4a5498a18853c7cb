#!/usr/bin/env python
"""Run Trustdesk's commands: with the server up or down, the database is there."""

import os
import sys

from django.core.management import execute_from_command_line

from trust import environment
from trust.embedded import postgres

WITHOUT_DATABASE = {"--help", "--version", "compilemessages", "help", "makemessages", "scheduler", "start"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trust.settings")
    if environment.text("DATABASE_URL", default="") or _needs_no_database(sys.argv[1:]):
        execute_from_command_line(sys.argv)
        return
    with postgres.running(environment.data_dir()):
        execute_from_command_line(sys.argv)


def _needs_no_database(arguments: list[str]) -> bool:
    """Say whether to leave the embedded server alone: help, or the process manager and what it runs."""
    return not arguments or arguments[0] in WITHOUT_DATABASE


if __name__ == "__main__":
    main()
