from __future__ import annotations

import re
import zlib
from argparse import ArgumentParser
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents.intake import operations
from incidents.intake.formats import files
from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.reader import Reader

CHUNK = 1_000


class Command(BaseCommand):
    help = "Take in the alerts of a file, one to a line or row, .gz or plain. What is stored already is a duplicate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--format", required=True, choices=sorted(FORMATS))
        parser.add_argument("--source", required=True, metavar="NAME", help="slug of the source, as on an API key")
        parser.add_argument(
            "--option", action="append", default=[], metavar="NAME=VALUE", help="what a format asks for beside the file"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and store nothing")

    def handle(self, *args: object, **options: Any) -> None:
        if not re.fullmatch(r"[-a-zA-Z0-9_]{1,60}", options["source"]):
            raise CommandError(_("A source is named by letters, digits, hyphens and underscores, at most 60."))
        pairs = [pair.partition("=") for pair in options["option"]]
        if any(not equals for _name, equals, _value in pairs):
            raise CommandError(_("An option is given as NAME=VALUE."))
        reader = Reader(FORMATS[options["format"]], options={name: value for name, _equals, value in pairs})
        try:
            if options["dry_run"]:
                self._rehearse(options["file"], options["source"], reader)
            else:
                self._import(options["file"], options["source"], reader)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise CommandError(_("Cannot read the file: %(reason)s") % {"reason": error}) from error

    def _rehearse(self, file: Path, source: str, reader: Reader) -> None:
        with transaction.atomic():
            self._import(file, source, reader)
            transaction.set_rollback(True)

    def _import(self, file: Path, source: str, reader: Reader) -> None:
        accepted = duplicates = rejected = 0
        records = files.records(file, reader.format)
        while chunk := list(islice(records, CHUNK)):
            places = [place for place, _record in chunk]
            placed = replace(reader, places=places)
            receipt = operations.accept([record for _place, record in chunk], source=source, reader=placed)
            for rejection in receipt.rejected:
                self._say_rejected(places[rejection.index] + 1, rejection.errors)
            accepted += receipt.accepted
            duplicates += receipt.duplicates
            rejected += len(receipt.rejected)
        self.stdout.write(f"accepted {accepted}, duplicates {duplicates}, rejected {rejected}")

    def _say_rejected(self, number: int, errors: dict[str, list[str]]) -> None:
        for path, sentences in errors.items():
            line = _("line %(number)s: %(path)s: %(sentences)s")
            self.stderr.write(line % {"number": number, "path": path, "sentences": " ".join(sentences)})
