"""The pages of linked actors: who sees whom, what is said, and by what."""

import pytest

from incidents.linking.models import Word
from tests.factories import make_actor, make_item, make_round, make_user
from tests.harness.browser import Visitor
from tests.linking.test_web import share

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


def address(actor, *parts: str) -> str:
    return "/".join([f"/actors/{actor.pk}/links", *parts, ""])


def test_a_lead_reads_who_is_linked_and_by_what(client, lead):
    one, other = make_actor(), make_actor(external_id="<script>x")
    share(one, other, kind='card"<b>')

    page = client.get(address(one)).content.decode()
    panel = client.get(address(one, "panel")).content.decode()

    assert "&lt;script&gt;x" in page
    assert "card&quot;&lt;b&gt;" in page
    assert "2 actors have it" in page
    assert "&lt;script&gt;x" in panel
    assert page.count("data-step=") == 2


def test_a_reviewer_is_told_how_many_there_are_and_opens_their_own_alone(client):
    reviewer, mine, theirs = make_user(), make_actor(), make_actor()
    share(mine, theirs)
    make_round(item=make_item(actor=mine), lease_by=reviewer)
    client.force_login(reviewer)

    page = client.get(address(mine)).content.decode()

    assert "1 linked actor is not yours to open" in page
    assert theirs.external_id not in page
    assert client.get(address(theirs)).status_code == 404


def test_what_is_said_is_kept_with_its_evidence(client, lead):
    one, other = make_actor(), make_actor()

    answer = client.post(
        address(one, "say"), {"other": other.external_id, "verdict": "asserted", "evidence": "Same <b>words</b>."}
    )

    assert answer.status_code == 302
    assert Word.objects.get().by == lead
    page = client.get(address(other)).content.decode()
    assert "Same &lt;b&gt;words&lt;/b&gt;." in page


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"other": "nobody", "verdict": "asserted", "evidence": "x"}, "There is no such actor"),
        ({"other": "9" * 30, "verdict": "asserted", "evidence": "x"}, "There is no such actor"),
        ({"other": "{own}", "verdict": "asserted", "evidence": "x"}, "not linked to itself"),
        ({"other": "{own}", "verdict": "maybe", "evidence": "x"}, "maybe"),
        ({}, "This field is required"),
    ],
)
def test_what_makes_no_sense_is_named_and_nothing_is_said(client, lead, sent, why):
    one = make_actor()

    answer = client.post(address(one, "say"), {name: text.format(own=one.external_id) for name, text in sent.items()})

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Word.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_reviewer_rejects_a_link_by_keyboard(visitor: Visitor):
    lead, one, other = make_user(role="lead"), make_actor(), make_actor(external_id="acct_other")
    share(one, other)
    page = visitor.open(f"/actors/{one.pk}/", by=lead)
    page.wait_for_selector("#linked-panel >> text=acct_other")

    page.keyboard.press("l")
    page.wait_for_url("**/links/")
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("n")
    page.keyboard.type("acct_other")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("One family.")
    page.keyboard.press("Escape")
    page.keyboard.press("s")

    page.wait_for_selector("text=Share much, and are not linked")
    assert Word.objects.get().verdict == "rejected"
