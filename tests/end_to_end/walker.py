"""A walk through the product, and its people: they sign in by the form, go by key or menu, and press keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response

from tests.harness.browser import DESKTOP
from tests.harness.instance import Instance
from tests.harness.receiver import Receiver

GO_KEYS = {
    "My work": "m",
    "Queues": "q",
    "Actors": "a",
    "Enforcement": "e",
    "Incidents": "i",
    "Retrospectives": "r",
    "Policies": "p",
    "Statistics": "s",
    "Audit": "u",
}


@dataclass
class World:
    """A whole Trustdesk of real processes with eight weeks behind it, and the system that carries its actions out."""

    trustdesk: Instance
    receiver: Receiver
    secret: str


@dataclass
class Walk:
    """One walk through the product: the people at one width, the actor that they judge, all that went wrong."""

    world: World
    chromium: Browser
    size: tuple[int, int]
    faults: list[str] = field(default_factory=list)

    @property
    def actor(self) -> str:
        return f"acct_{self.size[0]}"

    @property
    def incident(self) -> str:
        return f"Teasing by the hour, seen at {self.size[0]}"

    def sign_in(self, who: str) -> Walker:
        walker = Walker(self.chromium, self.world.trustdesk, who, size=self.size, faults=self.faults)
        walker.sign_in()
        return walker

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.world.trustdesk.query(statement, *parameters)


class Walker:
    """One person in a browser profile of their own. ``faults`` is everything that no page may ever say."""

    def __init__(
        self, chromium: Browser, trustdesk: Instance, who: str, *, size: tuple[int, int], faults: list[str]
    ) -> None:
        self.email, self.password = _sign_ins(trustdesk)[f"{who}@example.org"]
        self.is_at_desk = size == DESKTOP
        self.faults = faults
        self.context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=trustdesk.url, reduced_motion="reduce"
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: faults.append(str(error)))
        self.page.on("response", self._note_response)

    def sign_in(self) -> None:
        self.page.goto("/")
        self.page.get_by_label("E-mail").click()
        self.type(self.email)
        self.press("Tab")
        self.type(self.password)
        self.press("Enter")
        self.heading("My work")

    def go(self, name: str) -> None:
        """Go to a page of the rail: by its key at a desk, by the menu on a phone."""
        if self.is_at_desk:
            self.press("g", GO_KEYS[name])
        else:
            self.page.get_by_role("button", name="Menu").first.click()
            self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
        self.heading(name)

    def claim(self, queue: str) -> None:
        """Claim the next item by the key that is printed on the queue's card."""
        card = self.page.get_by_role("listitem").filter(has=self.page.get_by_role("link", name=queue, exact=True))
        self.press_key_of(card.get_by_role("button", name="Review next"))

    def heading(self, name: str) -> None:
        """Wait for the page whose title begins with ``name``, and for its scripts: before them no key answers."""
        self.page.get_by_role("heading", level=1, name=name).wait_for()
        self.page.wait_for_load_state("load")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def find(self, clause: str) -> None:
        """Find a violation of ``clause`` by the digit that is printed beside it."""
        self.press_key_of(self.page.get_by_role("radio", name=clause))

    def press_key_of(self, control: Locator) -> None:
        """Press the key that is printed on ``control``."""
        self.press(control.get_attribute("data-key") or "")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def see(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def close(self) -> None:
        self.context.close()

    def _note_console(self, message: ConsoleMessage) -> None:
        """Keep warnings and errors, a broken content policy among them; not the line about a refusal's status."""
        if message.type in {"warning", "error"} and not message.text.startswith("Failed to load resource: the server"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.url}: {response.status}")


def _sign_ins(trustdesk: Instance) -> dict[str, tuple[str, str]]:
    """Return e-mail and password by e-mail, from the lines that the start printed."""
    lines = [line.split("\t") for line in (trustdesk.data_dir / "sign-ins.tsv").read_text().splitlines()]
    return {email: (email, password) for _role, email, password in lines}
