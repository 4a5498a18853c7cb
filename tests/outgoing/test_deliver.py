from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from tests.factories import make_user
from tests.harness.receiver import Receiver
from tests.outgoing.factories import give_up, make_endpoint, make_message
from tests.policies.twice import outcomes_of
from trust import clock, webhook_secrets as secrets
from trust.audit.models import AuditEvent
from trust.outgoing import http, operations, tasks, webhook
from trust.outgoing.models import Message, MessageToFollow
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def attempt(message: Message, answer: http.Answer) -> Message:
    """Claim ``message`` at the time it is due, and finish with ``answer``."""
    message.refresh_from_db()
    with clock.at(message.next_attempt_at):
        claimed = operations.claim_due()
        assert claimed == message
        return operations.finish(claimed, answer=answer)


def test_a_message_arrives_signed_and_is_marked_delivered(receiver: Receiver):
    endpoint, secret = make_endpoint(receiver.url)
    message = make_message(endpoint, kind="enforcement.approved", data={"action": 7})

    tasks.deliver_due()

    [request] = receiver.received
    message.refresh_from_db()
    payload = request.verified(secret)
    assert (payload["type"], payload["data"]) == ("enforcement.approved", {"action": 7})
    assert request.headers["webhook-id"] == str(message.webhook_id)
    assert (message.status, message.attempts_made, message.next_attempt_at) == ("delivered", 1, None)
    assert message.attempts.get().status_code == 200


def test_a_worker_that_dies_after_the_answer_sends_again_with_the_same_id(receiver: Receiver):
    endpoint, _secret = make_endpoint(receiver.url)
    message = make_message(endpoint)
    claimed = operations.claim_due()
    assert claimed is not None
    webhook.send(claimed)

    tasks.deliver_due()
    assert len(receiver.received) == 1, "the lease still holds"
    with clock.at(timezone.now() + operations.LEASE):
        tasks.deliver_due()

    message.refresh_from_db()
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == str(message.webhook_id)
    assert first.body == second.body
    assert message.status == "delivered"
    assert list(message.attempts.values_list("number", flat=True)) == [2]


def test_the_schedule_is_followed_and_the_message_is_given_up_at_its_end():
    message = make_message()
    waits = []

    for _attempt in range(webhook.TRIES):
        message.refresh_from_db()
        due = message.next_attempt_at
        message = attempt(message, http.Answer(status_code=500))
        if message.next_attempt_at:
            waits.append(message.next_attempt_at - due)

    assert [planned <= wait <= planned * 1.2 for planned, wait in zip(webhook.WAITS, waits, strict=True)] == [True] * 9
    assert (message.status, message.attempts.count()) == ("dead", 10)
    assert message.given_up_at == message.attempts.latest("number").at
    assert AuditEvent.objects.about(message).filter(kind="message.given_up").count() == 1


def test_what_was_given_up_can_be_sent_again_with_the_same_id(receiver: Receiver):
    endpoint, _secret = make_endpoint(receiver.url)
    message = give_up(make_message(endpoint))

    operations.send_again(message, by=None)
    tasks.deliver_due()

    message.refresh_from_db()
    assert message.status == "delivered"
    assert receiver.received[0].headers["webhook-id"] == str(message.webhook_id)


def test_what_is_on_its_way_cannot_be_sent_again():
    message = make_message()

    with pytest.raises(operations.Refused, match="Only what was given up"):
        operations.send_again(message, by=None)


def test_gone_switches_the_endpoint_off_and_gives_the_message_up():
    message = make_message()

    message = attempt(message, http.Answer(status_code=410))

    message.endpoint.refresh_from_db()
    assert message.status == "dead"
    assert not message.endpoint.is_active
    assert message.endpoint.gone_at
    assert AuditEvent.objects.about(message.endpoint).filter(kind="endpoint.gone").exists()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_receiver_may_ask_for_more_time(status: int):
    message = make_message()
    due = message.next_attempt_at

    message = attempt(message, http.Answer(status_code=status, retry_after=timedelta(hours=1)))

    assert message.next_attempt_at == due + timedelta(hours=1)


def test_a_receiver_may_not_ask_for_less_time():
    message = make_message()
    due = message.next_attempt_at

    message = attempt(message, http.Answer(status_code=429, retry_after=timedelta(0)))

    assert message.next_attempt_at >= due + webhook.WAITS[0]


def test_twenty_failures_in_a_row_pause_the_endpoint_and_no_other():
    endpoint, _secret = make_endpoint()
    endpoint.failures = 19
    endpoint.save()
    message, waiting = make_message(endpoint), make_message(endpoint)
    elsewhere = make_message()

    message = attempt(message, http.Answer(fault="no_connection"))

    endpoint.refresh_from_db()
    with clock.at(elsewhere.next_attempt_at):
        assert operations.claim_due() == elsewhere
        assert operations.claim_due() is None
    with clock.at(endpoint.paused_until):
        assert operations.claim_due() in {message, waiting}


