"""What holds for every line of our own Python: sentences can be translated, and no request reaches a query by name."""

import ast
import re
from collections.abc import Iterator
from functools import cache
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


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Walk (name of the function, call) of a module."""
    for node in ast.walk(tree(path)):
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


def test_no_sentence_for_gettext_stands_within_another_text():
    """What collects the messages does not look into f-strings."""
    texts = [(path, node) for path in MODULES for node in ast.walk(tree(path))]
    wrong = [
        place(path, node)
        for path, node in texts
        if isinstance(node, ast.JoinedStr) and any(named(part) in TRANSLATES for part in ast.walk(node))
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

    assert [(where, text) for where, text in texts if re.search(r"%[sd]|\{\d*\}", text)] == []


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


def test_no_sentence_is_put_into_words_while_a_module_is_loaded():
    """There is no reader yet, so it would stay in one language: ``gettext``, and lazy text within other text."""
    wrong = [place(path, node) for path in MODULES for node in put_into_words(tree(path))]

    assert wrong == []


def put_into_words(module: ast.Module) -> Iterator[ast.AST]:
    """Walk what becomes plain text as soon as ``module`` is imported: outside functions, but in their defaults."""
    imported = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    eager = {name for name, original in imported.items() if "gettext" in original and not original.endswith("_lazy")}
    for node in at_import(module):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in eager - {"gettext_noop"}:
            yield node
        parts = ast.walk(node) if isinstance(node, (ast.BinOp, ast.JoinedStr)) else ()
        if any(getattr(part, "attr", "") == "label" or named(part) in imported for part in parts) and is_text(node):
            yield node


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for default in [*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)]:
                yield default
                yield from at_import(default)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from at_import(child)


def named(node: ast.AST) -> str:
    return getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""


def is_text(node: ast.AST) -> bool:
    """Say whether an expression joins or fills in text, as opposed to lists of choices."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod))
