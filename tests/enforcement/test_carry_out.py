from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.enforcement import operations, tasks
from incidents.enforcement.models import Delivery, EnforcementAction
from tests.enforcement.factories import approve, propose, propose_warning
from tests.factories import make_actor, make_user
from tests.harness.receiver import Receiver
from tests.outgoing.factories import make_endpoint
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.outgoing import http, operations as outgoing, webhook
from trust.outgoing.models import Message
from trust.outgoing.tasks import deliver_due
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def deliver() -> None:
    deliver_due()
    tasks.follow_deliveries()


def give_up(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(tries_left=1)
    claimed = outgoing.claim_due()
    assert claimed == message
    outgoing.finish(claimed, answer=http.Answer(status_code=500))
    tasks.follow_deliveries()


def test_it_is_in_force_once_the_endpoint_received_it(receiver: Receiver):
    _endpoint, secret = make_endpoint(receiver.url)
    enforcement = approve(propose())

    deliver()

    enforcement.refresh_from_db()
    assert enforcement.status == "in_force"
    assert receiver.received[0].verified(secret)["data"]["action"] == enforcement.pk
    assert AuditEvent.objects.about(enforcement).filter(kind="enforcement.in_force").count() == 1


def test_a_receipt_that_is_not_trusted_waits_for_a_persons_word(receiver: Receiver):
    make_endpoint(receiver.url, trusts_receipt=False)
    enforcement = approve(propose())

    deliver()

    enforcement.refresh_from_db()
    assert enforcement.status == "delivered"
    assert operations.confirm(enforcement, by=make_user()).status == "in_force"


def test_all_endpoints_must_have_received_it(receiver: Receiver):
    make_endpoint(receiver.url)
    make_endpoint("http://127.0.0.1:9009/closed")
    enforcement = approve(propose())

    deliver()

    enforcement.refresh_from_db()
    assert enforcement.status == "approved"


def test_a_worker_that_dies_after_the_answer_tells_again_with_the_same_id(receiver: Receiver):
    make_endpoint(receiver.url)
    enforcement = approve(propose())
    claimed = outgoing.claim_due()
    assert claimed is not None
    webhook.send(claimed)

    with clock.at(timezone.now() + timedelta(minutes=2)):
        deliver()

    enforcement.refresh_from_db()
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    assert len(receiver.received) == 2
    assert enforcement.status == "in_force"


def test_a_reversal_tells_whoever_was_told_and_frees_the_actor(receiver: Receiver):
    _endpoint, secret = make_endpoint(receiver.url)
    actor, lead = make_actor(), make_user(role="lead")
    enforcement = approve(propose(actor))
    deliver()

    operations.reverse(enforcement, reason="The card was shared.", by=lead)
    deliver()

    actor.refresh_from_db()
    enforcement.refresh_from_db()
    lift = receiver.received[1].verified(secret)
    assert (enforcement.status, enforcement.reversal_reason) == ("reversed", "The card was shared.")
    assert lift["type"] == "enforcement.lifted"
    assert (lift["data"]["why"], lift["data"]["lifted_by"]) == ("reversed", lead.pseudonym)
    assert actor.standing == "good"
    assert AuditEvent.objects.about(enforcement).get(kind="enforcement.reversed").by == lead


def test_an_order_that_nobody_got_yet_is_withdrawn_on_reversal():
    make_endpoint()
    enforcement = approve(propose())

    operations.reverse(enforcement, reason="A slip.", by=make_user(role="lead"))

    assert list(Message.objects.values_list("status", flat=True)) == ["withdrawn"]


def test_the_lift_waits_for_an_order_that_is_still_being_tried():
    make_endpoint()
    enforcement = approve(propose())
    order = outgoing.claim_due()
    assert order is not None
    outgoing.finish(order, answer=http.Answer(status_code=500))
    operations.reverse(enforcement, reason="A slip.", by=make_user(role="lead"))

    with clock.at(timezone.now() + timedelta(hours=1)):
        assert outgoing.claim_due() == order


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reversal_needs_a_reason(reason: str):
    enforcement = approve(propose())

    with pytest.raises(Refused, match="Give your reason"):
        operations.reverse(enforcement, reason=reason, by=make_user(role="lead"))


def test_a_reviewer_may_not_reverse_what_is_severe():
    enforcement = approve(propose())

    with pytest.raises(Refused, match="Only a lead may reverse"):
        operations.reverse(enforcement, reason="No.", by=make_user())


def test_it_ends_by_itself_and_the_worst_of_the_rest_remains(receiver: Receiver):
    _endpoint, secret = make_endpoint(receiver.url)
    actor = make_actor()
    approve(propose_warning(actor))
    enforcement = approve(propose(actor))
    deliver()

    with clock.at(enforcement.ends_at):
        tasks.end_due()
        deliver()

    enforcement.refresh_from_db()
    actor.refresh_from_db()
    assert enforcement.status == "expired"
    assert actor.standing == "warned"
    lift = receiver.received[2].verified(secret)
    assert (lift["data"]["why"], lift["data"]["lifted_by"]) == ("expired", None)


def test_a_warning_that_ends_sends_nothing(receiver: Receiver):
    make_endpoint(receiver.url)
    enforcement = approve(propose_warning())
    deliver()

    with clock.at(enforcement.ends_at):
        tasks.end_due()

    enforcement.refresh_from_db()
    assert enforcement.status == "expired"
    assert not Delivery.objects.filter(purpose="lift").exists()


def test_nothing_ends_before_its_time():
    enforcement = approve(propose())

    with clock.at(enforcement.ends_at - timedelta(seconds=1)):
        tasks.end_due()

    enforcement.refresh_from_db()
    assert enforcement.status == "in_force"


def test_what_was_given_up_stays_approved_and_is_sent_again_by_a_lead(receiver: Receiver):
    make_endpoint(receiver.url)
    enforcement = approve(propose())
    delivery = enforcement.deliveries.get()
    give_up(delivery.message)
    enforcement.refresh_from_db()
    assert enforcement.status == "approved"
    assert list(EnforcementAction.objects.failing()) == [enforcement]

    operations.send_again(delivery, by=make_user(role="lead"))
    deliver()

    enforcement.refresh_from_db()
    assert enforcement.status == "in_force"
    assert receiver.received[0].headers["webhook-id"] == str(delivery.message.webhook_id)


def test_an_order_is_not_sent_again_once_the_action_has_ended():
    make_endpoint()
    enforcement = approve(propose())
    delivery = enforcement.deliveries.get()
    give_up(delivery.message)
    operations.reverse(enforcement, reason="A slip.", by=make_user(role="lead"))

    with pytest.raises(Refused, match="has ended"):
        operations.send_again(delivery, by=make_user(role="lead"))


def test_an_endpoint_that_was_gone_when_an_action_ended_is_told_to_lift_it_once_it_is_back(receiver: Receiver):
    endpoint, secret = make_endpoint(receiver.url)
    held, lost = approve(propose()), approve(propose())
    deliver_due()
    receiver.answer(410)
    gone = approve(propose())
    deliver()

    for enforcement in (held, lost, gone):
        operations.reverse(enforcement, reason="A slip.", by=make_user(role="lead"))
    deliver()
    told_before = len(receiver.received)
    outgoing.switch_on(endpoint, by=make_user(role="admin"))
    deliver()

    lifts = [one.verified(secret) for one in receiver.received[told_before:]]
    assert [lift["type"] for lift in lifts] == ["enforcement.lifted"] * 3
    assert {lift["data"]["action"] for lift in lifts} == {held.pk, lost.pk, gone.pk}


def test_all_that_was_given_up_is_sent_again_but_no_order_whose_action_has_ended():
    make_endpoint()
    lead, running, ended = make_user(role="lead"), approve(propose()), approve(propose())
    for enforcement in (running, ended):
        give_up(enforcement.deliveries.get().message)
    order = ended.deliveries.get()
    operations.reverse(ended, reason="A slip.", by=lead)

    sent = operations.send_all_again(by=lead)

    order.message.refresh_from_db()
    assert (sent, running.deliveries.get().message.status, order.message.status) == (1, "waiting", "dead")
    assert operations.send_all_again(by=make_user()) == 0


def test_a_reviewer_does_not_send_again():
    make_endpoint()
    delivery = approve(propose()).deliveries.get()

    with pytest.raises(Refused, match="Only a lead"):
        operations.send_again(delivery, by=make_user())


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_end_an_action_once():
    enforcement = approve(propose())

    def sweep(_number: int) -> Any:
        with clock.at(enforcement.ends_at):
            return operations.end_next()

    outcomes = outcomes_of(sweep, range(4))

    assert [outcome for outcome in outcomes if outcome] == [enforcement]
    assert AuditEvent.objects.filter(kind="enforcement.expired").count() == 1
