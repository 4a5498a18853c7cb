"""Why a text cannot be read as JSON or CSV, in our words: a parser's own are for developers, and in English alone."""

from __future__ import annotations

import csv
import json
from typing import Final

from django.utils.translation import gettext as _, gettext_lazy

# How the parser's sentence begins, and what it means.
_JSON: Final = {
    "Expecting value": gettext_lazy("a value is missing, or is not written as JSON"),
    "Expecting property name": gettext_lazy("a name in double quotes is missing"),
    "Expecting ':'": gettext_lazy("a colon is missing"),
    "Expecting ','": gettext_lazy("a comma is missing"),
    "Illegal trailing comma": gettext_lazy("a comma has nothing behind it"),
    "Extra data": gettext_lazy("something follows where it should have ended"),
    "Unterminated string": gettext_lazy("a text has no closing quote"),
    "Invalid control character": gettext_lazy("a text holds a line end or another control character"),
    "Invalid \\": gettext_lazy("a backslash stands before something that it cannot stand before"),
}
_CSV: Final = {
    "unexpected end": gettext_lazy("a quote is opened and never closed"),
    "field larger": gettext_lazy("a cell is too long"),
    "line contains NUL": gettext_lazy("it holds a NUL character"),
    "new-line": gettext_lazy("it ends in an unusual way; save the file anew"),
}


def why_not_json(error: ValueError) -> str:
    """Say what ``json`` refused and where, the line only where there are several. Other errors are our own."""
    if not isinstance(error, json.JSONDecodeError):
        return _("a number is too long") if str(error).startswith("Exceeds the limit") else str(error)
    if error.pos >= len(error.doc.rstrip()):
        return _("it ends too early")
    what = next((words for start, words in _JSON.items() if error.msg.startswith(start)), None)
    said = {"line": error.lineno, "character": error.colno, "what": what or _("it cannot be read from here on")}
    if "\n" in error.doc.strip():
        return _("line %(line)s, character %(character)s: %(what)s") % said
    return _("character %(character)s: %(what)s") % said


def why_not_csv(error: csv.Error) -> str:
    words = next((words for start, words in _CSV.items() if str(error).startswith(start)), None)
    return str(words) if words else _("something stands right behind a closing quote")
