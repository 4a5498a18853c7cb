"""A form that makes something is taken once.

Sent again, by reloading what came of it or from a page that was gone back to, it leads to what it made. Each form that
a page shows carries a name of its own (``{% once %}``); the session remembers the last ones that were taken.
"""

from typing import Final

from django.http import HttpRequest

FIELD: Final = "once"
MOST_REMEMBERED: Final = 50
_LONGEST: Final = 32


def made_before(request: HttpRequest) -> str | None:
    """Return the address of what the form of ``request`` made before, None where it is new or has no name."""
    taken: dict[str, str] = request.session.get("taken_forms", {})
    return taken.get(request.POST.get(FIELD, ""))


def remember(request: HttpRequest, address: str) -> None:
    """Note that the form of ``request`` was taken, and the address of what it made."""
    name = request.POST.get(FIELD, "")
    if not name or len(name) > _LONGEST:
        return
    taken = {**request.session.get("taken_forms", {}), name: address}
    request.session["taken_forms"] = dict(list(taken.items())[-MOST_REMEMBERED:])
