"""Categories that a person does not want: they never come, and nobody else learns of it."""

from collections import Counter

import pytest

from incidents.queues import operations as queues
from incidents.queues.models import Round
from incidents.wellbeing import operations
from tests.factories import make_api_key, make_queue, make_user
from tests.wellbeing.at_once import all_at_once
from tests.wellbeing.factories import make_category, make_expected
from trust.accounts.models import User
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer() -> User:
    return make_user()


def test_items_of_a_category_opted_out_of_go_to_others(reviewer):
    queue, unwanted, other = make_queue(), make_category(), make_category()
    mixed = make_expected(queue, 1, unwanted, other, priority=5)
    wanted = make_expected(queue, 1, other)
    operations.opt_out([unwanted.pk], by=reviewer)

    assert queues.claim(queue, by=reviewer).round_id == wanted.pk
    assert queues.claim(queue, by=make_user()).round_id == mixed.pk


def test_a_lapsed_hold_on_such_an_item_is_not_handed_on_either(reviewer):
    queue, unwanted = make_queue(), make_category()
    lapsed = make_expected(queue, 1, unwanted, lease_by=make_user())
    Round.objects.filter(pk=lapsed.pk).update(lease_until=lapsed.created_at)
    operations.opt_out([unwanted.pk], by=reviewer)

    assert queues.claim(queue, by=reviewer) is None
    assert queues.claim(queue, by=make_user()).round_id == lapsed.pk


def test_by_page_and_by_api_nothing_waits_and_no_reason_is_told(client, reviewer):
    queue, unwanted = make_queue(), make_category()
    make_expected(queue, 1, unwanted)
    operations.opt_out([unwanted.pk], by=reviewer)
    client.force_login(reviewer)
    _key, text = make_api_key("review", owner=reviewer)

    page = client.post(f"/queues/{queue.slug}/claim/", follow=True)
    answer = client.post(
        f"/api/v1/queues/{queue.slug}/claim",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
    )

    assert f"Nothing waits for you in {queue.name}." in page.content.decode()
    assert answer.status_code == 204


def test_opting_in_again_lets_them_come(reviewer):
    queue, unwanted = make_queue(), make_category()
    waiting = make_expected(queue, 1, unwanted)
    operations.opt_out([unwanted.pk], by=reviewer)
    operations.opt_out([], by=reviewer)

    assert queues.claim(queue, by=reviewer).round_id == waiting.pk


def test_what_a_person_does_for_themselves_is_in_no_record(client, reviewer):
    unwanted = make_category()
    client.force_login(reviewer)

    client.post("/wellbeing/choices/opt-outs/", {"opt-out-categories": [unwanted.pk]})
    client.post("/wellbeing/choices/limits/", {"limits-severe_from": "3", "limits-day_items_hard": "5"})
    client.post("/wellbeing/choices/covering/", {"covering-is_blurred": "on"})

    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", ["policy_editor", "policy_approver", "analyst", "auditor", "admin"])
def test_only_who_is_shown_content_opts_out(role):
    with pytest.raises(Refused, match="Only reviewers and leads"):
        operations.opt_out([], by=make_user(role=role))


@pytest.mark.django_db(transaction=True)
def test_opt_outs_hold_while_many_claim_at_once():
    queue, unwanted, other = make_queue(), make_category(), make_category()
    for _pair in range(6):
        make_expected(queue, 1, unwanted)
        make_expected(queue, 1, other)
    opted_out = [make_user() for _person in range(6)]
    for person in opted_out:
        operations.opt_out([unwanted.pk], by=person)
    people = [person for pair in zip(opted_out, [make_user() for _person in range(6)], strict=True) for person in pair]

    outcomes = all_at_once([lambda person=person: queues.claim(queue, by=person) for person in people])

    taken = [outcome.round_id for outcome in outcomes if isinstance(outcome, queues.Claim)]
    assert max(Counter(taken).values()) == 1
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert not Round.objects.filter(lease_by__in=opted_out, categories__contains=[unwanted.pk]).exists()


@pytest.mark.django_db(transaction=True)
def test_an_opt_out_at_the_moment_of_a_claim_comes_wholly_before_or_wholly_after_it():
    reviewer, unwanted, line = make_user(), make_category(), make_category()
    for _turn in range(10):
        operations.opt_out([line.pk], by=reviewer)  # so that the person has a row that both wait for
        queue = make_queue()
        make_expected(queue, 1, unwanted)

        claim, _none = all_at_once(
            [
                lambda queue=queue: queues.claim(queue, by=reviewer),
                lambda: operations.opt_out([line.pk, unwanted.pk], by=reviewer),
            ]
        )

        assert claim is None or isinstance(claim, queues.Claim)
        if claim:
            queues.release(Round.objects.get(pk=claim.round_id), by=reviewer)
        assert queues.claim(queue, by=reviewer) is None
