"""Notes beside an item, by real keys in a real Chromium, and who else has it open."""

import pytest

from incidents.review.models import Decision
from tests.factories import make_note, make_user
from tests.harness.browser import until
from tests.notes.stage import held_by
from trust.notes.models import Mention, Note, Presence

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The script that the first focus begins to fetch is here: no person decides as fast as a test presses keys.
FETCHED = "() => import(document.querySelector('form[data-notes]').dataset.notes).then(() => null)"


def open_item(visitor, item, person):
    page = visitor.open(f"/items/{item.pk}/", by=person)
    page.locator("#notes-panel h2").wait_for()
    return page


def test_a_note_with_a_mention_takes_keys_alone(visitor):
    reviewer = make_user(name="Ana Ruiz")
    lead = make_user(role="lead", name="Mara Lind")
    item = held_by(reviewer)
    page = open_item(visitor, item, reviewer)

    page.keyboard.press("C")
    page.wait_for_function("() => document.activeElement.id === 'notes_text'")
    page.wait_for_load_state("networkidle")  # the script of names comes with the focus
    page.keyboard.type("Seen in March, @ma")
    page.get_by_role("option", name="Mara Lind").wait_for()
    assert visitor.faults(page) == []
    page.keyboard.press("Enter")
    page.keyboard.type("knows more.")
    assert page.locator("#notes_text").input_value() == "Seen in March, @Mara Lind knows more."
    page.keyboard.press("Control+Enter")

    page.locator("#notes-panel li").get_by_text("Seen in March, @Mara Lind knows more.").wait_for()
    assert page.locator("#notes_text").input_value() == ""
    page.wait_for_function("() => document.activeElement.id.startsWith('note-')")
    assert Mention.objects.get().person == lead


def test_an_error_takes_the_focus_and_the_text_stays_to_be_mended(visitor):
    reviewer = make_user()
    page = open_item(visitor, held_by(reviewer), reviewer)

    page.locator("#notes_text").fill("@nobody, look")
    page.keyboard.press("Control+Enter")
    page.locator("#notes-panel [role=alert]").wait_for()
    page.wait_for_function("() => document.activeElement.role === 'alert'")
    assert visitor.faults(page) == []
    page.locator("#notes_text").fill("@ nobody, look")
    page.locator("#notes_text").press("Control+Enter")

    page.locator("#notes-panel li").get_by_text("@ nobody, look").wait_for()
    assert Note.objects.count() == 1


def test_deciding_leads_back_to_a_note_that_is_not_saved(visitor):
    reviewer = make_user()
    item = held_by(reviewer)
    page = open_item(visitor, item, reviewer)
    page.locator("#notes_text").fill("Seen in March.")
    page.evaluate(FETCHED)

    page.locator("h1").focus()
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.get_by_text("your note on this item is not saved").wait_for()
    page.wait_for_function("() => document.activeElement.id === 'notes_text'")
    page.keyboard.press("Control+Enter")
    page.locator("#notes-panel li").get_by_text("Seen in March.").wait_for()
    page.wait_for_function("() => document.activeElement.id.startsWith('note-')")
    assert not Decision.objects.exists()
    page.keyboard.press("Enter")

    page.wait_for_url("**/queues/**")
    assert Decision.objects.get().item == item


def test_a_note_is_amended_and_taken_back(visitor):
    reviewer = make_user()
    item = held_by(reviewer)
    note = make_note(item, by=reviewer, text="Seen in Mrach.")
    page = open_item(visitor, item, reviewer)

    page.get_by_role("link", name=f"Amend note {note.pk}").click()
    page.get_by_text("takes the place of the earlier one").wait_for()
    page.locator("#notes_text").fill("Seen in March.")
    page.locator("#notes_text").press("Control+Enter")
    page.locator("#notes-panel li").get_by_text("Seen in March.").wait_for()
    page.get_by_role("button", name=f"Take back note {Note.objects.get(amends=note).pk}").click()

    page.get_by_text("took this note back").wait_for()
    assert not page.get_by_text("Seen in March.").is_visible()
    assert visitor.faults(page) == []


def test_two_who_have_an_item_open_see_each_other(visitor):
    reviewer, lead = make_user(name="Bo Okafor"), make_user(role="lead", name="Mara Lind")
    item = held_by(reviewer)
    first = open_item(visitor, item, reviewer)
    until(first, lambda: Presence.objects.filter(person=reviewer).exists())

    second = open_item(visitor, item, lead)

    second.get_by_text("Bo Okafor is looking at this too.").wait_for()
    for page in (first, second):
        page.goto("/queues/")
    until(first, lambda: not Presence.objects.exists())
