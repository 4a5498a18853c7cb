"""What the dispatcher hands out to people with limits: by page, by API, at once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.queues import operations as queues
from incidents.queues.models import Round
from incidents.review import operations as review
from tests.factories import make_api_key, make_queue, make_user
from tests.wellbeing.at_once import all_at_once
from tests.wellbeing.factories import make_category, make_expected, make_limits, reveal
from trust import clock
from trust.accounts.models import User
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer() -> User:
    return make_user()


def claims(queue, by) -> list[int]:
    """Claim and reveal until nothing more comes; return the severities that came."""
    came: list[int] = []
    while claim := queues.claim(queue, by=by):
        held = Round.objects.get(pk=claim.round_id)
        reveal(held, by=by)
        review.decide(held, fence=claim.fence, verdict="benign", by=by)
        came.append(held.expected_severity)
    return came


def page_of(person: User, queue) -> object:
    client = Client()
    client.force_login(person)
    return client.post(f"/queues/{queue.slug}/claim/")


def answer_of(person: User, queue) -> object:
    _key, text = make_api_key("review", owner=person)
    return Client().post(
        f"/api/v1/queues/{queue.slug}/claim",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
    )


def test_at_the_hard_limit_of_a_day_lighter_items_come_and_severe_ones_do_not(reviewer):
    queue = make_queue()
    make_limits(day_items_hard=2)
    for severity in (3, 4, 3, 2, 0):
        make_expected(queue, severity)

    with pytest.raises(Refused, match="today’s limit of 2 items of S3 and up") as refusal:
        claims(queue, reviewer)

    assert refusal.value.code == "exposure-limit"
    assert list(Round.objects.filter(status="open").values_list("expected_severity", flat=True)) == [3]


@pytest.mark.parametrize("ask", [page_of, answer_of])
@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"day_items_hard": 1}, "today’s limit of 1 item of S3 and up"),
        ({"day_minutes_hard": 1}, "today’s limit of 1 minute of content"),
        ({"row_items_hard": 1}, "1 item of S3 and up in a row"),
        ({"rotate_after": 1}, "many items of one kind in a row"),
    ],
)
@pytest.mark.parametrize("whose", ["everyone", "own"])
def test_each_hard_limit_refuses_by_page_and_by_api(reviewer, ask, limits, sentence, whose):
    queue, category = make_queue(), make_category()
    make_limits(None if whose == "everyone" else reviewer, **limits)
    seen = make_expected(make_queue(), 3, category)
    now = timezone.now()
    with clock.at(now - timedelta(seconds=70)):
        reveal(seen, by=reviewer)
    reveal(seen, by=reviewer, seconds=60)
    waiting = make_expected(queue, 3, category)

    answer = ask(reviewer, queue)

    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.lease_by is None
    assert queues.claim(queue, by=make_user()).round_id == waiting.pk


@pytest.mark.parametrize("ask", [page_of, answer_of])
def test_below_its_severity_items_still_come(reviewer, ask):
    queue = make_queue()
    make_limits(day_items_hard=1, severe_from=3)
    reveal(make_expected(make_queue(), 4), by=reviewer)
    make_expected(queue, 3)
    light = make_expected(queue, 2)

    answer = ask(reviewer, queue)

    assert answer.status_code in {200, 302}
    light.refresh_from_db()
    assert light.lease_by == reviewer


def test_an_item_that_is_held_and_not_revealed_is_as_good_as_seen(reviewer):
    first, second = make_queue(), make_queue()
    make_limits(day_items_hard=1)
    make_expected(first, 3)
    make_expected(second, 3)
    queues.claim(first, by=reviewer)

    with pytest.raises(Refused, match="today’s limit"):
        queues.claim(second, by=reviewer)


def test_whichever_limit_is_reached_first_holds(reviewer):
    queue = make_queue()
    make_limits(day_items_hard=5)
    make_limits(reviewer, day_items_hard=1, severe_from=2)
    reveal(make_expected(make_queue(), 2), by=reviewer)
    make_expected(queue, 2)

    with pytest.raises(Refused, match="1 item of S2 and up"):
        queues.claim(queue, by=reviewer)


def test_a_row_ends_with_a_lighter_item_or_with_a_break_of_five_minutes(reviewer):
    queue = make_queue()
    make_limits(row_items_hard=1)
    reveal(make_expected(make_queue(), 3), by=reviewer)
    make_expected(queue, 3)
    queues.take_break(by=reviewer)
    with pytest.raises(Refused, match="in a row"):
        queues.claim(queue, by=reviewer)

    with clock.at(timezone.now() + timedelta(minutes=6)):
        assert queues.claim(queue, by=reviewer)


def test_a_lighter_item_ends_a_row(reviewer):
    queue = make_queue()
    make_limits(row_items_hard=1)
    for severity in (3, 1):
        reveal(make_expected(make_queue(), severity), by=reviewer)
    make_expected(queue, 3)

    assert queues.claim(queue, by=reviewer)


def test_a_new_day_begins_where_the_person_is():
    reviewer = make_user(time_zone="Asia/Tokyo")
    queue = make_queue()
    make_limits(day_items_hard=1)
    make_expected(queue, 3)
    noon = timezone.now().replace(hour=12, minute=0)
    with clock.at(noon):
        reveal(make_expected(make_queue(), 3), by=reviewer)

    with clock.at(noon.replace(hour=14)), pytest.raises(Refused):
        queues.claim(queue, by=reviewer)
    with clock.at(noon.replace(hour=16)):
        assert queues.claim(queue, by=reviewer)


def test_others_of_the_queue_come_after_many_of_one_category(reviewer):
    queue, often, seldom = make_queue(), make_category(), make_category()
    make_limits(rotate_after=2)
    for _item in range(2):
        reveal(make_expected(make_queue(), 1, often), by=reviewer)
    make_expected(queue, 1, often, priority=5)
    other = make_expected(queue, 1, seldom)

    assert queues.claim(queue, by=reviewer).round_id == other.pk


def test_after_a_severe_item_a_lighter_one_comes_where_one_waits(reviewer):
    queue = make_queue()
    make_limits(cools_down=True)
    reveal(make_expected(make_queue(), 4), by=reviewer)
    severe = make_expected(queue, 3, priority=5)
    light = make_expected(queue, 2)

    assert queues.claim(queue, by=reviewer).round_id == light.pk
    light.refresh_from_db()
    queues.release(light, by=reviewer)
    light.delete()
    assert queues.claim(queue, by=reviewer).round_id == severe.pk


def test_a_limit_that_is_reached_by_deciding_leaves_the_decision(client, reviewer):
    queue = make_queue()
    make_limits(day_items_hard=1)
    held = make_expected(queue, 3, lease_by=reviewer)
    make_expected(queue, 3)
    client.force_login(reviewer)
    review.note_exposure(held.item, seconds=0, by=reviewer)

    fields = {"round": held.pk, "fence": 1, "verdict": "benign", "rows": 1}
    page = client.post(f"/items/{held.item_id}/decide/", fields, follow=True)

    text = page.content.decode()
    assert f"Item {held.item_id} decided: benign." in text
    assert "today’s limit of 1 item of S3 and up" in text
    assert page.redirect_chain[-1][0] == "/queues/"


def test_reading_the_content_by_api_counts(reviewer):
    make_limits(day_items_hard=1)
    held = make_expected(make_queue(), 3, lease_by=reviewer)
    queue = make_queue()
    make_expected(queue, 3)
    _key, text = make_api_key("review", owner=reviewer)
    Client().get(f"/api/v1/items/{held.item_id}", headers={"Authorization": f"Bearer {text}"})
    review.decide(held, fence=1, verdict="benign", by=reviewer)

    with pytest.raises(Refused, match="today’s limit"):
        queues.claim(queue, by=reviewer)


# ── What colleagues hand over ────────────────────────────


def handed(to, severity, *categories):
    """A round of its own queue that a colleague handed to a person."""
    giver = make_user()
    held = make_expected(make_queue(), severity, *categories, lease_by=giver)
    queues.hand_over(held, fence=held.fence, to=to, reason="You know this shop.", by=giver)
    held.refresh_from_db()
    return held


def test_what_is_too_much_is_not_claimed_opened_or_taken_when_it_was_handed_over(client, reviewer):
    make_limits(day_items_hard=1)
    reveal(make_expected(make_queue(), 3), by=reviewer)
    held = handed(reviewer, 3)
    client.force_login(reviewer)
    _key, text = make_api_key("review", owner=reviewer)

    page = client.get(f"/items/{held.item_id}/")
    taken = client.post(f"/items/{held.item_id}/take-again/", {"round": held.pk, "fence": held.fence})
    answer = client.get(f"/api/v1/items/{held.item_id}", headers={"Authorization": f"Bearer {text}"})

    assert queues.claim(held.queue, by=reviewer) is None
    for one in (page, taken, answer):
        assert one.status_code == 409
        assert "today’s limit of 1 item of S3 and up" in one.content.decode()
        assert "Lovely tea" not in one.content.decode()
    assert "Do not take it" in page.content.decode()
    assert client.get(f"/items/{held.item_id}/decline/").status_code == 200


def test_what_a_person_chose_not_to_be_shown_is_not_shown_when_it_was_handed_over(client, reviewer):
    category = make_category()
    make_limits(reviewer, opted_out=[category.pk])
    held = handed(reviewer, 1, category)
    client.force_login(reviewer)

    page = client.get(f"/items/{held.item_id}/")

    assert "you chose not to be shown" in page.content.decode()
    assert queues.claim(held.queue, by=reviewer) is None


def test_what_was_handed_over_and_fits_is_taken_up_and_counts_from_then_on(client, reviewer):
    make_limits(day_items_hard=1)
    first, second = handed(reviewer, 3), handed(reviewer, 3)
    client.force_login(reviewer)

    assert client.get(f"/items/{first.item_id}/").status_code == 200
    assert queues.claim(first.queue, by=reviewer).round_id == first.pk
    with pytest.raises(Refused, match="today’s limit"):
        queues.renew(second, fence=second.fence, by=reviewer)


# ── At once ──────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_one_person_at_many_windows_never_gets_more_severe_items_than_are_left():
    reviewer, lines = make_user(), [make_queue() for _line in range(8)]
    make_limits(day_items_hard=3)
    for queue in lines:
        make_expected(queue, 3)

    outcomes = all_at_once([lambda queue=queue: queues.claim(queue, by=reviewer) for queue in lines])

    assert sum(isinstance(outcome, queues.Claim) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 5
    assert Round.objects.filter(lease_by=reviewer).count() == 3
