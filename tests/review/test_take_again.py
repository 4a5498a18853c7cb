"""Going on with what one held and gave back: while nobody else has it, and while it waits where it did."""

import pytest
from django.test import Client

from incidents.queues import operations as queues
from incidents.queues.models import Round
from incidents.review import draft_operations
from tests.factories import make_queue, make_round, make_user

pytestmark = pytest.mark.django_db


def given_back(reviewer) -> Round:
    """Return a round that ``reviewer`` typed something in and that a lead took out of their hands."""
    round = make_round()
    queues.claim(round.queue, by=reviewer)
    round.refresh_from_db()
    draft_operations.keep_draft(round, fields={"note": "Typed with care"}, by=reviewer)
    return queues.release(round, by=make_user(role="lead"))


def browser(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def take(client: Client, round: Round):
    return client.post(f"/items/{round.item_id}/take-again/", {"round": round.pk, "fence": round.fence})


def test_while_nobody_has_it_the_page_offers_to_take_it_again_and_that_works():
    reviewer = make_user()
    round = given_back(reviewer)
    client = browser(reviewer)

    assert "Take it again" in client.get(f"/items/{round.item_id}/").content.decode()
    take(client, round)

    page = client.get(f"/items/{round.item_id}/").content.decode()
    assert "Typed with care" in page
    round.refresh_from_db()
    assert round.lease_by == reviewer


def test_who_typed_nothing_in_it_picks_nothing():
    round = given_back(make_user())

    assert take(browser(make_user()), round).status_code == 409
    assert Round.objects.get().lease_by is None


def test_who_typed_in_it_without_ever_holding_it_picks_nothing_either():
    round, other = make_round(), make_user()
    client = browser(other)
    client.post(f"/items/{round.item_id}/draft/", {"round": round.pk, "fence": round.fence, "note": "Mine, please"})

    assert "Take it again" not in client.get(f"/items/{round.item_id}/").content.decode()
    assert take(client, round).status_code == 409
    assert Round.objects.get().lease_by is None


def test_what_is_typed_after_it_was_taken_away_is_no_proof_and_does_not_undo_one():
    reviewer, other = make_user(), make_user()
    round = given_back(reviewer)
    for person in (reviewer, other):
        draft_operations.keep_draft(round, fields={"note": "Still typing"}, by=person)

    assert take(browser(other), round).status_code == 409
    assert take(browser(reviewer), round).status_code == 302
    assert Round.objects.get().lease_by == reviewer


@pytest.mark.parametrize("change", ["held", "leads", "second"])
def test_once_others_have_it_or_it_waits_elsewhere_it_is_not_taken_again(change):
    reviewer = make_user()
    round = given_back(reviewer)
    if change == "held":
        queues.claim(round.queue, by=make_user())
    elif change == "leads":
        Round.objects.update(queue=make_queue(is_for_leads=True))
    else:
        Round.objects.update(purpose="second_opinion")

    client = browser(reviewer)

    assert "Take it again" not in client.get(f"/items/{round.item_id}/").content.decode()
    assert take(client, round).status_code == 409
    assert Round.objects.get().lease_by != reviewer
