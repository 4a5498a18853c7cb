"""The pages of the sources: who sent what, batch by batch."""

import pytest

from incidents.intake.models import Batch
from tests.factories import NOW, make_source, make_user

pytestmark = pytest.mark.django_db


def test_a_source_is_listed_with_its_last_batch(client):
    client.force_login(make_user(role="analyst"))
    make_source(slug="quiet")
    source = make_source(slug="platform", namespace="prod")
    Batch.objects.create(source=source, received_at=NOW)

    page = client.get("/settings/sources/").content.decode()

    assert page.index(">platform</a>") < page.index(">quiet</a>")
    assert f'href="/settings/sources/{source.pk}/"' in page
    assert page.count("none yet") == 1


def test_a_source_shows_its_own_batches_newest_first(client):
    client.force_login(make_user(role="lead"))
    source = make_source()
    older = Batch.objects.create(source=source, received_at=NOW, accepted=12345, format="perspective")
    newer = Batch.objects.create(source=source, received_at=NOW, rejected=7)
    other = Batch.objects.create(source=make_source(), received_at=NOW)

    page = client.get(f"/settings/sources/{source.pk}/").content.decode()

    assert page.index(f'id="batch-{newer.pk}"') < page.index(f'id="batch-{older.pk}"')
    assert "12,345" in page
    assert "perspective" in page
    assert f'id="batch-{other.pk}"' not in page


def test_an_empty_source_says_so_and_an_unknown_one_is_not_found(client):
    client.force_login(make_user(role="lead"))
    source = make_source()

    assert "No batch" in client.get(f"/settings/sources/{source.pk}/").content.decode()
    assert client.get(f"/settings/sources/{source.pk + 1}/").status_code == 404


@pytest.mark.parametrize(
    ("role", "is_shown"), [("lead", True), ("analyst", True), ("auditor", True), ("reviewer", False)]
)
def test_the_settings_lead_to_the_sources_for_those_who_may_read_them(client, role, is_shown):
    client.force_login(make_user(role=role))

    assert ('href="/settings/sources/"' in client.get("/settings/").content.decode()) == is_shown
