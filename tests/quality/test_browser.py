"""The pages of detectors in a real Chromium: accessible in every dress, by keyboard, with a source's panel fetched."""

import random

import pytest
from django.utils import timezone

from incidents.intake import operations as intake
from incidents.intake.models import DetectorVersion, Source
from incidents.quality import tasks
from incidents.quality.models import RatingCount
from tests.factories import make_damping, make_queue, make_user
from tests.intake.native import full

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def past() -> DetectorVersion:
    """Two versions of a detector with what they sent and how it was judged, one of them muted."""
    make_queue(is_default=True)
    dice = random.Random(3)
    for version, threshold in (("1", 0.5), ("2", 0.7)):
        detector = {"name": "gentle-filter", "version": version}
        alerts = [
            full(
                external_id=f"{version}-{number}",
                occurred_at=timezone.now().isoformat(),
                detector=detector,
                thresholds={"hate": threshold, "sexual": 0.8},
                generation={"external_id": f"{version}-{number}", "messages": [{"role": "user", "content": "Tea."}]},
            )
            for number in range(40)
        ]
        intake.accept(alerts, source="gateway")
    tasks.count_arrivals()
    found, source = DetectorVersion.objects.get(version="2"), Source.objects.get()
    for month in range(6, 11):
        for category in ("", "hate", "harassment"):
            for outcome, most in (("violating", 60), ("benign", 30), ("no_policy_fits", 5), ("cannot_judge", 4)):
                RatingCount.objects.create(
                    detector_version=found,
                    source=source,
                    is_report=False,
                    month=timezone.now().date().replace(month=month, day=1),
                    category=category,
                    outcome=outcome,
                    items=dice.randrange(3, most),
                )
    make_damping(detector_version=found)
    make_damping(source=source, steps=2)
    return found


@pytest.mark.long
@pytest.mark.parametrize("address", ["/detectors/", "/detectors/{version}/", "/detectors/of-source/{source}/"])
def test_the_pages_are_accessible(visitor, past, address):
    place = address.format(version=past.pk, source=Source.objects.get().pk)
    page = visitor.open(place, by=make_user(role="lead"))

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.long
@pytest.mark.parametrize("address", ["/policies/categories/", "/policies/categories/?state=unmapped"])
def test_the_list_of_categories_is_accessible(visitor, past, address):
    page = visitor.open(address, by=make_user(role="policy_editor"))

    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.long
def test_empty_pages_are_accessible(visitor):
    for address in ("/detectors/", "/policies/categories/"):
        page = visitor.open(address, by=make_user(role="lead"))
        assert visitor.faults_in_every_dress(page) == []


def test_a_wrong_form_is_accessible_and_keeps_what_was_typed(visitor, past):
    version = DetectorVersion.objects.get(version="1")
    page = visitor.open(f"/detectors/{version.pk}/", by=make_user(role="lead"))

    page.get_by_text("Mute or lower it for a while").click()
    page.get_by_label("Your reason").fill("It fires on tea.")
    page.get_by_role("button", name="Put in force").click()

    assert page.locator(".field.wrong, fieldset.wrong").count() == 1
    assert page.get_by_label("Your reason").input_value() == "It fires on tea."
    assert visitor.faults_in_every_dress(page) == []


def test_by_keyboard_alone_one_gets_to_a_detector_and_back(visitor, past):
    page = visitor.open("/", by=make_user(role="lead"))

    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/detectors/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/detectors/{past.pk}/")
    page.keyboard.press("u")
    page.wait_for_url("**/detectors/")


def test_the_page_of_a_source_fetches_its_panel(visitor, past):
    source = Source.objects.get()
    page = visitor.open(f"/settings/sources/{source.pk}/", by=make_user(role="lead"))

    page.get_by_role("heading", name="Mute or lower").wait_for()

    assert page.get_by_text("Priority lowered by 2").first.is_visible()
    assert visitor.faults_in_every_dress(page) == []
