from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from incidents.queues import operations


class Command(BaseCommand):
    help = "Group near-identical items that came before there were groups, or were grouped by an older comparison."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--most", type=int, default=10_000, help="how many items to look at (default 10,000)")

    def handle(self, **options: Any) -> None:
        act = operations.try_regroup if options["dry_run"] else operations.regroup
        done = act(most=options["most"])
        for leader, size in done.largest:
            self.stdout.write(_("item %(item)s and those like it: %(size)s") % {"item": leader, "size": size})
        counts = {"items": done.items, "joined": done.joined, "led": done.led, "alone": done.alone}
        self.stdout.write(_("items %(items)s, joined %(joined)s, led %(led)s, alone %(alone)s") % counts)
