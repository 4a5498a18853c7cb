"""Asking for a second opinion on what one holds, without deciding it."""

import threading

import pytest
from django.db import connection
from django.test import Client

from incidents.queues import operations, queries
from incidents.queues.models import Passing, Round
from incidents.review import operations as review
from tests.factories import NOW, make_round, make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

WHY = "Is this satire?"


def held_by(person) -> Round:
    round = make_round()
    operations.claim(round.queue, by=person)
    round.refresh_from_db()
    return round


def asked_by(person) -> Round:
    round = held_by(person)
    operations.ask_opinion(round, fence=round.fence, reason=WHY, by=person)
    round.refresh_from_db()
    return round


def test_the_item_waits_in_its_queue_as_a_second_opinion_with_what_was_asked():
    reviewer = make_user()

    round = asked_by(reviewer)

    assert (round.status, round.purpose, round.lease_by) == ("open", "second_opinion", None)
    assert (round.passings.get().kind, round.passings.get().reason) == ("asked", WHY)
    event = AuditEvent.objects.about(round.item).get()
    assert (event.kind, event.by, event.reason) == ("item.second_opinion_asked", reviewer, WHY)


def test_it_is_never_given_by_who_asked_for_it():
    reviewer, lead = make_user(), make_user(role="lead")
    round = asked_by(reviewer)

    assert operations.claim(round.queue, by=reviewer) is None
    assert reviewer not in queries.may_be_handed(round, NOW)
    with pytest.raises(Refused, match="may not review this item"):
        operations.assign(round, to=reviewer, reason="You know this", by=lead)
    assert operations.claim(round.queue, by=lead).round_id == round.pk


def test_what_the_colleague_decides_is_the_outcome_and_can_be_taken_back():
    colleague = make_user()
    round = asked_by(make_user())
    claim = operations.claim(round.queue, by=colleague)

    decision = review.decide(round, fence=claim.fence, verdict="benign", by=colleague)

    round.item.refresh_from_db()
    assert (round.item.status, round.item.verdict) == ("closed", "benign")
    review.undo(decision, by=colleague)
    round.item.refresh_from_db()
    assert (round.item.status, round.item.verdict) == ("open", "")


def test_it_is_not_taken_back_while_another_second_opinion_waits():
    colleague = make_user()
    round = asked_by(make_user())
    claim = operations.claim(round.queue, by=colleague)
    decision = review.decide(round, fence=claim.fence, verdict="benign", by=colleague)
    operations.ask_second_opinion(round.item, by=colleague)

    with pytest.raises(Refused, match="Another judgement of this item waits"):
        review.undo(decision, by=colleague)

    round.refresh_from_db()
    round.item.refresh_from_db()
    assert (round.status, round.item.verdict) == ("closed", "benign")


def test_one_who_does_not_hold_it_gives_no_reason_or_gives_a_second_opinion_is_refused():
    reviewer = make_user()
    round = held_by(reviewer)

    for by, fence, reason, sentence in (
        (make_user(), round.fence, WHY, "has ended"),
        (reviewer, round.fence - 1, WHY, "has ended"),
        (reviewer, round.fence, " ", "Say why"),
    ):
        with pytest.raises(Refused, match=sentence):
            operations.ask_opinion(round, fence=fence, reason=reason, by=by)
    Round.objects.filter(pk=round.pk).update(purpose="second_opinion")
    with pytest.raises(Refused, match="a second opinion already"):
        operations.ask_opinion(round, fence=round.fence, reason=WHY, by=reviewer)

    assert not Passing.objects.exists()
    assert not AuditEvent.objects.exists()


def test_it_is_asked_for_once_where_a_decision_was_taken_back_under_it():
    reviewer = make_user()
    round = held_by(reviewer)
    decision = review.decide(round, fence=round.fence, verdict="benign", by=reviewer)
    operations.ask_second_opinion(round.item, by=reviewer)
    round = review.undo(decision, by=reviewer)

    with pytest.raises(Refused, match="asked for already"):
        operations.ask_opinion(round, fence=round.fence, reason=WHY, by=reviewer)

    assert sorted(round.item.rounds.values_list("purpose", flat=True)) == ["first", "second_opinion"]


def test_who_asked_takes_it_back_and_holds_the_item_as_before():
    reviewer = make_user()
    round = asked_by(reviewer)

    operations.withdraw_opinion(round, by=reviewer)

    round.refresh_from_db()
    assert (round.purpose, round.lease_by) == ("first", reviewer)
    review.decide(round, fence=round.fence, verdict="benign", by=reviewer)
    assert AuditEvent.objects.about(round.item).filter(kind="item.second_opinion_withdrawn").count() == 1


def test_it_is_not_taken_back_by_others_nor_from_who_gives_it_nor_once_it_was_given():
    reviewer, colleague = make_user(), make_user(name="Bo Lind")
    round = asked_by(reviewer)

    with pytest.raises(Refused, match="Only who asked"):
        operations.withdraw_opinion(round, by=colleague)
    claim = operations.claim(round.queue, by=colleague)
    with pytest.raises(Refused, match="Bo Lind holds this item"):
        operations.withdraw_opinion(round, by=reviewer)
    review.decide(round, fence=claim.fence, verdict="benign", by=colleague)
    with pytest.raises(Refused, match="Bo Lind has decided this already"):
        operations.withdraw_opinion(round, by=reviewer)


def test_who_lost_the_role_does_not_take_it_back():
    reviewer = make_user()
    round = asked_by(reviewer)
    reviewer.roles = ["analyst"]
    reviewer.save(update_fields=["roles"])

    with pytest.raises(Refused, match="Only reviewers and leads"):
        operations.withdraw_opinion(round, by=reviewer)

    round.refresh_from_db()
    assert round.lease_by is None


@pytest.mark.django_db(transaction=True)
def test_of_taking_it_back_and_giving_it_at_once_one_holds_it():
    reviewer, colleague = make_user(), make_user()
    round, barrier, won = asked_by(reviewer), threading.Barrier(2), []

    def run(act, by) -> None:
        try:
            barrier.wait(10)
            if act():
                won.append(by)
        except Refused:
            pass
        finally:
            connection.close()

    acts = [
        (lambda: operations.withdraw_opinion(round, by=reviewer), reviewer),
        (lambda: operations.claim(round.queue, by=colleague), colleague),
    ]
    threads = [threading.Thread(target=run, args=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    round.refresh_from_db()
    assert won == [round.lease_by]


def test_on_the_page_it_is_asked_with_a_reason_and_taken_back_by_the_toast():
    reviewer, client = make_user(), Client()
    round = held_by(reviewer)
    client.force_login(reviewer)
    address = f"/items/{round.item_id}/ask-opinion/"
    assert address in client.get(f"/items/{round.item_id}/").content.decode()
    hidden = {"round": round.pk, "fence": round.fence}

    refused = client.post(address, {**hidden, "reason": ""})
    page = client.post(address, {**hidden, "reason": WHY}, follow=True).content.decode()

    assert refused.status_code == 422
    assert "waits for a second opinion" in page
    back = f"/items/{round.item_id}/withdraw-opinion/"
    assert f'action="{back}"' in page
    assert f'action="{back}"' in client.get(f"/items/{round.item_id}/").content.decode()
    assert client.post(back, follow=True).status_code == 200
    round.refresh_from_db()
    assert round.lease_by == reviewer
