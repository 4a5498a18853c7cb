"""What holds for every line of our own Python: sentences can be translated, and no request reaches a query by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import ROOT

ROOMS = ("trust", "policies", "incidents")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)

TRANSLATES = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": 2,
    "pgettext_lazy": 2,
}
TELLS = {
    "Refused": 0,
    "PermissionDenied": 0,
    "ParseError": 0,
    "ValidationError": 0,
    "NotFound": 0,
    "success": 1,
    "error": 1,
}
QUERIES = {"filter", "exclude", "get", "annotate", "order_by", "values", "create", "update"}
NEVER = {"eval", "exec", "mark_safe", "__import__"}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Walk (name of the function, call) of a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", None) or getattr(node.func, "attr", ""), node


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


@pytest.fixture(scope="module")
def found() -> list[tuple[Path, str, ast.Call]]:
    return [(path, name, call) for path in MODULES for name, call in calls(path)]


def test_every_sentence_for_gettext_is_a_literal(found):
    wrong = [
        place(path, call)
        for path, name, call in found
        if name in TRANSLATES
        and not all(isinstance(argument, ast.Constant) for argument in call.args[: TRANSLATES[name]])
    ]

    assert wrong == []


def test_every_placeholder_is_named(found):
    texts = [
        (place(path, call), argument.value)
        for path, name, call in found
        if name in TRANSLATES
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]

    assert [(where, text) for where, text in texts if "%s" in text or "%d" in text or "{" in text] == []


def test_every_refusal_goes_through_gettext(found):
    wrong = [
        place(path, call)
        for path, name, call in found
        if name in TELLS and len(call.args) > TELLS[name] and is_plain(call.args[TELLS[name]])
        if name not in {"success", "error"} or getattr(getattr(call.func, "value", None), "id", "") == "messages"
    ]

    assert wrong == []


def test_nothing_is_evaluated_and_nothing_is_called_safe(found):
    assert [place(path, call) for path, name, call in found if name in NEVER] == []


def test_no_query_takes_its_names_from_a_request(found):
    wrong = [
        place(path, call)
        for path, name, call in found
        if name in QUERIES
        for keyword in call.keywords
        if keyword.arg is None and "request" in ast.dump(keyword.value)
    ]

    assert wrong == []


def is_plain(argument: ast.expr) -> bool:
    return isinstance(argument, ast.JoinedStr) or (
        isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )
