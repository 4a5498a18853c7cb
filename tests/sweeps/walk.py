"""One browser that opens page after page, and keeps what was wrong with each."""

from collections.abc import Callable

from playwright.sync_api import Dialog, Page, Response

from tests.harness.browser import Dress, Visitor, session_cookie
from trust.accounts.models import User

Look = Callable[[Page], list[str]]  # says what is wrong with a page as it stands


class Walk:
    """One browser profile that changes who it is, and keeps the faults of every page it opened."""

    def __init__(
        self, visitor: Visitor, dresses: list[Dress], *, look: Callable[[Page], list[str]] | None = None
    ) -> None:
        self.visitor = visitor
        self.dresses = dresses
        self.look = look or visitor.faults
        self.page: Page = visitor.open("/healthz")
        self.page.on("response", self._note_failure)
        self.page.on("dialog", self._note_dialog)
        self.faults: dict[str, list[str]] = {}
        self.now = ""

    def go_as(self, person: User | None) -> None:
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
            found += [f"{width} {theme} {fault}" for fault in self.look(self.page)]
        self.visitor.console.clear()
        if found:
            self.faults.setdefault(name, []).extend(found)

    def _note_failure(self, answer: Response) -> None:
        if answer.status >= 500 or not answer.url.startswith(self.visitor.address):
            self.faults.setdefault(self.now, []).append(f"{answer.status} {answer.url}")

    def _note_dialog(self, dialog: Dialog) -> None:
        self.faults.setdefault(self.now, []).append(f"dialog: {dialog.message}")
        dialog.dismiss()
