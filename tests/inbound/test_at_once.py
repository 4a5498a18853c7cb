import threading

import pytest

from incidents.inbound import operations
from incidents.inbound.models import Arrival, Tally
from incidents.intake.models import Alert
from tests.inbound.factories import event, make_webhook
from tests.policies.twice import outcomes_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_request_twice_at_once_makes_one_alert(monkeypatch: pytest.MonkeyPatch):
    webhook, gate, passed = make_webhook(), threading.Barrier(2), threading.local()
    is_safety = operations.openai_safety_webhook.may_be_about_safety

    def wait_then_say(body: bytes) -> bool:
        if not getattr(passed, "gate", False):
            passed.gate = True
            gate.wait(10)  # both have looked, and neither has stored
        return is_safety(body)

    monkeypatch.setattr(operations.openai_safety_webhook, "may_be_about_safety", wait_then_say)

    taken = outcomes_of(lambda body: operations.take(webhook, body, message_id="wh_1").outcome, [event(), event()])

    assert sorted(taken) == ["accepted", "duplicate"]
    assert (Alert.objects.count(), Arrival.objects.count()) == (1, 1)
    assert (Tally.objects.get().received, Tally.objects.get().repeated) == (1, 1)
