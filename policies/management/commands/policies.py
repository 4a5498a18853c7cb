"""``manage.py policies export`` and ``import``: policies as files that people keep in git. See docs/policies.md."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _, ngettext

from policies import comparisons, exports, incoming, operations
from policies.diff import Kind, Piece
from policies.files import checks, folders
from policies.files.documents import PolicyDocument
from policies.files.faults import Fault, Faulty
from policies.files.layout import ENDING
from policies.files.markdown import escaped
from policies.models import Clause, PolicyVersion
from policies.texts import PolicyText
from trust.accounts.models import User
from trust.refusals import Refused

# As much of an unchanged text as stands before and after a change.
CONTEXT = 40
MARKS = {Kind.SAME: "{}", Kind.REMOVED: "[-{}-]", Kind.ADDED: "{{+{}+}}"}


class Command(BaseCommand):
    help = "Write policies into a folder, one Markdown file per clause, and make drafts of what was changed there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        out = ways.add_parser("export", help="write what is in force into a folder")
        out.add_argument("folder", type=Path)
        out.add_argument("--policy", metavar="KEY", default="", help="one policy (default: all that are in force)")
        out.add_argument("--version", metavar="N", type=int, dest="number", help="one version of it, also a draft")
        back = ways.add_parser("import", help="make drafts of what a folder says; publishes nothing")
        back.add_argument("folder", type=Path)
        back.add_argument("--by", metavar="EMAIL", required=True, help="whose drafts they are, a policy editor")
        back.add_argument("--note", default="", help="why the text changes, in place of the change_note in the files")
        back.add_argument("--dry-run", action="store_true", help="show what would change and store nothing")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            if options["way"] == "export":
                self._export(options["folder"], options["policy"], options["number"])
            else:
                self._import(options["folder"], _editor(options["by"]), options["note"], options["dry_run"])
        except (Refused, Fault, Faulty) as refusal:
            raise CommandError(_printable(str(refusal))) from None
        except OSError as error:
            raise CommandError(_("Cannot read or write the files: %(reason)s") % {"reason": error}) from None

    def _export(self, folder: Path, policy: str, number: int | None) -> None:
        if number is not None and not policy:
            raise CommandError(_("--version is a version of one policy; name it with --policy."))
        versions = list(_versions(policy, number))
        if not versions:
            raise CommandError(_("There is no such version."))
        files = exports.files_of(versions)
        gone = folders.save(folder, files, no_more=_paths_of_all_clauses(versions))
        for version in versions:
            count = sum(path.startswith(f"{version.policy.key}/") for path in files)
            told = ngettext("version %(number)s, %(count)s file", "version %(number)s, %(count)s files", count)
            self.stdout.write(f"{version.policy.key}: " + told % {"number": version.number, "count": count})
        for path in gone:
            self.stdout.write(_("deleted %(path)s, which the version does not have") % {"path": path})

    @transaction.atomic
    def _import(self, folder: Path, by: User, note: str, is_dry_run: bool) -> None:
        documents = folders.load(folder)
        if note:
            documents = [replace(document, change_note=note) for document in documents]
        if faults := [fault for document in documents for fault in checks.faults_in(document)]:
            raise Faulty(faults)
        for document in documents:
            before, left_alone = incoming.text_before(document.key), incoming.left_alone_by(document)
            draft = operations.draft_document(document, by=by)
            for line in (*_told(document, before, draft), *left_alone):
                self.stdout.write(line)
        if is_dry_run:
            self.stdout.write(_("A dry run: nothing was stored."))
            transaction.set_rollback(True)


def _editor(email: str) -> User:
    person: User | None = User.objects.active().filter(email__iexact=email).first()
    if person is None:
        raise CommandError(_("There is no active person with the e-mail address %(email)s.") % {"email": email})
    return person


def _versions(policy: str, number: int | None) -> Iterator[PolicyVersion]:
    versions = PolicyVersion.objects.select_related("policy").order_by("policy__position", "policy_id")
    if policy:
        versions = versions.filter(policy__key=policy)
    yield from versions.published() if number is None else versions.filter(number=number)


def _paths_of_all_clauses(versions: list[PolicyVersion]) -> list[str]:
    """Return the files that any version of these policies may have left in the folder."""
    clauses = Clause.objects.filter(policy__in=[version.policy_id for version in versions]).select_related("policy")
    return [f"{clause.policy.key}/{clause.key}{ENDING}" for clause in clauses]


def _told(document: PolicyDocument, before: PolicyText, draft: PolicyVersion | None) -> Iterator[str]:
    if draft is None:
        yield f"{document.key}: " + _("nothing differs")
        return
    told = _("a draft of version %(number)s by %(name)s") % {"number": draft.number, "name": draft.created_by}
    yield f"{document.key}: {_printable(told)}"
    found = comparisons.of_texts(before, document.text)
    for row in found.about:
        yield f"  {row.label}: {_shortened(row.pieces)}"
    for clause in found.changed:
        yield f"  {clause.key}: " + ", ".join(mark.word for mark in clause.marks)
        for row in clause.rows:
            yield f"    {row.label}: {_shortened(row.pieces)}"


def _shortened(pieces: tuple[Piece, ...]) -> str:
    """Return a change as ``git diff --word-diff`` shows it, with a little of what stands around it."""
    told = []
    for place, piece in enumerate(pieces):
        text = piece.text
        if piece.kind == Kind.SAME and len(text) > 2 * CONTEXT:
            start, end = text[:CONTEXT] if place else "", text[-CONTEXT:] if place < len(pieces) - 1 else ""
            text = f"{start}…{end}"
        told.append(MARKS[piece.kind].format(text))
    return escaped("".join(told))


def _printable(text: str) -> str:
    """Return ``text`` without what could steer the terminal that shows it."""
    return "\n".join(escaped(line) for line in text.split("\n"))
