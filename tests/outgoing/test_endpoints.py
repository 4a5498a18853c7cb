from io import StringIO

import pytest
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command

from tests.factories import make_user
from tests.outgoing.factories import make_endpoint
from trust import webhook_secrets as secrets
from trust.audit.models import AuditEvent
from trust.outgoing import operations
from trust.outgoing.models import Endpoint
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_the_command_prints_the_secret_last():
    out = StringIO()

    call_command("create_endpoint", "platform", "http://127.0.0.1:9000/hook", stdout=out)

    endpoint = Endpoint.objects.get()
    secret = out.getvalue().splitlines()[-1]
    assert secret.startswith("whsec_")
    assert secrets.unseal(endpoint.sealed_secret) == secret
    assert AuditEvent.objects.about(endpoint).get().kind == "endpoint.created"


@pytest.mark.parametrize(
    ("name", "url", "sentence"),
    [
        ("x", "http://10.0.0.1/", "do not go to this address"),
        ("x", "nonsense", "do not go to this address"),
        (" ", "http://127.0.0.1:9000/", "printable characters"),
        ("x\0", "http://127.0.0.1:9000/", "printable characters"),
    ],
)
def test_the_command_says_what_is_wrong(name: str, url: str, sentence: str):
    with pytest.raises(CommandError, match=sentence):
        call_command("create_endpoint", name, url)

    assert not Endpoint.objects.exists()


def test_two_endpoints_of_one_name_are_refused():
    endpoint, _secret = make_endpoint()

    with pytest.raises(Refused, match="already"):
        operations.create_endpoint(endpoint.name, url=endpoint.url, by=None)


def test_only_an_admin_makes_and_switches_endpoints():
    endpoint, _secret = make_endpoint()
    lead = make_user(role="lead")

    with pytest.raises(Refused, match="Only an admin"):
        operations.create_endpoint("other", url=endpoint.url, by=lead)
    with pytest.raises(Refused, match="Only an admin"):
        operations.switch_off(endpoint, by=lead)
    with pytest.raises(Refused, match="Only an admin"):
        operations.switch_on(endpoint, by=lead)


def test_switching_is_recorded_with_the_person():
    endpoint, _secret = make_endpoint()
    admin = make_user(role="admin")

    operations.switch_off(endpoint, by=admin)
    operations.switch_on(endpoint, by=admin)

    kinds = AuditEvent.objects.about(endpoint).filter(by=admin).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["endpoint.switched_off", "endpoint.switched_on"]


def test_a_field_key_can_be_changed_while_old_secrets_still_open(settings):
    settings.FIELD_KEY = "old"
    sealed = secrets.seal("whsec_x")

    settings.FIELD_KEY = "new, old"
    assert secrets.unseal(sealed) == "whsec_x"
    settings.FIELD_KEY = "new"
    with pytest.raises(InvalidToken):
        secrets.unseal(sealed)
