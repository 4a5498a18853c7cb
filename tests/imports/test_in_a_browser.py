"""An import in a real Chromium: from the file to its batch, by keys where there are some, in every dress."""

import re

import pytest
from playwright.sync_api import expect

from incidents.imports import operations, tasks
from incidents.intake.models import Alert, Batch
from incidents.queues import tasks as queues
from tests.factories import make_queue, make_rule, make_user
from tests.harness.browser import DRESSES, Visitor
from tests.imports.factories import make_import, rehearsed
from tests.sweeps.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROWS = "report no,created at,prompt,answer,spam_score\n" + "".join(
    f"{number},2026-11-01 10:{number:02},Buy our tea {number}.,Gladly.,0.{number:02}\n" for number in range(1, 21)
)
BROKEN = "21,soon,Buy our tea.,Gladly.,0.5\n"


def test_a_lead_brings_a_file_in_from_upload_to_its_batch(visitor: Visitor):
    make_rule(make_queue())
    page = visitor.open("/settings/sources/", by=make_user(role="lead"))

    page.keyboard.press("c")
    page.wait_for_url("**/settings/sources/imports/")
    page.get_by_label("Source").fill("report-form")
    page.get_by_label("File").set_input_files(
        {"name": "reports.csv", "mimeType": "text/csv", "buffer": (ROWS + BROKEN).encode()}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Which columns hold what")).to_be_visible()
    assert visitor.faults_in_every_dress(page) == []
    page.get_by_label("Column, or what is said").nth(1).fill("no such")
    page.get_by_role("button", name="Use this mapping").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert visitor.faults_in_every_dress(page) == []
    summary.get_by_role("link", name="no such").click()
    expect(page.get_by_label("Column, or what is said").nth(1)).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("created at")
    page.get_by_label("Comes from").first.select_option("column")
    page.get_by_label("Column, or what is said").first.fill("report no")
    page.get_by_role("button", name="Use this mapping").click()

    expect(page.get_by_role("heading", name="What its first records become")).to_be_visible()
    expect(page.get_by_text("Buy our tea 1.")).to_be_hidden()
    page.get_by_text("Reveal").first.click()
    assert visitor.faults_in_every_dress(page) == []

    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Dry run under way")).to_be_visible()
    assert visitor.faults(page) == []
    tasks.rehearse()
    expect(page.get_by_role("heading", name="The dry run")).to_be_visible()
    assert not Alert.objects.exists()
    page.get_by_role("link", name="Record by record").click()
    expect(page.get_by_role("row", name=re.compile("“soon” is not a time"))).to_be_visible()
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name="The dry run")).to_be_visible()

    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Importing")).to_be_visible()
    assert visitor.faults(page) == []
    tasks.import_files()
    batch = Batch.objects.get()
    page.wait_for_url(f"**/settings/sources/batches/{batch.pk}/")
    assert (batch.accepted, batch.rejected) == (20, 1)
    expect(page.get_by_text("of 20, the rest waits")).to_be_visible()
    assert visitor.faults_in_every_dress(page) == []
    queues.route()
    expect(page.get_by_text("of 20, the rest waits")).to_have_count(0)
    with page.expect_download() as download:
        page.keyboard.press("d")
    assert "“soon” is not a time" in download.value.path().read_text()


def test_an_import_is_cancelled_with_a_key(visitor: Visitor):
    lead = make_user(role="lead")
    found = make_import(by=lead)
    operations.start(found, by=lead)
    page = visitor.open(f"/settings/sources/imports/{found.pk}/", by=lead)

    page.keyboard.press("x")
    expect(page.get_by_role("heading", name="Being cancelled")).to_be_visible()
    tasks.import_files()

    expect(page.get_by_text("Cancelled after 0 of 1")).to_be_visible()


def test_a_file_that_will_not_do_is_told_and_can_be_chosen_anew(visitor: Visitor):
    page = visitor.open("/settings/sources/imports/", by=make_user(role="lead"))
    page.get_by_label("Source").fill("report-form")
    page.get_by_label("File").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": b"a,b\n"})
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("alert").get_by_text("The file holds no record.")).to_be_visible()
    expect(page.get_by_label("Source")).to_have_value("report-form")
    assert visitor.faults_in_every_dress(page) == []


def test_the_pages_of_imports_are_accessible_and_quiet(visitor: Visitor):
    lead, walk = make_user(role="lead"), Walk(visitor, DRESSES)
    name = "a-file-with-a-rather-long-name-" * 5 + ".jsonl"
    found, waiting = rehearsed(make_import(by=lead, name=name)), make_import(by=lead)
    operations.start(waiting, by=lead)
    walk.go_as(lead)

    for address in ("", f"{found.pk}/", f"{found.pk}/findings/", f"{waiting.pk}/"):
        walk.open(f"/settings/sources/imports/{address}", statuses={200}, name=address)

    assert walk.faults == {}
