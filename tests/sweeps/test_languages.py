"""Every page in German: it says so, and what a program reads of it is the same as in English."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import psycopg
import pytest
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from tests.access.endpoints import ANY_SCOPE, ENDPOINTS
from tests.access.pages import PAGES
from tests.access.world import World, make_world, undone
from tests.harness import database

GETS = [row for row in PAGES if row.startswith("GET") and "restricted" not in row]
LARGE = (
    "select setval(format('%I.%I', schemaname, sequencename), 1000000) from pg_sequences where schemaname = 'public'"
)
# Attributes that are words for people; all others are read by a program, or name what one reads.
WORDS = {
    "alt",
    "aria-label",
    "content",
    "data-covered",
    "data-decided",
    "data-held",
    "data-label",
    "data-many",
    "data-nobody",
    "data-open",
    "data-recommends",
    "data-said",
    "lang",
    "placeholder",
    "title",
}
CHANGES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
FOR_MACHINES = {"GET /healthz", "GET /readyz"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A world whose rows have large numbers: one with a separator in it would lead nowhere."""
    with django_db_blocker.unblock(), psycopg.connect(database.owner_url()) as owner:
        owner.execute(LARGE)
        owner.commit()
        with transaction.atomic():
            yield make_world()
            transaction.set_rollback(True)


class Attributes(HTMLParser):
    """Collects what a program reads of a page; every UUID and every run of digits as one 0, for times go on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.language = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        if tag == "html":
            self.language = known.get("lang") or ""
        if known.get("name") in {"csrfmiddlewaretoken", "once"} or tag == "body":
            return
        self.found += [(tag, name, CHANGES.sub("0", value or "")) for name, value in attributes if name not in WORDS]


@pytest.mark.parametrize("row", GETS)
def test_a_page_in_german_says_so_and_keeps_what_programs_read(world: World, row: str):
    address, client = world.fill(row.split()[1]), world.client("everyone")

    with undone():
        english = client.get(address, headers={"Accept-Language": "en"})
    client = world.client("everyone")
    with undone():
        german = client.get(address, headers={"Accept-Language": "de"})

    assert german.status_code == english.status_code
    assert german["Content-Language"] == ("en" if row in FOR_MACHINES else "de")
    assert ("Accept-Language" in german.get("Vary", "")) == (row not in FOR_MACHINES)
    if not german["Content-Type"].startswith("text/html"):
        assert german["Content-Type"].startswith("text/markdown") or german.content == english.content
        return
    there, here = Attributes(english.content.decode()), Attributes(german.content.decode())
    assert sorted(here.found) == sorted(there.found)  # lists of words stand in the order of their language
    if there.language:
        assert (there.language, here.language) == ("en", "de")


@pytest.mark.parametrize("row", [row for row in ENDPOINTS if row.startswith("GET") and "restricted" not in row])
def test_the_api_answers_every_language_alike(world: World, row: str):
    address, key = world.fill(row.split()[1]), world.key(ANY_SCOPE)

    with undone():
        english = Client().get(address, headers=key)
        german = Client().get(address, headers={**key, "Accept-Language": "de"})

    assert german.content == english.content
    assert german["Content-Language"] == "en"
    assert "Accept-Language" not in german.get("Vary", "")


@pytest.mark.parametrize(("address", "status"), [("/nothing-here/", 404), ("/policies/?cursor=broken", 400)])
def test_an_error_page_speaks_the_language_too(world: World, address: str, status: int):
    answer = world.client("everyone").get(address, headers={"Accept-Language": "de-CH, en;q=0.5"})

    assert answer.status_code == status
    assert Attributes(answer.content.decode()).language == "de"


def test_a_problem_of_the_api_is_told_in_english(world: World):
    answer = Client().post(
        "/api/v1/alerts", "{", "application/json", headers={**world.key(ANY_SCOPE), "Accept-Language": "de"}
    )

    assert answer.json()["title"] == "Bad request"
