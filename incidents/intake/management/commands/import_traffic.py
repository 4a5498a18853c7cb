from __future__ import annotations

import re
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents.intake import operations
from incidents.intake.formats import traffic

MOST_ROWS: Final = 200_000


class Command(BaseCommand):
    help = "Take in counts of traffic from a CSV with a header. The same again changes nothing, other numbers correct."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--source", required=True, metavar="NAME", help="slug of the source, as on an API key")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and store nothing")

    def handle(self, *args: object, **options: Any) -> None:
        if not re.fullmatch(r"[-a-zA-Z0-9_]{1,60}", options["source"]):
            raise CommandError(_("A source is named by letters, digits, hyphens and underscores, at most 60."))
        rows = _rows(options["file"])
        with transaction.atomic():
            receipt = operations.count_traffic([record for _line, record in rows], source=options["source"])
            transaction.set_rollback(options["dry_run"])
        for rejection in receipt.rejected:
            self._say_rejected(rows[rejection.index][0], rejection.errors)
        for index in receipt.corrected:
            self.stderr.write(_("line %(number)s: corrects what was told before") % {"number": rows[index][0]})
        counts = (receipt.created, receipt.unchanged, len(receipt.corrected), len(receipt.rejected))
        self.stdout.write("created {}, unchanged {}, corrected {}, rejected {}".format(*counts))

    def _say_rejected(self, number: int, errors: dict[str, list[str]]) -> None:
        for path, sentences in errors.items():
            line = _("line %(number)s: %(path)s: %(sentences)s")
            self.stderr.write(line % {"number": number, "path": path, "sentences": " ".join(sentences)})


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Read all rows: they become one transaction, so that a file is counted whole or not at all."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(islice(traffic.rows(file), MOST_ROWS + 1))
    except (OSError, UnicodeDecodeError, traffic.NotATable) as error:
        raise CommandError(_("Cannot read the file: %(reason)s") % {"reason": error}) from error
    if len(rows) > MOST_ROWS:
        raise CommandError(_("More than %(limit)s rows; cut the file into smaller ones.") % {"limit": MOST_ROWS})
    return rows
