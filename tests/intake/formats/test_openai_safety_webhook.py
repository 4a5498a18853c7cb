import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from incidents.intake.formats import openai_safety_webhook
from incidents.intake.formats.openai_safety_webhook import NotSigned
from tests.intake.formats.cases import changed, errors_of, first_of

SECRET = "whsec_" + base64.b64encode(b"a secret only for this test file").decode()
BODY = json.dumps(first_of("openai-safety-webhook").record).encode()


def signed(body: bytes = BODY, *, ago: timedelta = timedelta(0)) -> dict[str, str]:
    at = datetime.now(UTC) - ago
    signature = Webhook(SECRET).sign("evt_1", at, body.decode())
    return {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": f"v1,{base64.b64encode(b'of an older key').decode()} {signature}",
    }


def test_a_really_signed_body_is_believed():
    openai_safety_webhook.verify(BODY, signed(), SECRET)


@pytest.mark.parametrize(
    ("body", "ago", "changes", "secret"),
    [
        (BODY + b" ", timedelta(0), {}, SECRET),
        (BODY, timedelta(minutes=6), {}, SECRET),
        (BODY, timedelta(minutes=-6), {}, SECRET),
        (BODY, timedelta(0), {"Webhook-Id": "evt_2"}, SECRET),
        (BODY, timedelta(0), {"Webhook-Signature": "v1,"}, SECRET),
        (BODY, timedelta(0), {"Webhook-Signature": "nonsense"}, SECRET),
        (BODY, timedelta(0), {"Webhook-Signature": "v1,é"}, SECRET),
        (BODY, timedelta(0), {"Webhook-Timestamp": "soon"}, SECRET),
        (b"\xff", timedelta(0), {}, SECRET),
        (BODY, timedelta(0), {}, "whsec_" + base64.b64encode(b"another secret").decode()),
        (BODY, timedelta(0), {}, ""),
        (BODY, timedelta(0), {}, "whsec_é"),
    ],
)
def test_what_is_not_signed_with_the_secret_right_now_is_not_believed(body, ago, changes, secret):
    headers = signed(ago=ago) | changes

    with pytest.raises(NotSigned):
        openai_safety_webhook.verify(body, headers, secret)


def test_a_body_without_a_signature_is_not_believed():
    with pytest.raises(NotSigned):
        openai_safety_webhook.verify(BODY, {}, SECRET)


def test_an_event_about_something_else_is_refused():
    case = first_of("openai-safety-webhook")

    assert errors_of(case, changed(case.record, "type", "response.completed")) == {
        "type": ["Not an event about safety."]
    }
