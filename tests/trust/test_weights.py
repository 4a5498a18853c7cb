"""What a page weighs for a browser that comes for the first time, and how much of that is our own script."""

import pytest

from tests.access.world import World, make_world

MOST_SCRIPT = 30_000
MOST_PAGE = 200_000
HEAVIEST = ["/queues/", "/items/{held}/", "/actors/{actor}/", "/statistics/"]
OTHERS = [
    "/",
    "/queues/all/",
    "/items/bulk/{selected}/start/",
    "/enforcement/",
    "/policies/{policy}/",
    "/audit/",
    "/settings/keyboard/",
]


SIZES = """() => performance.getEntries().filter((entry) => "decodedBodySize" in entry)
    .map(({ name, encodedBodySize, decodedBodySize }) => [name, encodedBodySize, decodedBodySize])"""


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("paths", [HEAVIEST, pytest.param(OTHERS, marks=pytest.mark.long)], ids=["heaviest", "others"])
def test_no_page_is_heavy_on_a_first_load(visitor, world, paths):
    heavy = {}
    for path in paths:
        page = visitor.open(world.fill(path), by=world.everyone)
        page.wait_for_load_state("networkidle")
        fetched = page.evaluate(SIZES)
        whole = sum(encoded for _name, encoded, _decoded in fetched)
        script = sum(decoded for name, _encoded, decoded in fetched if "/static/js/" in name)
        assert whole > 50_000, "the browser did not say what it fetched"
        assert script > 5_000, "the browser did not say which scripts are ours"
        print(f"{path} {whole:,} bytes, of which our own script {script:,}")
        if whole > MOST_PAGE or script > MOST_SCRIPT:
            heavy[path] = whole, script

    assert heavy == {}
