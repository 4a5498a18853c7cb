r"""Any text as Markdown that reads well line by line, and exactly back.

Markdown means the same by it: a blank line parts paragraphs, ``\`` at the end of a line breaks it, any other line end
is a space. So each sentence gets a line of its own. A line of text that begins with ``#`` begins with ``\#``. What no
editor shows or keeps (control and direction characters, spaces at the end of a line, further line ends) is written by
its number, ``&#13;``; text that looks like such a number has a ``\`` before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from policies.files.faults import Fault

# Control characters but the tab, line and paragraph separators, direction, what is drawn as nothing. Joiners stay:
# Persian, Hindi and pictures are made of them.
_UNSEEN: Final = "\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
_NUMBER: Final = "&#[0-9]{1,7};"
_TO_ESCAPE: Final = re.compile(rf"(?<!\\)(\\*+)(?:(?P<like>{_NUMBER})|(?P<unseen>[{_UNSEEN}]|\s\Z|\Z))")
_ESCAPED: Final = re.compile(r"(?<!\\)(\\*+)&#([0-9]{1,7});")
_LIKE_A_HEADING: Final = re.compile(r"\\*+#")
_LINE_ENDS: Final = re.compile("(\n+)")
_SENTENCE_END: Final = re.compile(r"""(?<=[.!?]) (?=["'“‘(]?([^\W\d_]))""")
_LINE_END: Final = "&#10;"


def written(text: str) -> list[str]:
    """Return ``text`` as the lines of a file. None begins with ``#``; the first and the last are not blank."""
    core = text.strip("\n")
    if not core:
        return [_LINE_END * len(text)] if text else []
    ahead = len(text) - len(text.lstrip("\n"))
    behind = len(text) - len(core) - ahead
    lines: list[str] = []
    prefix = _LINE_END * ahead
    parts = _LINE_ENDS.split(core)
    for content, ends in zip(parts[::2], [*parts[1::2], ""], strict=True):
        lines += sentences(prefix + escaped(content))
        prefix = ""
        if ends == "\n":
            lines[-1] += "\\"
        elif ends:
            lines.append("")
            prefix = _LINE_END * (len(ends) - 2)
    lines[-1] += _LINE_END * behind
    return [f"\\{line}" if _LIKE_A_HEADING.match(line) else line for line in lines]


def text_of(lines: Sequence[str], *, first: int) -> str:
    """Return the text that stands in ``lines``, the ``first`` of which has that number in its file. Raises Fault."""
    parts: list[str] = []
    between = ""
    for number, line in enumerate(lines, start=first):
        shown = line.rstrip()
        if not shown:
            between = "\n\n" if parts else ""
            continue
        if between == " " and parts[-1].endswith("\\"):
            parts[-1], between = parts[-1][:-1], "\n"
        parts += [between, unescaped(_without_guard(shown), line_number=number)]
        between = " "
    return "".join(parts)


def _without_guard(line: str) -> str:
    return line[1:] if line.startswith("\\") and _LIKE_A_HEADING.match(line) else line


def escaped(text: str) -> str:
    """Return ``text`` on one line: what no editor shows or keeps is written by its number, line ends too."""
    return _TO_ESCAPE.sub(_escape, text)


def unescaped(line: str, *, line_number: int) -> str:
    """Undo ``escaped``. Raises Fault for a number that is no character that can be stored."""

    def character(found: re.Match[str]) -> str:
        backslashes, number = found.groups()
        if backslashes:
            return f"{backslashes[1:]}&#{number};"
        if not is_storable(int(number)):
            raise Fault(_("&#%(number)s; is no character.") % {"number": number}, line=line_number)
        return chr(int(number))

    return _ESCAPED.sub(character, line)


def is_storable(code: int) -> bool:
    """Say whether the database can keep the character: not NUL, not half of a pair, not past the last one."""
    return 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF


def _escape(found: re.Match[str]) -> str:
    backslashes = found[1]
    if found["like"]:
        return f"\\{backslashes}{found['like']}"
    return "".join(f"&#{ord(character)};" for character in backslashes + found["unseen"])


def sentences(text: str) -> list[str]:
    """Cut ``text`` where a sentence ends: each line but the last has lost the space that a line end stands for."""
    lines, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        if not end[1].islower():
            lines.append(text[start : end.start()])
            start = end.end()
    return [*lines, text[start:]]
