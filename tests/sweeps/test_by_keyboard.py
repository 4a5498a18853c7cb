"""Every page by Tab alone, at a zoom of 200 %, and in forced colours."""

import pytest
from playwright.sync_api import Page

from tests.access.world import World, make_world
from tests.harness.browser import DESKTOP, SIDEWAYS, Visitor
from tests.sweeps.by_keyboard import faults_by_keyboard
from tests.sweeps.test_every_page import with_data
from tests.sweeps.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ZOOMED = (720, 450)  # what a window of 1440 × 900 holds at a zoom of 200 %

WITHOUT_RINGS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":focus-visible, :has(:focus-visible) { outline: none !important }");
  document.adoptedStyleSheets = [sheet];
}"""


@pytest.fixture
def world() -> World:
    return make_world()


def test_a_page_whose_focus_cannot_be_seen_is_found(visitor: Visitor, world: World):
    page = visitor.open("/search/", by=world.people["R"])
    assert faults_by_keyboard(page) == []

    page.evaluate(WITHOUT_RINGS)

    assert any(fault.startswith("no ring") for fault in faults_by_keyboard(page))


@pytest.mark.long
def test_every_page_can_be_walked_by_tab_alone(visitor: Visitor, world: World):
    walk = Walk(visitor, [(DESKTOP, "light")], look=faults_by_keyboard)

    with_data(walk, world)

    assert walk.faults == {}


@pytest.mark.long
def test_every_page_can_be_walked_by_tab_alone_at_200_percent(visitor: Visitor, world: World):
    walk = Walk(visitor, [(ZOOMED, "light")], look=zoomed_faults)

    with_data(walk, world)

    assert walk.faults == {}


@pytest.mark.long
def test_every_page_can_be_walked_in_forced_colours(visitor: Visitor, world: World):
    """Rings show in them too. Contrast is the person's own choice there."""
    walk = Walk(visitor, [(DESKTOP, "light")], look=faults_by_keyboard)
    walk.page.emulate_media(forced_colors="active")

    with_data(walk, world)

    assert walk.faults == {}


def zoomed_faults(page: Page) -> list[str]:
    sideways = ["scrolls sideways"] if page.evaluate(SIDEWAYS) > 0 else []
    return sideways + faults_by_keyboard(page)
