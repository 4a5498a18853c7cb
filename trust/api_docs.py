"""``/api/docs/``: the API's operations, read from the OpenAPI schema, as a page that needs no script."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from trust import languages
from trust.htmx import StaffRequest, render_page

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One method of one path. ``fields`` are (name, type, is required) of its body, ``answers`` (status, meaning)."""

    anchor: str
    method: str
    path: str
    description: str
    parameters: list[dict[str, Any]]
    fields: list[tuple[str, str, bool]]
    answers: list[tuple[str, str]]


@login_required
@require_safe
def api_docs(request: StaffRequest) -> HttpResponse:
    return render_page(request, "api_docs.html", {"operations": operations()})


@cache
def operations() -> list[Operation]:
    """Return every operation of the API, by path. The schema cannot change while the process runs."""
    with languages.for_machines():  # as the schema itself
        schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return [
        _operation(schema, path, method, detail)
        for path, methods in schema["paths"].items()
        for method, detail in methods.items()
        if method in METHODS
    ]


def _operation(schema: dict[str, Any], path: str, method: str, detail: dict[str, Any]) -> Operation:
    body = detail.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        anchor=detail["operationId"],
        method=method.upper(),
        path=path,
        description=detail.get("description", ""),
        parameters=[parameter for parameter in detail.get("parameters", []) if parameter["in"] != "header"],
        fields=_fields(schema, body),
        answers=[(status, answer.get("description", "")) for status, answer in detail["responses"].items()],
    )


def _fields(schema: dict[str, Any], body: dict[str, Any]) -> list[tuple[str, str, bool]]:
    resolved = _resolved(schema, body)
    required = resolved.get("required", [])
    return [
        (name, _type(_resolved(schema, part)), name in required)
        for name, part in resolved.get("properties", {}).items()
    ]


def _type(part: dict[str, Any]) -> str:
    kinds: str | list[str] = part.get("type", "object")
    return kinds if isinstance(kinds, str) else " / ".join(kinds)


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    for reference in [part.get("$ref"), *(choice.get("$ref") for choice in part.get("allOf", []))]:
        if reference:
            found: dict[str, Any] = schema["components"]["schemas"][reference.rsplit("/", 1)[-1]]
            return found
    return part
