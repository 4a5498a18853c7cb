"""The page of statistics in a real Chromium: accessible in every dress, with data, empty and refused."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from policies import operations, pack
from policies.models import ClauseVersion
from tests.factories import make_actor, make_source, make_user
from tests.statistics.history import Judged, make_decisions
from tests.statistics.made import make_counted, make_restricted_clause

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def history() -> None:
    """Decisions of eight weeks on the default policies, some policies of few actors."""
    operations.install_pack(pack.load())
    dice = random.Random(7)
    clauses = list(ClauseVersion.objects.filter(version__policy__restricted_category="").order_by("pk"))
    actors = [make_actor() for _ in range(60)]
    sources = [make_source(slug="moderation"), make_source(slug="user-reports")]
    judged = [
        Judged(
            at=timezone.now() - timedelta(days=56 * (1 - number / 600)),
            actor=dice.choice(actors),
            source=dice.choice(sources),
            clause=clauses[dice.randrange(18) * 3 % len(clauses)] if dice.random() < 0.4 + number / 1500 else None,
            severity=dice.randrange(5),
            verdict=dice.choice(["benign", "benign", "no_policy_fits"]),
        )
        for number in range(600)
    ]
    make_decisions(judged)
    make_counted(actor=actors[0], violations=[{"clause": make_restricted_clause()}])


@pytest.mark.long
@pytest.mark.parametrize("role", ["analyst", "policy_editor"])
@pytest.mark.usefixtures("history")
def test_the_page_is_accessible(visitor, role):
    page = visitor.open("/statistics/", by=make_user(role=role))

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.long
@pytest.mark.usefixtures("history")
def test_a_narrowed_page_and_what_may_be_published_are_accessible(visitor):
    analyst = make_user(role="analyst")
    for path in ("/statistics/?policy=spam&across=clause&by=month", "/statistics/?view=published&across=verdict"):
        page = visitor.open(path, by=analyst)
        assert visitor.faults_in_every_dress(page) == []


@pytest.mark.long
@pytest.mark.parametrize("path", ["/statistics/", "/statistics/?by=day&from=1066-10-14"])
def test_an_empty_page_and_a_refused_one_are_accessible(visitor, path):
    page = visitor.open(path, by=make_user(role="analyst"))

    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.usefixtures("history")
def test_an_analyst_downloads_by_keyboard(visitor):
    page = visitor.open("/statistics/", by=make_user(role="analyst"))

    with page.expect_download() as download:
        page.keyboard.press("d")

    assert download.value.suggested_filename.endswith("-suppressed.csv")