def test_one_success_forgets_the_failures():
    endpoint, _secret = make_endpoint()
    endpoint.failures = 19
    endpoint.save()

    attempt(make_message(endpoint), http.Answer(status_code=204))

    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.paused_until) == (0, None)


def test_an_endpoint_gets_one_message_at_a_time():
    endpoint, _secret = make_endpoint()
    make_message(endpoint)
    make_message(endpoint)

    assert operations.claim_due() is not None
    assert operations.claim_due() is None


def test_messages_about_one_thing_keep_their_order():
    endpoint, _secret = make_endpoint()
    first = make_message(endpoint, about="thing 1")
    later = make_message(endpoint, about="thing 1")

    attempt(first, http.Answer(status_code=500))

    with clock.at(later.next_attempt_at):
        assert operations.claim_due() is None
    attempt(first, http.Answer(status_code=200))
    with clock.at(later.next_attempt_at):
        assert operations.claim_due() == later


def test_nothing_goes_to_an_endpoint_that_is_off_until_it_is_on_again():
    endpoint, _secret = make_endpoint()
    message = make_message(endpoint)
    operations.switch_off(endpoint, by=None)

    assert operations.claim_due() is None
    operations.switch_on(endpoint, by=None)
    assert operations.claim_due() == message


def test_only_a_message_that_was_never_tried_can_be_withdrawn():
    fresh, tried = make_message(), make_message()
    Message.objects.filter(pk=tried.pk).update(attempts_made=1)

    assert operations.withdraw(fresh) is True
    assert operations.withdraw(tried) is False


def test_a_late_no_does_not_change_what_another_worker_holds():
    message = make_message()
    first = operations.claim_due()
    assert first is not None
    with clock.at(timezone.now() + operations.LEASE + timedelta(seconds=1)):
        second = operations.claim_due()
        operations.finish(first, answer=http.Answer(fault="too_slow"))

    message.refresh_from_db()
    assert second == message
    assert (message.status, message.attempts_made) == ("waiting", 2)
    assert message.leased_until is not None


def test_the_room_that_asked_for_it_learns_of_the_end_once():
    message = make_message(follow_up="tests.follow")

    attempt(message, http.Answer(status_code=200))

    assert operations.take_finished("tests.other", limit=10) == []
    assert operations.take_finished("tests.follow", limit=10) == [message]
    assert operations.take_finished("tests.follow", limit=10) == []
    assert not MessageToFollow.objects.exists()


def test_the_answer_of_a_receiver_is_kept_in_the_log():
    message = attempt(make_message(), http.Answer(status_code=500, text="no such tenant", duration_ms=12))

    logged = message.attempts.get()
    assert (logged.number, logged.status_code, logged.answer, logged.duration_ms) == (1, 500, "no such tenant", 12)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_hold_one_message():
    messages = [make_message() for _number in range(6)]

    def claim(_number: int) -> Any:
        return operations.claim_due()

    found = outcomes_of(claim, range(12))

    claimed = [message for message in found if message is not None]
    assert len(claimed) == len(set(claimed)), "held by two"
    while rest := operations.claim_due():
        claimed.append(rest)
    assert set(claimed) == set(messages)
    connection.close()


# ── Changed secrets ──────────────────────────────────────


def test_the_former_secret_signs_beside_the_new_one_for_a_day_and_then_no_more(receiver: Receiver):
    endpoint, former = make_endpoint(receiver.url)
    now = timezone.now()
    with clock.at(now):
        _endpoint, new = operations.change_secret(endpoint, by=make_user(role="admin"))
    make_message(endpoint)
    webhook.send(Message.objects.select_related("endpoint").get())
    endpoint.refresh_from_db()

    [request] = receiver.received
    assert request.verified(former) == request.verified(new)
    assert len(endpoint.secrets_at(now + timedelta(hours=23))) == 2
    assert [secrets.unseal(one) for one in endpoint.secrets_at(now + timedelta(hours=25))] == [new]


def test_after_a_second_change_the_first_secret_is_gone(receiver: Receiver):
    endpoint, first = make_endpoint(receiver.url)
    for _change in range(2):
        endpoint, _secret = operations.change_secret(endpoint, by=make_user(role="admin"))
    make_message(endpoint)

    tasks.deliver_due()

    [request] = receiver.received
    with pytest.raises(WebhookVerificationError):
        request.verified(first)


def test_only_an_admin_changes_a_secret():
    with pytest.raises(Refused, match="Only an admin"):
        operations.change_secret(make_endpoint()[0], by=make_user(role="lead"))
