"""Every message that the source asks the catalogues for, in modules and in templates, without any tool of gettext."""

import ast
from collections.abc import Iterator
from functools import cache
from io import BytesIO

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

from tests.environment import ROOT

Key = tuple[str | None, str, str | None]  # context, message, its plural

# Where the arguments of each function stand: context, message, plural.
PLACES: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
FUNCTIONS = {f"{name}{ending}": places for name, places in PLACES.items() for ending in ("", "_lazy")}
FUNCTIONS |= {"_": PLACES["gettext"], "gettext_noop": PLACES["gettext"]}
ROOMS = ("trust", "policies", "incidents")


@cache
def asked_for() -> frozenset[Key]:
    modules = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    templates = (path for path in sorted((ROOT / "templates").rglob("*")) if path.suffix in {".html", ".txt"})
    found = {key for path in modules for key in _of_module(path.read_text())}
    return frozenset(found) | {key for path in templates for key in _of_template(path.read_text(), str(path))}


def _of_module(source: str) -> Iterator[Key]:
    if "translation" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (name := getattr(node.func, "id", "")) in FUNCTIONS:
            yield _key(name, [getattr(argument, "value", None) for argument in node.args])


def _of_template(source: str, name: str) -> Iterator[Key]:
    python = f"({templatize(source, origin=name)}\n)"  # within brackets the indentation of the page means nothing
    for _line, function, words, _notes in extract_python(BytesIO(python.encode()), list(FUNCTIONS), [], {}):
        yield _key(function, [words] if isinstance(words, str) else list(words))


def _key(function: str, words: list[str | None]) -> Key:
    context, message, plural = (None if place is None else words[place] for place in FUNCTIONS[function])
    return context, message or "", plural
