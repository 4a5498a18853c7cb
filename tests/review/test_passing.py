"""The pages by which a holder passes an item on, and what others see of it then."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.desk import queries as desk
from incidents.queues import operations as queues
from incidents.queues.models import Passing, Round
from tests.factories import make_decision, make_queue, make_round, make_user
from tests.wellbeing.factories import make_expected, make_limits, reveal

pytestmark = pytest.mark.django_db

SECRET = "Lovely tea, five stars."


@pytest.fixture
def reviewer(client):
    person = make_user(name="Ana Ruiz")
    client.force_login(person)
    return person


def form_of(held, **fields):
    return {"round": held.pk, "fence": held.fence, "reason": "The shop answers by noon.", **fields}


def test_a_hold_leads_to_the_next_item_and_says_until_when(client, reviewer):
    queue = make_queue()
    held, following = make_round(queue=queue, lease_by=reviewer), make_round(queue=queue)

    page = client.post(f"/items/{held.item_id}/hold/", form_of(held, wake="120"), follow=True)

    assert page.redirect_chain[-1][0] == f"/items/{following.item_id}/"
    assert f"Item {held.item_id} is on hold until" in page.content.decode()
    passing = Passing.objects.get()
    assert timedelta(minutes=119) < passing.until - timezone.now() <= timedelta(hours=2)


PASSED_ON = [("hold", {"wake": "120"}), ("hand-over", {}), ("escalate", {})]


@pytest.mark.parametrize(("how", "fields"), PASSED_ON)
def test_a_limit_that_stops_what_comes_next_leaves_what_was_passed_on(client, reviewer, how, fields):
    queue = make_queue()
    make_limits(day_items_hard=1)
    held = make_expected(queue, 3, lease_by=reviewer)
    make_expected(queue, 3)
    reveal(held, by=reviewer)
    to = {"to": make_user().pk} if how == "hand-over" else {}

    page = client.post(f"/items/{held.item_id}/{how}/", form_of(held, **fields, **to), follow=True)

    text = page.content.decode()
    assert page.redirect_chain[-1][0] == "/queues/"
    assert f"Item {held.item_id}" in text
    assert "today’s limit of 1 item of S3 and up" in text
    assert Passing.objects.exists()


@pytest.mark.parametrize(("how", "fields"), [*PASSED_ON, ("skip", {}), ("decide", {"verdict": "benign", "rows": 1})])
def test_what_a_queue_holds_is_told_before_its_next_item_comes_whatever_was_done_before(client, reviewer, how, fields):
    queue = make_queue(asks_before_joining=True)
    held, following = make_round(queue=queue, lease_by=reviewer), make_round(queue=queue)
    to = {"to": make_user().pk} if how == "hand-over" else {}

    ahead = client.post(f"/items/{held.item_id}/ahead/", form_of(held))
    answer = client.post(f"/items/{held.item_id}/{how}/", form_of(held, **fields, **to))

    following.refresh_from_db()
    assert (ahead.status_code, answer["Location"]) == (204, f"/queues/{queue.slug}/join/")
    assert following.lease_by is None


def test_the_dialog_is_a_fragment_and_without_script_a_page(client, reviewer):
    held = make_round(lease_by=reviewer)
    address = f"/items/{held.item_id}/hold/"

    page = client.get(address).content.decode()
    fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert "<html" in page
    assert "<html" not in fragment
    assert 'name="reason"' in fragment


def test_choices_longer_than_the_queue_allows_are_not_offered(client, reviewer):
    held = make_round(queue=make_queue(longest_hold=timedelta(hours=1)), lease_by=reviewer)

    page = client.get(f"/items/{held.item_id}/hold/").content.decode()

    assert 'value="30"' in page
    assert 'value="120"' not in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"wake": ""}, "Say when it should come back"),
        ({"at": "2020-01-01T10:00"}, "at least five minutes"),
        ({"at": "0001-01-01T00:00"}, "at least five minutes"),
        ({"at": "9999-12-31T23:59"}, "at the latest"),
        ({"at": "soon"}, "valid date"),
        ({"wake": "120", "reason": ""}, "required"),
    ],
)
def test_a_bad_hold_comes_back_with_what_was_typed(client, reviewer, fields, sentence):
    held = make_round(lease_by=reviewer)

    answer = client.post(f"/items/{held.item_id}/hold/", form_of(held, **fields))

    page = answer.content.decode()
    assert (answer.status_code, sentence in page) == (422, True)
    assert fields.get("reason", "The shop answers by noon.") in page
    assert not Passing.objects.exists()


def test_a_hold_after_the_lease_was_lost_is_told_and_what_was_typed_is_kept(client, reviewer):
    lost = make_round(lease_by=make_user(), fence=2)

    answer = client.post(f"/items/{lost.item_id}/hold/", form_of(lost, fence=1, wake="30"))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Your hold on this item has ended" in page
    assert "The shop answers by noon." in page


def test_what_is_on_hold_waits_in_my_work_and_says_why(client, reviewer):
    held = make_round(lease_by=reviewer)
    client.post(f"/items/{held.item_id}/hold/", form_of(held, wake="30"))

    page = client.get("/").content.decode()
    item = client.get(f"/items/{held.item_id}/").content.decode()

    assert "On hold" in page
    assert "The shop answers by noon." in page
    assert "Take it up now" in item
    assert "data-lease-form" not in item


def test_a_hold_that_woke_is_told_apart(reviewer):
    held = make_round(lease_by=reviewer)
    queues.hold(held, fence=1, until=timezone.now() + timedelta(minutes=9), reason="Tea", by=reviewer)

    kinds = [desk.waiting_for(reviewer, timezone.now() + timedelta(minutes=later))[0].kind for later in (8, 10)]

    assert kinds == ["On hold", "Back from hold"]


def test_what_is_handed_over_waits_in_the_others_work_with_what_was_said(client, reviewer):
    other = make_user(name="Bo Lind")
    held = make_round(lease_by=reviewer)
    client.post(f"/items/{held.item_id}/hand-over/", form_of(held, to=other.pk))
    mine = client.get(f"/items/{held.item_id}/")
    client.force_login(other)

    page = client.get("/").content.decode()
    item = client.get(f"/items/{held.item_id}/").content.decode()

    assert (mine.status_code, SECRET in mine.content.decode()) == (403, False)
    assert "Handed to you" in page
    assert "Ana Ruiz: “The shop answers by noon.”" in page
    assert SECRET in item
    assert "Do not take it" in item


def test_a_handed_item_can_be_sent_back(client, reviewer):
    giver = make_user()
    held = make_round(lease_by=giver)
    queues.hand_over(held, fence=1, to=reviewer, reason="You know this shop.", by=giver)

    answer = client.post(f"/items/{held.item_id}/decline/", form_of(held, fence=2))

    assert answer.status_code == 302
    assert Round.objects.free().get() == held


def test_a_person_who_may_not_review_it_cannot_be_chosen(client, reviewer):
    held = make_round(lease_by=reviewer)
    analyst = make_user(role="analyst", name="Cy Analyst")

    offered = client.get(f"/items/{held.item_id}/hand-over/").content.decode()
    answer = client.post(f"/items/{held.item_id}/hand-over/", form_of(held, to=analyst.pk))

    assert "Cy Analyst" not in offered
    assert answer.status_code == 422
    assert "Choose someone from the list" in answer.content.decode()


def test_a_lead_hands_over_what_another_holds_and_goes_back_to_the_queue(client):
    lead, holder, other = make_user(role="lead"), make_user(), make_user()
    held = make_round(lease_by=holder)
    client.force_login(lead)

    answer = client.post(f"/items/{held.item_id}/hand-over/", form_of(held, to=other.pk))

    held.refresh_from_db()
    assert answer["Location"] == f"/queues/{held.queue.slug}/"
    assert held.lease_by == other


def test_a_lead_moves_an_item_by_its_page(client):
    client.force_login(make_user(role="lead"))
    waiting, to = make_round(), make_queue()
    button = client.get(f"/items/{waiting.item_id}/").content.decode()

    answer = client.post(f"/items/{waiting.item_id}/move/", form_of(waiting, queue=to.pk, priority=3))

    waiting.refresh_from_db()
    assert f"/items/{waiting.item_id}/move/" in button
    assert answer["Location"] == f"/queues/{to.slug}/"
    assert (waiting.queue, waiting.priority) == (to, 3)


@pytest.mark.parametrize("fields", [{"priority": "99999"}, {"queue": "0"}, {"queue": "x"}, {"reason": ""}])
def test_a_bad_move_comes_back_with_what_was_typed(client, fields):
    client.force_login(make_user(role="lead"))
    waiting, to = make_round(), make_queue()

    answer = client.post(f"/items/{waiting.item_id}/move/", form_of(waiting, queue=to.pk, priority=3) | fields)

    assert (answer.status_code, Passing.objects.count()) == (422, 0)


def test_an_escalated_item_leads_to_the_next_of_the_queue_it_came_from(client, reviewer):
    queue = make_queue()
    held, following = make_round(queue=queue, lease_by=reviewer), make_round(queue=queue)

    answer = client.post(f"/items/{held.item_id}/escalate/", form_of(held))

    held.refresh_from_db()
    assert answer["Location"] == f"/items/{following.item_id}/"
    assert held.queue.is_for_leads


def test_reviewers_do_not_see_the_queue_of_the_leads(client, reviewer):
    held = make_round(lease_by=reviewer)
    queues.escalate(held, fence=1, reason="Is this new?", by=reviewer)
    before = client.get("/queues/").content.decode(), client.get("/queues/escalated/").status_code
    client.force_login(make_user(role="lead"))

    after = client.get("/queues/").content.decode(), client.get("/queues/escalated/").status_code

    assert ("Escalated" in before[0], before[1]) == (False, 404)
    assert ("Escalated" in after[0], after[1]) == (True, 200)


def test_who_decided_asks_for_a_second_opinion(client, reviewer):
    decision = make_decision(by=reviewer)
    button = client.get(f"/items/{decision.item_id}/").content.decode()

    client.post(f"/items/{decision.item_id}/second-opinion/")

    page = client.get(f"/items/{decision.item_id}/").content.decode()
    assert "Ask for a second opinion" in button
    assert "It waits for a second opinion." in page
    assert Round.objects.get(item=decision.item_id, status="open").purpose == "second_opinion"


def test_the_item_page_takes_the_same_queries_whatever_was_said(client, reviewer):
    held = make_round(lease_by=reviewer, fence=2)
    client.get(f"/items/{held.item_id}/")
    with CaptureQueriesContext(connection) as before:
        client.get(f"/items/{held.item_id}/")
    for time in range(30):
        queues.hold(held, fence=2 + time, until=timezone.now() + timedelta(minutes=9), reason="Tea", by=reviewer)

    with CaptureQueriesContext(connection) as after:
        client.get(f"/items/{held.item_id}/")

    assert len(after) == len(before)
