"""Every page that the resolver knows, in a real Chromium: with data, empty and refused, in both themes, two widths."""

import pytest
from playwright.sync_api import Page

from tests.access.pages import LETTERS, PAGES
from tests.access.world import World, make_world
from tests.factories import make_user
from tests.harness.browser import DESKTOP, PHONE, Visitor, session_cookie
from trust.permissions import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES_TO_READ = [row for row in PAGES if row.startswith("GET")]
# What is no page of its own: answers for machines, downloads, and fragments that other pages fetch.
NO_PAGES = {
    "GET /healthz",
    "GET /readyz",
    "GET /statistics/export.csv",
    "GET /statistics/export.json",
    "GET /statistics/export.csv?view=exact",
    "GET /statistics/export.json?view=exact",
    "GET /retrospectives/{retrospective}/export.md",
    "GET /retrospectives/{retrospective}/export.json",
    "GET /enforcement/new/parameters/",
    "GET /enforcement/of-actor/{actor}/",
    "GET /enforcement/panel/{held}/",
    "GET /enforcement/panel/{restricted}/",
}
WHOLE = [row for row in PAGES_TO_READ if row not in NO_PAGES]
DRESSES = [(size, theme) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]


class Walk:
    """One browser profile that changes who it is, and keeps the faults of every page it opened."""

    def __init__(self, visitor: Visitor, dresses: list[tuple[tuple[int, int], str]]) -> None:
        self.visitor = visitor
        self.dresses = dresses
        self.page: Page = visitor.open("/healthz")
        self.page.on("response", self._note_failure)
        self.faults: dict[str, list[str]] = {}
        self.now = ""

    def go_as(self, person: object) -> None:
        self.page.context.clear_cookies()
        if person is not None:
            self.page.context.add_cookies([session_cookie(person, self.visitor.address)])

    def open(self, address: str, *, statuses: set[int], name: str) -> None:
        self.now, found = name, []
        answer = self.page.goto(address, wait_until="load")
        if answer is None or answer.status not in statuses:
            found.append(f"status {answer and answer.status}")
        if self.page.locator("h1").count() != 1:
            found.append("has not one h1")
        for (width, height), theme in self.dresses:
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            found += [f"{width} {theme} {fault}" for fault in self.visitor.faults(self.page)]
        self.visitor.console.clear()
        if found:
            self.faults.setdefault(name, []).extend(found)

    def _note_failure(self, answer: object) -> None:
        if answer.status >= 500 or not answer.url.startswith(self.visitor.address):
            self.faults.setdefault(self.now, []).append(f"{answer.status} {answer.url}")


@pytest.fixture
def world() -> World:
    return make_world()


def test_what_is_no_page_is_named(world: World):
    for row in PAGES_TO_READ:
        answer = world.client("A" if PAGES[row] == "A" else "everyone").get(world.fill(row.split()[1]))
        is_whole = answer.status_code in {301, 302} or b"<html" in answer.content
        assert is_whole == (row not in NO_PAGES), row


def test_every_page_with_data_is_accessible_and_quiet(visitor: Visitor, world: World):
    walk = Walk(visitor, DRESSES[:1])

    with_data(walk, world)

    assert walk.faults == {}


def test_every_page_without_data_is_accessible_and_quiet(visitor: Visitor):
    walk = Walk(visitor, DRESSES[:1])

    without_data(walk)

    assert walk.faults == {}


def test_refusals_are_accessible_and_quiet(visitor: Visitor, world: World):
    walk = Walk(visitor, DRESSES[:1])

    for row in ("GET /incidents/{incident}/", "GET /items/{held}/", "GET /settings/people/", "GET /audit/"):
        refuse(walk, world, row)

    assert walk.faults == {}


@pytest.mark.long
def test_every_page_in_every_dress(visitor: Visitor, world: World):
    walk = Walk(visitor, DRESSES)

    with_data(walk, world)
    for row in WHOLE:
        refuse(walk, world, row)

    assert walk.faults == {}


@pytest.mark.long
def test_every_page_without_data_in_every_dress(visitor: Visitor):
    walk = Walk(visitor, DRESSES)

    without_data(walk)

    assert walk.faults == {}


def with_data(walk: Walk, world: World) -> None:
    """Open every page as the first person whom the table lets in."""
    signed_in = ""
    for row in sorted(WHOLE, key=lambda row: reader_of(row)):
        letter = reader_of(row)
        if letter != signed_in:
            walk.go_as(None if letter == "*" else world.people[letter])
            signed_in = letter
        walk.open(world.fill(row.split()[1]), statuses={200}, name=row)


def without_data(walk: Walk) -> None:
    """Open every page that names no object, as someone with every role in an empty Trustdesk."""
    walk.go_as(make_user(roles=list(Role.values)))
    for row in WHOLE:
        if "{" not in row and "/accounts/" not in row:
            walk.open(row.split()[1], statuses={200}, name=f"empty {row}")


def refuse(walk: Walk, world: World, row: str) -> None:
    """Open a page as the first person whom the table refuses."""
    refused = [letter for letter in LETTERS if letter not in PAGES[row].split()]
    if refused:
        walk.go_as(world.people[refused[0]])
        walk.open(world.fill(row.split()[1]), statuses={403, 404}, name=f"refused {row}")


def reader_of(row: str) -> str:
    return PAGES[row].split()[0]
