"""The files of one policy: their names, what is in them, and what may not be.

spam/
  policy.yaml            title, summary, note, and the clauses in their order
  spam.reviews.md        one file per clause, named by its key
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from policies.files import clauses
from policies.files.clauses import ParsedClause
from policies.files.documents import PolicyDocument
from policies.files.faults import Fault, Faulty
from policies.files.nodes import Fields, Node, parse as parse_yaml, scalar
from policies.texts import Definition, PolicyText

FORMAT: Final = 1
POLICY_FILE: Final = "policy.yaml"
ENDING: Final = ".md"
MOST_CLAUSES: Final = 500
MOST_BYTES: Final = 1_000_000

POLICY_KEY: Final = re.compile("[a-zA-Z0-9_-]{1,60}")
CLAUSE_KEY: Final = re.compile("[a-z0-9][a-z0-9_.-]{0,79}")


def render(document: PolicyDocument) -> dict[str, str]:
    """Return the files of a policy by their paths. Raises Fault where a key cannot name a file."""
    if not POLICY_KEY.fullmatch(document.key):
        raise Fault(_("The key %(key)r cannot name a folder.") % {"key": document.key})
    files = {f"{document.key}/{POLICY_FILE}": _policy_file(document)}
    for clause in document.text.clauses:
        if not is_clause_key(clause.key):
            raise Fault(_("The key %(key)r cannot name a file.") % {"key": clause.key})
        files[f"{document.key}/{clause.key}{ENDING}"] = clauses.render(clause, document.outside.get(clause.key, ()))
    return files


def is_clause_key(key: str) -> bool:
    return bool(CLAUSE_KEY.fullmatch(key))


def parse(files: Mapping[str, bytes]) -> PolicyDocument:
    """Return the policy that ``files`` hold, by paths as ``render`` gives them. Raises Faulty with all faults."""
    (folder,) = {path.rpartition("/")[0] for path in files}
    path = f"{folder}/{POLICY_FILE}"
    try:
        facts = Fields(parse_yaml(_decoded(files[path])))
        document, listed = _facts(facts)
        if document.key != folder.rpartition("/")[2]:
            raise Fault(
                _("The folder of “%(key)s” must be called that.") % {"key": document.key[:60]},
                line=facts.lines["policy"],
            )
    except Fault as fault:
        raise Faulty([fault.in_file(path)]) from None
    return _with_clauses(document, listed, files, folder)


def _policy_file(document: PolicyDocument) -> str:
    lines = [
        f"format: {FORMAT}",
        f"policy: {scalar(document.key)}",
        f"version: {document.version}",
        f"title: {scalar(document.text.title)}",
        f"summary: {scalar(document.text.summary)}",
        f"change_note: {scalar(document.change_note)}",
        f"order: {document.order}",
        f"restricted_category: {scalar(document.restricted_category)}",
        *_definitions(document.text.definitions),
        "clauses:" if document.text.clauses else "clauses: []",
        *(f"  - {scalar(clause.key)}" for clause in document.text.clauses),
    ]
    return "\n".join([*lines, ""])


def _definitions(definitions: Sequence[Definition]) -> Iterator[str]:
    if definitions:
        yield "definitions:"
    for definition in definitions:
        yield f"  - term: {scalar(definition.term, indent='    ')}"
        yield f"    meaning: {scalar(definition.meaning, indent='    ')}"


def _definition(fields: Fields) -> Definition:
    found = Definition(fields.text("term"), fields.text("meaning"))
    fields.done()
    return found


def _facts(facts: Fields) -> tuple[PolicyDocument, list[Node]]:
    facts.choice("format", {str(FORMAT): FORMAT})
    listed = facts.texts("clauses")
    if len(listed) > MOST_CLAUSES:
        raise Fault(
            _("A policy has at most %(most)s clauses.") % {"most": MOST_CLAUSES}, line=listed[MOST_CLAUSES].line
        )
    document = PolicyDocument(
        key=facts.text("policy"),
        version=facts.number("version"),
        order=facts.number("order"),
        restricted_category=facts.text("restricted_category", ""),
        change_note=facts.text("change_note", ""),
        text=PolicyText(
            facts.text("title"), facts.text("summary"), (), tuple(map(_definition, facts.mappings("definitions")))
        ),
        outside={},
        places={("", name): (POLICY_FILE, line) for name, line in facts.lines.items()},
    )
    facts.done()
    return document, listed


def _with_clauses(
    document: PolicyDocument, listed: list[Node], files: Mapping[str, bytes], folder: str
) -> PolicyDocument:
    parsed: dict[str, ParsedClause] = {}
    told = _("This clause is not listed in policy.yaml.")
    expected = {f"{folder}/{POLICY_FILE}", *(_path(folder, node) for node in listed)}
    faults = [Fault(told, file=path) for path in sorted(set(files) - expected)]
    for node in listed:
        try:
            parsed[str(node.value)] = _clause(node, parsed, files, folder)
        except Fault as fault:
            faults.append(fault.in_file(_path(folder, node)))
    if faults:
        raise Faulty(faults)
    places = {place: (f"{folder}/{file}", line) for place, (file, line) in document.places.items()}
    for key, found in parsed.items():
        places |= {(key, field): (f"{folder}/{key}{ENDING}", line) for field, line in found.lines.items()}
    return replace(
        document,
        text=replace(document.text, clauses=tuple(found.text for found in parsed.values())),
        outside={key: found.outside for key, found in parsed.items()},
        places=places,
    )


def _clause(node: Node, parsed: Mapping[str, ParsedClause], files: Mapping[str, bytes], folder: str) -> ParsedClause:
    """Read the file of the clause that ``node`` names in policy.yaml. Raises Fault."""
    key, path = str(node.value), _path(folder, node)
    if key in parsed:
        told = _("“%(name)s” stands here twice.") % {"name": key[:80]}
        raise Fault(told, line=node.line, file=f"{folder}/{POLICY_FILE}")
    if path not in files or not is_clause_key(key):
        told = _("There is no file “%(key)s.md” for this clause.") % {"key": key[:80]}
        raise Fault(told, line=node.line, file=f"{folder}/{POLICY_FILE}")
    found = clauses.parse(_decoded(files[path]))
    if found.text.key != key:
        told = _("The file of “%(key)s” must be called that.") % {"key": found.text.key[:80]}
        raise Fault(told, line=found.lines["key"])
    return found


def _path(folder: str, node: Node) -> str:
    return f"{folder}/{node.value}{ENDING}"


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Fault(_("This file is larger than %(most)s bytes.") % {"most": f"{MOST_BYTES:,}"})
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(_("This is not UTF-8."), line=data.count(b"\n", 0, error.start) + 1) from None
