"""The pages of the sources in a real Chromium: accessible, quiet, in both themes and at two widths."""

import pytest

from incidents.intake.models import Batch
from tests.factories import NOW, make_source, make_user
from tests.harness.browser import DRESSES, Visitor
from tests.sweeps.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_pages_of_the_sources_are_accessible_and_quiet(visitor: Visitor):
    source, walk = make_source(slug="a-platform-with-a-rather-long-name-for-a-narrow-page"), Walk(visitor, DRESSES)
    Batch.objects.create(source=source, received_at=NOW, accepted=1_234_567, rejected=3, format="openai-moderation")
    walk.go_as(make_user(role="analyst"))

    for address in ("/settings/sources/", f"/settings/sources/{source.pk}/"):
        walk.open(address, statuses={200}, name=address)

    assert walk.faults == {}


def test_j_and_enter_open_a_source_and_one_of_its_batches(visitor: Visitor):
    source = make_source()
    batch = Batch.objects.create(source=source, received_at=NOW, accepted=1, format="native")
    page = visitor.open("/settings/sources/", by=make_user(role="analyst"))

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/settings/sources/{source.pk}/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/settings/sources/batches/{batch.pk}/")
