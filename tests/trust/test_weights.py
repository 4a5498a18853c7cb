"""What a page weighs: our own scripts in all, and what a browser that comes for the first time has to fetch."""

import pytest
from django.conf import settings

from tests.access.world import World, make_world

SCRIPTS = settings.BASE_DIR / "static" / "js"
MOST_SCRIPT = 30_000
MOST_PAGE = 200_000
PATHS = [
    "/",
    "/queues/",
    "/items/{held}/",
    "/actors/{actor}/",
    "/enforcement/",
    "/policies/{policy}/",
    "/statistics/",
    "/audit/",
    "/settings/keyboard/",
]


def test_our_own_scripts_stay_within_their_budget():
    assert sum(path.stat().st_size for path in SCRIPTS.glob("*.js")) <= MOST_SCRIPT


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_no_page_is_heavy_on_a_first_load(visitor, world):
    heavy = {}
    for path in PATHS:
        page = visitor.open(world.fill(path), by=world.everyone)
        page.wait_for_load_state("networkidle")
        entries = "performance.getEntries().filter((entry) => 'encodedBodySize' in entry)"
        size = page.evaluate(f"{entries}.reduce((sum, entry) => sum + entry.encodedBodySize, 0)")
        assert size > 50_000, "the browser did not say what it fetched"
        if size > MOST_PAGE:
            heavy[path] = size

    assert heavy == {}
