"""A real Chromium, and what must hold on every page: a quiet console, axe content, no sideways scroll, no key twice."""

import os
import shutil
import time
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from trust.accounts.models import User

Dress = tuple[tuple[int, int], str]
DESKTOP, PHONE = (1440, 900), (390, 844)
EVERY_DRESS: list[Dress] = [(size, theme) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]
# Each width and each theme once; all four together only where "make test-long" asks for them.
DRESSES: list[Dress] = EVERY_DRESS if os.environ.get("EVERY_DRESS") else [(DESKTOP, "light"), (PHONE, "dark")]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

KEYS_TWICE = """() => {
  const scope = document.querySelector("dialog[open], .dialog:popover-open") ?? document;
  const shown = [...scope.querySelectorAll("[data-key]")].filter((control) => control.checkVisibility());
  const keys = shown.map((control) => control.dataset.key);
  return keys.filter((key, place) => keys.indexOf(key) !== place);
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start one Chromium for the whole run: the machine's own, else Playwright's."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread; Django would object
    own = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=list(FLAGS))
        yield browser
        browser.close()


class Visitor:
    """Opens pages of a running Trustdesk, signed in or not, and remembers what their consoles said."""

    def __init__(self, chromium: Browser, address: str) -> None:
        self.chromium = chromium
        self.address = address
        self.contexts: list[BrowserContext] = []
        self.console: list[str] = []

    def open(self, path: str, *, by: User | None = None, size: tuple[int, int] = DESKTOP, theme: str = "") -> Page:
        """Open ``path`` in a fresh browser profile."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=self.address, reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        if theme:
            context.add_cookies([{"name": "theme", "value": theme, "url": self.address}])
        if by is not None:
            context.add_cookies([session_cookie(by, self.address)])
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.goto(path)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        """Keep warnings and errors, but for the browser's own line about the status of an answer."""
        if message.type in {"warning", "error"} and not message.text.startswith("Failed to load resource: the server"):
            self.console.append(message.text)

    def faults(self, page: Page) -> list[str]:
        """Return everything that is wrong with the page as it stands; empty is good."""
        found = [f"console: {line}" for line in self.console]
        for violation in Axe().run(page).response["violations"]:
            found += [f"axe {violation['id']}: {node['html']}" for node in violation["nodes"]]
        if (width := page.evaluate(SIDEWAYS)) > 0:
            found.append(f"scrolls sideways by {width} px")
        return found + [f"key twice: {key}" for key in page.evaluate(KEYS_TWICE)]

    def quiet_faults(self, page: Page) -> list[str]:
        """Return what the console said, and whether the page scrolls sideways: much faster than all of it."""
        said = [f"console: {line}" for line in self.console]
        return said + (["scrolls sideways"] if page.evaluate(SIDEWAYS) > 0 else [])

    def faults_in_every_dress(self, page: Page) -> list[str]:
        """Return the faults of the page as it stands in both themes, at the width of a desk and of a phone."""
        found: list[str] = []
        for (width, height), theme in DRESSES:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            found += [f"{width} px, {theme}: {fault}" for fault in self.faults(page)]
        return found

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def visitor(chromium: Browser, live_server) -> Iterator[Visitor]:
    visitor = Visitor(chromium, live_server.url)
    yield visitor
    visitor.close()


def until(page: Page, condition: Callable[[], object]) -> None:
    """Wait for what the server does after a beacon, which the browser does not tell of."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def session_cookie(person: User, address: str) -> dict[str, str]:
    """Sign ``person`` in without the form, and return the cookie that says so."""
    client = Client()
    client.force_login(person)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": address,
    }
