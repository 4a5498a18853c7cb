"""What owes the audit an event, and which triggers must stand. Rooms say so in ``apps.py``; ``verify_audit`` checks it.

::

    def ready(self) -> None:
        obligations.register("review.decision", kind="decision.made")
        obligations.register_trigger("policies_policyversion", "published_is_frozen")
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q


@dataclass(frozen=True)
class Obligation:
    """Each row of ``model`` ("app.model") that fits ``where`` is named by exactly one event of ``kind``."""

    model: str
    kind: str
    where: Q


_rows: list[Obligation] = []
_triggers: set[tuple[str, str]] = set()


def register(model: str, *, kind: str, **where: Any) -> None:
    obligation = Obligation(model.lower(), kind, Q(**where))
    if obligation not in _rows:
        _rows.append(obligation)


def register_trigger(table: str, trigger: str) -> None:
    _triggers.add((table, trigger))


def rows() -> list[Obligation]:
    return list(_rows)


def triggers() -> set[tuple[str, str]]:
    return set(_triggers)
