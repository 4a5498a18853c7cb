"""The links of the rail: each is shown exactly when the person may open the page behind it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from trust import keymap
from trust.permissions import Permission


@dataclass(frozen=True)
class Entry:
    route: str
    label: Any
    icon: str
    action: str
    permission: Permission | None


GROUPS: list[tuple[Any, list[Entry]]] = [
    (
        _("Review"),
        [
            Entry("desk:my_work", _("My work"), "work", "go_my_work", None),
            Entry("queues:list", _("Queues"), "queues", "go_queues", Permission.SEE_QUEUES),
            Entry("wellbeing:own", _("Wellbeing"), "wellbeing", "go_wellbeing", Permission.REVIEW),
        ],
    ),
    (
        _("Cases"),
        [
            Entry("actors:list", _("Actors"), "actors", "go_actors", Permission.READ_ACTORS),
            Entry("enforcement:list", _("Enforcement"), "enforcement", "go_enforcement", Permission.READ_ENFORCEMENT),
            Entry("appeals:list", _("Appeals"), "appeals", "go_appeals", Permission.READ_APPEALS),
            Entry("response:list", _("Incidents"), "incidents", "go_incidents", Permission.READ_INCIDENTS),
            Entry(
                "retrospectives:list",
                _("Retrospectives"),
                "retrospectives",
                "go_retrospectives",
                Permission.READ_INCIDENTS,
            ),
        ],
    ),
    (
        _("Rules"),
        [
            Entry("policies:list", _("Policies"), "policies", "go_policies", Permission.READ_POLICIES),
            Entry("quality:detectors", _("Detectors"), "detectors", "go_detectors", Permission.READ_SOURCES),
        ],
    ),
    (
        _("Evidence"),
        [
            Entry("statistics:explorer", _("Statistics"), "statistics", "go_statistics", Permission.READ_STATISTICS),
            Entry("audit:list", _("Audit"), "audit", "go_audit", Permission.READ_AUDIT),
        ],
    ),
    (_("Settings"), [Entry("accounts:settings", _("Settings"), "settings", "go_settings", None)]),
]


SEARCH = Entry("search:search", _("Search"), "search", "search", Permission.VIEW_CONTENT)


def rail(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``rail`` (groups of links), ``rail_search`` and ``theme``. No query beyond the session's."""
    theme = request.COOKIES.get("theme", "")
    person = getattr(request, "user", None)
    context: dict[str, Any] = {"theme": theme if theme in {"light", "dark"} else "", "rail": []}
    if person is None or not person.is_authenticated:
        return context
    if person.may(SEARCH.permission):
        context["rail_search"] = _link(SEARCH, request.path, person.own_keys)
    for title, entries in GROUPS:
        links = [
            _link(entry, request.path, person.own_keys)
            for entry in entries
            if not entry.permission or person.may(entry.permission)
        ]
        if links := [link for link in links if link]:
            context["rail"].append({"title": title, "links": links})
    return context


def _link(entry: Entry, path: str, own_keys: dict[str, str]) -> dict[str, Any] | None:
    try:
        url = reverse(entry.route)
    except NoReverseMatch:
        return None
    is_current = path == url or (url != "/" and path.startswith(url))
    return {
        "url": url,
        "label": entry.label,
        "icon": entry.icon,
        "key": keymap.key_of(entry.action, own_keys),
        "is_current": is_current,
    }
