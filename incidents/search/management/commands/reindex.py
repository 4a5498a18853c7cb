from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from incidents.search import operations


class Command(BaseCommand):
    help = "Index what came before there was a search, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--most", type=int, default=100_000, help="how many generations (default 100,000)")

    def handle(self, **options: Any) -> None:
        many = operations.reindex(most=options["most"])
        self.stdout.write(_("indexed %(many)s") % {"many": many})
