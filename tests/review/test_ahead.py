"""The next item, sent before it is wanted: claimed for two minutes, taken up by deciding, given back by leaving."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from incidents.queues import operations as queues
from incidents.queues.models import Round
from incidents.review.models import Decision
from tests.factories import make_clearance, make_generation, make_item, make_queue, make_round, make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

SECRET = "Lovely tea, five stars."
FROM_SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def reviewer(client):
    person = make_user()
    client.force_login(person)
    return person


def form_of(held: Round, **fields) -> dict:
    return {"round": held.pk, "fence": held.fence, "rows": 1, **fields}


def ask(client, held: Round):
    return client.post(f"/items/{held.item_id}/ahead/", form_of(held), headers=FROM_SCRIPT)


def decide(client, held: Round, *, ahead: Round | None = None, **fields):
    sent = {"ahead": ahead.pk, "ahead_fence": ahead.fence} if ahead else {}
    form = form_of(held, **{"verdict": "benign", **sent, **fields})
    return client.post(f"/items/{held.item_id}/decide/", form, headers=FROM_SCRIPT)


def kinds() -> list[str]:
    return list(AuditEvent.objects.filter(kind__startswith="content.").order_by("pk").values_list("kind", flat=True))


def minutes_left(round: Round) -> float:
    round.refresh_from_db()
    return (round.lease_until - timezone.now()).total_seconds() / 60


# ── Sending it ───────────────────────────────────────────


def test_the_next_item_is_sent_whole_and_held_for_two_minutes(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)

    answer = ask(client, held)

    page = answer.content.decode()
    assert answer["HX-Replace-Url"] == f"/items/{following.item_id}/"
    assert SECRET in page
    assert "<html" not in page
    assert 1.9 < minutes_left(following) <= 2
    assert following.lease_by == reviewer


def test_it_is_recorded_as_delivered_and_as_seen_only_once_it_is_shown(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)

    ask(client, held)
    assert kinds() == ["content.delivered"]

    following.refresh_from_db()
    decide(client, held, ahead=following)
    assert kinds() == ["content.delivered", "content.viewed"]
    assert AuditEvent.objects.about(following.item).filter(kind="content.viewed").count() == 1

    client.get(f"/items/{following.item_id}/")
    assert kinds().count("content.viewed") == 1


def test_asking_again_sends_the_same_one(client, reviewer):
    held = make_round(lease_by=reviewer)
    queue = held.queue
    make_round(queue=queue), make_round(queue=queue)

    first, second = ask(client, held), ask(client, held)

    assert first["HX-Replace-Url"] == second["HX-Replace-Url"]
    assert Round.objects.filter(lease_by=reviewer).count() == 2


def test_a_lease_of_under_two_minutes_is_not_made_longer(client, reviewer):
    held = make_round(queue=make_queue(lease=timedelta(minutes=1)), lease_by=reviewer)
    following = make_round(queue=held.queue)

    ask(client, held)

    assert minutes_left(following) <= 1


def test_what_the_reviewer_holds_in_full_is_sent_and_kept_in_full(client, reviewer):
    held = make_round(lease_by=reviewer)
    other = make_round(queue=held.queue, lease_by=reviewer, lease_until=timezone.now() + timedelta(minutes=9))

    answer = ask(client, held)

    assert answer["HX-Replace-Url"] == f"/items/{other.item_id}/"
    assert minutes_left(other) > 8
    assert let_go(client, other, other.lease_until.isoformat()).status_code == 204
    assert minutes_left(other) > 8


def test_nothing_is_sent_when_nothing_waits(client, reviewer):
    assert ask(client, make_round(lease_by=reviewer)).status_code == 204


def test_nothing_is_sent_ahead_of_a_restricted_queue(client, reviewer):
    make_clearance(reviewer)
    queue = make_queue(restricted_category="child_safety")
    held = make_round(queue=queue, item=make_item(generation=make_generation(restricted=True)), lease_by=reviewer)
    waiting = make_round(queue=queue, item=make_item(generation=make_generation(restricted=True)))

    assert ask(client, held).status_code == 204

    waiting.refresh_from_db()
    assert waiting.lease_by is None


def test_who_does_not_hold_the_item_is_sent_nothing(client, reviewer):
    held = make_round(lease_by=make_user())
    waiting = make_round(queue=held.queue)

    assert ask(client, held).status_code == 409

    waiting.refresh_from_db()
    assert waiting.lease_by is None
    assert kinds() == []


def test_a_claim_gives_back_the_item_at_hand_before_what_was_sent_ahead():
    reviewer = make_user()
    sent = make_round()
    held = make_round(queue=sent.queue)
    Round.objects.filter(pk=held.pk).update(lease_by=reviewer, lease_until=timezone.now() + timedelta(minutes=15))
    held.refresh_from_db()
    assert queues.claim_ahead(held, by=reviewer).round_id == sent.pk

    assert queues.claim(held.queue, by=reviewer).round_id == held.pk


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_who_ask_at_once_are_sent_different_items():
    queue = make_queue()
    people = [make_user(), make_user()]
    held = [make_round(queue=queue, lease_by=person) for person in people]
    for _round in range(2):
        make_round(queue=queue)
    gate, sent = threading.Barrier(2), []

    def ask_for(place: int) -> None:
        gate.wait()
        sent.append(queues.claim_ahead(held[place], by=people[place]))
        connection.close()

    asking = [threading.Thread(target=ask_for, args=(place,)) for place in range(2)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()

    assert len({claim.round_id for claim in sent}) == 2


# ── Taking it up ─────────────────────────────────────────


def test_deciding_takes_it_up_in_full_and_answers_what_the_page_lacks(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)
    ask(client, held)
    following.refresh_from_db()

    answer = decide(client, held, ahead=following)

    assert answer["X-Next"] == "ahead"
    assert 'id="told"' in answer.content.decode()
    assert 'id="lease"' in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert minutes_left(following) > 14


def test_one_that_someone_else_took_meanwhile_gives_way_to_another(client, reviewer):
    held = make_round(lease_by=reviewer)
    lost, third = make_round(queue=held.queue), make_round(queue=held.queue)
    ask(client, held)
    lost.refresh_from_db()
    Round.objects.filter(pk=lost.pk).update(lease_by=make_user(), fence=lost.fence + 1)

    answer = decide(client, held, ahead=lost)

    assert "X-Next" not in answer
    assert answer["HX-Replace-Url"] == f"/items/{third.item_id}/"
    assert f"Item {third.item_id}" in answer.content.decode()
    assert kinds()[-1] == "content.viewed"


def test_one_given_back_while_the_decision_was_on_its_way_is_not_claimed_again(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)
    ask(client, held)
    following.refresh_from_db()
    client.post(f"/items/{following.item_id}/release/", form_of(following))

    answer = decide(client, held, ahead=following)

    following.refresh_from_db()
    assert following.lease_by is None
    assert answer["HX-Redirect"] == "/queues/"
    assert f"Item {held.item_id} decided" in client.get("/queues/").content.decode()


def test_a_refused_decision_takes_nothing_up(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)
    ask(client, held)
    following.refresh_from_db()

    answer = decide(client, held, ahead=following, verdict="violating")

    assert answer.status_code == 422
    assert answer.content.decode().lstrip().startswith('<section class="pane decide"')
    assert minutes_left(following) <= 2
    assert not Decision.objects.exists()


def test_sending_the_decision_again_goes_on_to_the_same_item(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)
    ask(client, held)
    following.refresh_from_db()

    for _time in range(2):
        assert decide(client, held, ahead=following)["X-Next"] == "ahead"

    assert Decision.objects.count() == 1
    assert kinds() == ["content.delivered", "content.viewed"]


def test_another_verdict_from_a_second_tab_is_refused_and_keeps_what_was_typed(client, reviewer):
    held = make_round(lease_by=reviewer)
    decide(client, held)

    answer = decide(client, held, verdict="cannot_judge", note="I read it again.")

    assert answer.status_code == 409
    assert "You have decided this already." in answer.content.decode()
    assert "I read it again." in answer.content.decode()
    assert Decision.objects.get().verdict == "benign"


@pytest.mark.parametrize("sent", [{"ahead": "x"}, {"ahead": "9" * 30, "ahead_fence": "1"}, {"ahead": "1"}])
def test_a_strange_round_ahead_is_as_none(client, reviewer, sent):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)

    form = form_of(held, verdict="benign", **sent)
    answer = client.post(f"/items/{held.item_id}/decide/", form, headers=FROM_SCRIPT)

    assert answer["HX-Replace-Url"] == f"/items/{following.item_id}/"


def test_the_end_of_a_queue_leads_back_to_the_queues(client, reviewer):
    answer = decide(client, make_round(lease_by=reviewer))

    assert answer["HX-Redirect"] == "/queues/"


# ── Giving it back ───────────────────────────────────────


def let_go(client, round: Round, until: object):
    form = {"round": round.pk, "fence": round.fence, "until": until}
    return client.post(f"/items/{round.item_id}/let-go/", form)


def test_leaving_gives_it_back(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)
    page = ask(client, held).content.decode()
    until = page.partition('data-until="')[2].partition('"')[0]

    assert let_go(client, following, until).status_code == 204

    following.refresh_from_db()
    assert (following.lease_by, following.lease_until) == (None, None)


def test_what_was_taken_up_meanwhile_stays(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)
    until = queues.claim_ahead(held, by=reviewer).until
    queues.claim(held.queue, by=reviewer)
    following.refresh_from_db()
    queues.renew(following, fence=following.fence, by=reviewer)

    assert let_go(client, following, until.isoformat()).status_code == 204

    following.refresh_from_db()
    assert following.lease_by == reviewer


def test_nobody_gives_back_what_another_was_sent(client, reviewer):
    other = make_user()
    held = make_round(lease_by=other)
    following = make_round(queue=held.queue)
    until = queues.claim_ahead(held, by=other).until

    let_go(client, following, until.isoformat())

    following.refresh_from_db()
    assert following.lease_by == other


@pytest.mark.parametrize("until", ["", "soon", "2026-11-02T09:00:00", "2026-13-99T09:00:00Z", "9" * 400])
def test_a_moment_that_is_none_gives_nothing_back(client, reviewer, until):
    held = make_round(lease_by=reviewer)

    assert let_go(client, held, until).status_code in {204, 400}

    held.refresh_from_db()
    assert held.lease_by == reviewer


def test_only_who_holds_asks_ahead():
    with pytest.raises(Refused, match="hold"):
        queues.claim_ahead(make_round(), by=make_user())
