"""The part of YAML that our files use: mappings, lists and texts, each with its line. Nothing is guessed or built.

Values stay the text that was written, so that ``no`` is no truth value and a tag makes no object. Aliases, anchors,
tags, further documents, keys that occur twice and deep nesting are refused while reading, before they cost anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

import yaml
from django.utils.translation import gettext as _

from policies.files.faults import Fault
from policies.files.markdown import is_storable, sentences
from trust.integers import BIGGEST_INTEGER

DEEPEST: Final = 5
LARGEST: Final = 100_000

T = TypeVar("T")

_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w ,.()/+'’-]*[\w.)])?")
_GUESSED: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"})
_HIDDEN: Final = re.compile(
    "[^\x20-\x7e\xa0-\u061b\u061d-\u200a\u200c\u200d\u2010-\u2027\u202f-\u205f\u2061-\u2065\u206a-\ud7ff"
    "\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_SHORT: Final = 80


@dataclass(frozen=True)
class Node:
    """A value and the line on which it begins: a text, a list of nodes, or a mapping of nodes by name."""

    value: str | list[Node] | dict[str, Node]
    line: int


# ── Reading ──────────────────────────────────────────────


def parse(text: str, *, first: int = 1) -> Node:
    """Return the one mapping that ``text`` holds; its first line has the number ``first`` in its file. Raises Fault."""
    if len(text) > LARGEST:
        told = _("There are more than %(most)s characters of facts here.") % {"most": f"{LARGEST:,}"}
        raise Fault(told, line=first)
    try:
        return _document(yaml.parse(text, Loader=yaml.SafeLoader), first)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        line = first + (mark.line if mark is not None else 0)
        told = _("This is not YAML as we read it: %(problem)s.") % {"problem": error.problem or error.context}
        raise Fault(told, line=line) from None
    except yaml.reader.ReaderError as error:
        line = first + text.count("\n", 0, error.position)
        raise Fault(
            _("The character U+%(code)s cannot stand here.") % {"code": f"{ord(text[error.position]):04X}"}, line=line
        ) from None


def _document(events: Iterator[Any], first: int) -> Node:
    for event in events:
        if isinstance(event, yaml.events.NodeEvent):
            break
    else:
        raise Fault(_("There is nothing in it."), line=first)
    node = _node(event, events, first, depth=1)
    if not isinstance(node.value, dict):
        raise Fault(_("It begins with a name and a colon, as in “title: Spam”."), line=node.line)
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            mark: Any = event.start_mark
            raise Fault(_("A second document begins here; a file holds one."), line=first + mark.line)
    return node


def _node(event: Any, events: Iterator[Any], first: int, *, depth: int) -> Node:
    line = first + event.start_mark.line
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise Fault(_("Anchors (&) and aliases (*) are not read; write the value out."), line=line)
    if event.tag is not None:
        raise Fault(_("Tags (!) are not read; every value is a text, a list or a mapping."), line=line)
    if depth > DEEPEST:
        raise Fault(_("This is nested deeper than anything in our files."), line=line)
    if isinstance(event, yaml.ScalarEvent):
        return Node(_storable(event.value, line), line)
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(
            [_node(inner, events, first, depth=depth + 1) for inner in _until(events, yaml.SequenceEndEvent)], line
        )
    return Node(_mapping(events, first, depth), line)


def _mapping(events: Iterator[Any], first: int, depth: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for event in _until(events, yaml.MappingEndEvent):
        name = _node(event, events, first, depth=depth + 1)
        if not isinstance(name.value, str):
            raise Fault(_("A name is one word, not a list or a mapping."), line=name.line)
        if name.value in found:
            raise Fault(_("“%(name)s” stands here twice.") % {"name": name.value[:60]}, line=name.line)
        found[name.value] = _node(next(events), events, first, depth=depth + 1)
    return found


def _until(events: Iterator[Any], end: type) -> Iterator[Any]:
    for event in events:
        if isinstance(event, end):
            return
        yield event


def _storable(text: str, line: int) -> str:
    for character in text:
        if not is_storable(ord(character)):
            raise Fault(_("The character U+%(code)s cannot be stored.") % {"code": f"{ord(character):04X}"}, line=line)
    return text


class Fields:
    """Take the fields of a mapping one by one; ``done`` refuses what nobody asked for."""

    def __init__(self, node: Node) -> None:
        self.line = node.line
        self._fields = dict(node.value) if isinstance(node.value, dict) else self._refuse(node, "")
        self.lines = {name: field.line for name, field in self._fields.items()}

    def text(self, name: str, default: str | None = None) -> str:
        node = self._take(name, default)
        return node.value if isinstance(node.value, str) else self._refuse(node, _("one text"))

    def number(self, name: str, *, most: int = BIGGEST_INTEGER) -> int:
        node = self._take(name, None)
        if not isinstance(node.value, str) or not re.fullmatch("[0-9]{1,10}", node.value) or int(node.value) > most:
            self._refuse(node, _("a whole number from 0 to %(most)s") % {"most": most})
        return int(node.value)

    def choice(self, name: str, values: Mapping[str, T]) -> T:
        node = self._take(name, None)
        if not isinstance(node.value, str) or node.value not in values:
            self._refuse(node, _("one of %(values)s") % {"values": ", ".join(values)})
        return values[node.value]

    def texts(self, name: str) -> list[Node]:
        """Return the texts of a list with their lines; none where the field is missing."""
        node = self._take(name, "")
        if node.value == "":
            return []
        if not isinstance(node.value, list) or not all(isinstance(entry.value, str) for entry in node.value):
            self._refuse(node, _("a list of texts, each on a line that begins with “- ”"))
        return node.value

    def mapping(self, name: str) -> Fields:
        """Return the fields of a mapping within; none where the field is missing."""
        node = self._take(name, "")
        if node.value == "":
            node = Node({}, node.line)
        return Fields(node) if isinstance(node.value, dict) else self._refuse(node, _("names with values below them"))

    def mappings(self, name: str) -> list[Fields]:
        """Return the mappings of a list; none where the field is missing."""
        node = self._take(name, "")
        if node.value == "":
            return []
        if not isinstance(node.value, list) or not all(isinstance(entry.value, dict) for entry in node.value):
            self._refuse(node, _("a list of names with values, each of which begins with “- ”"))
        return [Fields(entry) for entry in node.value]

    def is_mapping(self, name: str) -> bool:
        """Say whether the field is there and has names with values below it."""
        return name in self._fields and isinstance(self._fields[name].value, dict)

    def names(self) -> list[str]:
        return list(self._fields)

    def done(self) -> None:
        for name, node in self._fields.items():
            raise Fault(_("There is no field “%(name)s”.") % {"name": name[:60]}, line=node.line)

    def _take(self, name: str, default: str | None) -> Node:
        node = self._fields.pop(name, None)
        if node is None and default is None:
            raise Fault(_("The field “%(name)s” is missing.") % {"name": name}, line=self.line)
        return node or Node(default or "", self.line)

    def _refuse(self, node: Node, wanted: str) -> NoReturn:
        raise Fault(_("This must be %(wanted)s.") % {"wanted": wanted}, line=node.line)


# ── Writing ──────────────────────────────────────────────


def scalar(text: str, *, indent: str = "") -> str:
    """Return ``text`` as it stands behind ``name: ``: bare, quoted, or folded with a line for each sentence."""
    if _may_be_folded(text):
        lines = [line for part in text.split("\n") for line in ([*sentences(part), ""] if part else [""])][:-1]
        return "\n".join([">-", *(f"{indent}  {line}" if line else "" for line in lines)])
    if _PLAIN.fullmatch(text) and text.lower() not in _GUESSED:
        return text
    return '"' + _HIDDEN.sub(_numbered, text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _may_be_folded(text: str) -> bool:
    """Say whether folding gives exactly ``text`` back: no line begins or ends in a space, no outer one is blank."""
    lines = text.split("\n")
    is_kept = all(line == line.strip() and not _HIDDEN.search(line) for line in lines)
    return len(text) > _SHORT and is_kept and bool(lines[0] and lines[-1])


def _numbered(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\U{code:08X}" if code > 0xFFFF else f"\\u{code:04X}" if code > 0xFF else f"\\x{code:02X}"
