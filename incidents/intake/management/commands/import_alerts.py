from __future__ import annotations

import re
import zlib
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents.intake import operations, queries
from incidents.intake.formats import files
from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.reader import Reader

CHUNK = 1_000
Places = Sequence[int]


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
        said = queries.with_saved_mapping({name: value for name, _equals, value in pairs})
        reader = Reader(FORMATS[options["format"]], options=said)
        try:
            if options["dry_run"]:
                self._rehearse(options["file"], options["source"], reader)
            else:
                self._import(options["file"], options["source"], reader, self._say_rejected)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise CommandError(_("Cannot read the file: %(reason)s") % {"reason": error}) from error

    def _rehearse(self, file: Path, source: str, reader: Reader) -> None:
        """Say what would become of a file, record by record, and write nothing."""
        before, counts = _Before(), Counter[str]()
        for chunk in _chunks(file, reader):
            places = [place for place, _record in chunk]
            added, brought = operations.rehearse(
                [record for _place, record in chunk],
                source=source,
                reader=replace(reader, places=places),
                recall=before.recall,
            )
            before.keep(brought)
            self._say_all(added, places)
            counts.update(accepted=len(added.accepted), duplicates=len(added.duplicates), rejected=len(added.rejected))
        self._say_counts(counts["accepted"], counts["duplicates"], counts["rejected"])

    def _import(self, file: Path, source: str, reader: Reader, say: Callable[[operations.Added, Places], None]) -> None:
        """Take a file in as one batch, a thousand records to a transaction; what came before a fault in it stays."""
        chunks = _chunks(file, reader)
        first = next(chunks, [])
        batch = operations.open_batch(source=source, reader=reader)
        try:
            for chunk in chain([first], chunks):
                places = [place for place, _record in chunk]
                say(operations.add(batch, [record for _place, record in chunk], replace(reader, places=places)), places)
        finally:
            with transaction.atomic():
                operations.close_batch(batch, by=None)
        self._say_counts(batch.accepted, batch.duplicates, batch.rejected)

    def _say_counts(self, accepted: int, duplicates: int, rejected: int) -> None:
        self.stdout.write(f"accepted {accepted}, duplicates {duplicates}, rejected {rejected}")

    def _say_all(self, added: operations.Added, places: Places) -> None:
        """Say of every record what became of its alerts, in the order of the file."""
        said: dict[int, list[str]] = {}
        for index in added.accepted:
            said.setdefault(index, []).append(_("would be accepted"))
        for index in added.duplicates:
            said.setdefault(index, []).append(_("is a duplicate"))
        for index in added.differs:
            said[index][said[index].index(_("is a duplicate"))] = _("is a duplicate that says something else")
        for rejection in added.rejected:
            said.setdefault(rejection.index, []).extend(_sentences(rejection.errors))
        for index in sorted(said):
            for sentence in said[index]:
                self._say(places[index], sentence)

    def _say_rejected(self, added: operations.Added, places: Places) -> None:
        for rejection in added.rejected:
            for sentence in _sentences(rejection.errors):
                self._say(places[rejection.index], sentence)

    def _say(self, place: int, sentence: str) -> None:
        self.stderr.write(_("line %(number)s: %(sentence)s") % {"number": place + 1, "sentence": sentence})


class _Before:
    """What the records so far would have stored: a few dozen bytes each."""

    def __init__(self) -> None:
        self._alerts: dict[str, bytes] = {}
        self._generations: dict[str, bytes] = {}

    def keep(self, brought: operations.Brought) -> None:
        self._alerts.update(brought.alerts)
        self._generations.update(brought.generations)

    def recall(self, alerts: Sequence[str], generations: Sequence[str]) -> operations.Brought:
        return operations.Brought(
            {name: self._alerts[name] for name in alerts if name in self._alerts},
            {name: self._generations[name] for name in generations if name in self._generations},
        )


def _chunks(file: Path, reader: Reader) -> Iterator[list[tuple[int, bytes]]]:
    records = files.records(file, reader.format)
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def _sentences(errors: dict[str, list[str]]) -> list[str]:
    return [f"{path}: {' '.join(sentences)}" for path, sentences in errors.items()]
