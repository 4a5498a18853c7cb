"""Every page that the resolver knows, in a real Chromium: with data, empty and refused, in both themes, two widths."""

from collections.abc import Collection

import pytest
from django.urls import resolve

from tests.access.letters import LETTERS
from tests.access.pages import PAGES
from tests.access.world import World, make_world
from tests.factories import make_user
from tests.harness.browser import DRESSES, EVERY_DRESS, Visitor
from tests.sweeps.walk import Walk
from trust.permissions import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES_TO_READ = [row for row in PAGES if row.startswith("GET")]
# What is no page of its own: answers for machines, downloads, and fragments that other pages fetch.
NO_PAGES = {
    "GET /healthz",
    "GET /readyz",
    "GET /settings/sources/batches/{batch}/routed/",
    "GET /settings/sources/batches/{batch}/rejected.csv",
    "GET /settings/sources/imports/{import}/progress/",
    "GET /settings/sources/imports/{import}/findings.csv",
    "GET /events/",
    "GET /events/?queue={queue}",
    "GET /events/?queue={restricted_queue}",
    "GET /statistics/export.csv",
    "GET /statistics/export.json",
    "GET /statistics/gaps/export.csv",
    "GET /statistics/export.csv?view=exact",
    "GET /statistics/export.json?view=exact",
    "GET /retrospectives/{retrospective}/export.md",
    "GET /retrospectives/{retrospective}/export.json",
    "GET /policies/export.zip",
    "GET /policies/{policy}/versions/1/export.zip",
    "GET /policies/{policy}/versions/2/export.zip",
    "GET /enforcement/new/parameters/",
    "GET /enforcement/rules/new/parameters/",
    "GET /enforcement/rules/{acting_rule}/dry-run/",
    "GET /enforcement/of-actor/{actor}/",
    "GET /enforcement/panel/{held}/",
    "GET /enforcement/panel/{restricted}/",
    "GET /items/clause/?key={clause}",
    "GET /items/bulk/{bulk}/progress/",
    "GET /policies/look-again/{backfill}/progress/",
    "GET /items/{held}/similar/",
    "GET /items/{restricted}/similar/",
    "GET /items/{held}/group/",
    "GET /items/{restricted}/group/",
    "GET /items/{waiting}/group/",
    "GET /items/{held}/past/",
    "GET /items/{restricted}/past/",
    "GET /items/{waiting}/past/",
}
WHOLE = [row for row in PAGES_TO_READ if row not in NO_PAGES]


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.mark.long
def test_what_is_no_page_is_named(world: World):
    for row in PAGES_TO_READ:
        answer = world.client("A" if PAGES[row] == "A" else "everyone").get(world.fill(row.split()[1]))
        is_whole = answer.status_code in {301, 302} or b"<html" in answer.content
        assert is_whole == (row not in NO_PAGES), row


def test_every_page_with_data_is_accessible_and_quiet(visitor: Visitor, world: World):
    """One address of each page is looked at whole here, all in every dress in the long run."""
    walk = Walk(visitor, DRESSES[:1])

    with_data(walk, world, whole=one_of_each_page(world))

    assert walk.faults == {}


@pytest.mark.long
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
    walk = Walk(visitor, EVERY_DRESS)

    with_data(walk, world)
    for row in WHOLE:
        refuse(walk, world, row)

    assert walk.faults == {}


@pytest.mark.long
def test_every_page_without_data_in_every_dress(visitor: Visitor):
    walk = Walk(visitor, EVERY_DRESS)

    without_data(walk)

    assert walk.faults == {}


def one_of_each_page(world: World) -> set[str]:
    by_view = {resolve(world.fill(row.split()[1]).partition("?")[0]).view_name: row for row in reversed(WHOLE)}
    return set(by_view.values())


def with_data(walk: Walk, world: World, *, whole: Collection[str] = WHOLE) -> None:
    """Open every page as the first person whom the table lets in; look at those in ``whole`` for more than noise."""
    signed_in = ""
    for row in sorted(WHOLE, key=lambda row: reader_of(row)):
        letter = reader_of(row)
        if letter != signed_in:
            walk.go_as(None if letter == "*" else world.people[letter])
            signed_in = letter
        walk.look = walk.visitor.faults if row in whole else walk.visitor.quiet_faults
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
