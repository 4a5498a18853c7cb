from __future__ import annotations

import re
import zlib
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents.intake import operations
from incidents.intake.formats import files
from incidents.intake.formats.openai_moderation_eval import NotALine

CHUNK = 1_000


class Command(BaseCommand):
    help = "Take in the alerts of a file, one to a line, .gz or plain. What is stored already is a duplicate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--format", required=True, choices=sorted(files.FORMATS))
        parser.add_argument("--source", required=True, metavar="NAME", help="slug of the source, as on an API key")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and store nothing")

    def handle(self, *args: object, **options: Any) -> None:
        if not re.fullmatch(r"[-a-zA-Z0-9_]{1,60}", options["source"]):
            raise CommandError(_("A source is named by letters, digits, hyphens and underscores, at most 60."))
        try:
            if options["dry_run"]:
                self._rehearse(options)
            else:
                self._import(options)
        except (OSError, EOFError, zlib.error) as error:
            raise CommandError(_("Cannot read the file: %(reason)s") % {"reason": error}) from error

    def _rehearse(self, options: dict[str, Any]) -> None:
        with transaction.atomic():
            self._import(options)
            transaction.set_rollback(True)

    def _import(self, options: dict[str, Any]) -> None:
        convert, lines = files.FORMATS[options["format"]], files.lines(options["file"])
        accepted = duplicates = rejected = 0
        while chunk := list(islice(lines, CHUNK)):
            numbers, records = [], []
            for number, line in chunk:
                try:
                    records.append(convert(line, number))
                    numbers.append(number)
                except NotALine as reason:
                    rejected += 1
                    self._say_rejected(number, {"body": [str(reason)]})
            receipt = operations.accept(records, source=options["source"])
            for rejection in receipt.rejected:
                self._say_rejected(numbers[rejection.index], rejection.errors)
            accepted += receipt.accepted
            duplicates += receipt.duplicates
            rejected += len(receipt.rejected)
        self.stdout.write(f"accepted {accepted}, duplicates {duplicates}, rejected {rejected}")

    def _say_rejected(self, number: int, errors: dict[str, list[str]]) -> None:
        for path, sentences in errors.items():
            line = _("line %(number)s: %(path)s: %(sentences)s")
            self.stderr.write(line % {"number": number, "path": path, "sentences": " ".join(sentences)})
