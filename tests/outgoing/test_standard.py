"""The vector that Standard Webhooks publishes, through our own signing.

Secret, id, time, payload and signature are those of "sign function works" in
github.com/standard-webhooks/standard-webhooks, libraries/javascript/src/webhook.test.ts.
"""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.harness.receiver import Receiver
from tests.outgoing.factories import make_endpoint, make_message
from trust import webhook_secrets
from trust.outgoing import operations, tasks, webhook
from trust.outgoing.models import Endpoint, Message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector_is_what_we_sign():
    message = Message(webhook_id=ID, endpoint=Endpoint(sealed_secret=webhook_secrets.seal(SECRET)))

    headers = webhook._headers(message, BODY, AT)

    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (ID, "1614265330")
    assert headers["webhook-signature"] == SIGNATURE


@pytest.mark.django_db
def test_the_former_secret_signs_beside_the_new_one_and_each_verifies(receiver: Receiver):
    endpoint, former = make_endpoint(receiver.url)
    _endpoint, secret = operations.change_secret(endpoint, by=None)
    make_message(endpoint)

    tasks.deliver_due()

    [request] = receiver.received
    assert request.verified(secret) == request.verified(former)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook_secrets.new_secret()).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.body.replace(b"1", b"2"), request.headers)
