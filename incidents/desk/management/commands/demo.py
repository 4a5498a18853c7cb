"""``manage.py demo``: fill an empty database with eight weeks of synthetic history."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from incidents.desk.demo import cast, history
from incidents.intake.models import Alert

SEED = 20221103
WIDTH = 40


class Command(BaseCommand):
    help = "Fill an empty database with eight weeks of synthetic history, the same for the same seed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED)

    def handle(self, *arguments: Any, **options: Any) -> None:
        if Alert.objects.exists():
            return
        history.tell(cast.gather(), seed=options["seed"], end=timezone.now(), progress=self._show)
        self.stdout.write("")

    def _show(self, done: int, total: int) -> None:
        """Draw a bar on a terminal; elsewhere one line a week."""
        if sys.stdout.isatty():
            bar = "#" * (WIDTH * done // total)
            self.stdout.write(f"\rWriting demo history [{bar:<{WIDTH}}] day {done} of {total}", ending="")
            self.stdout.flush()
        elif done % 7 == 0:
            self.stdout.write(f"Writing demo history: week {done // 7} of {total // 7}")
