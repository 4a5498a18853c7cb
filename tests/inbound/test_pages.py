import pytest
from django.test import Client

from incidents.inbound.models import InboundWebhook, Tally
from tests.factories import make_user
from tests.harness.browser import Visitor
from tests.inbound.factories import SECRET, make_webhook, secret_of
from trust import clock, webhook_secrets
from trust.audit.models import AuditEvent

LIST = "/settings/webhooks/"
NEW = "/settings/webhooks/new/"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user(role="admin"))
    return client


@pytest.mark.django_db
def test_an_admin_adds_a_webhook_and_its_secret_is_never_shown(admin: Client):
    made = admin.post(NEW, {"name": "Main", "source": "openai-safety", "secret": SECRET}, follow=True)

    webhook = InboundWebhook.objects.get()
    page = made.content.decode()
    assert str(webhook.token) in page
    assert webhook_secrets.unseal(webhook.sealed_secret or b"") == SECRET
    assert SECRET not in page + admin.get(LIST).content.decode()
    assert AuditEvent.objects.about(webhook).get().kind == "inbound.created"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\0b"},
        {"name": "x" * 101},
        {"source": "Not a slug"},
        {"secret": "whsec_short"},
        {"secret": "no prefix at all, and none of it base64"},
        {"secret": "whsec_é" + "A" * 40},
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_no_secret_is_written_back(admin: Client, wrong: dict[str, str]):
    answer = admin.post(NEW, {"name": "Main", "source": "openai", "secret": SECRET} | wrong)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="field wrong"' in page
    assert SECRET not in page
    assert wrong.get("secret", SECRET) not in page
    assert not InboundWebhook.objects.exists()


@pytest.mark.django_db
def test_a_name_that_is_taken_is_refused(admin: Client):
    webhook = make_webhook()

    assert admin.post(NEW, {"name": webhook.name, "source": "openai"}).status_code == 409


@pytest.mark.django_db
def test_a_secret_is_changed_and_the_former_one_ended(admin: Client):
    webhook = make_webhook()
    address = f"{LIST}{webhook.pk}/"

    changed = admin.post(f"{address}secret/", {"secret": secret_of("next")}, follow=True).content.decode()
    same = admin.post(f"{address}secret/", {"secret": secret_of("next")})
    ended = admin.post(f"{address}former-secret/end/", follow=True).content.decode()
    nothing = admin.post(f"{address}former-secret/end/")

    assert "Two secrets hold" in changed
    assert "Two secrets hold" not in ended
    assert (same.status_code, nothing.status_code) == (409, 409)
    kinds = AuditEvent.objects.about(webhook).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["inbound.created", "inbound.secret_set", "inbound.former_secret_ended"]


@pytest.mark.django_db
def test_a_wrong_secret_changes_nothing(admin: Client):
    webhook = make_webhook()

    answer = admin.post(f"{LIST}{webhook.pk}/secret/", {"secret": "hunter2"})

    assert answer.status_code == 422
    assert "starts with whsec_" in answer.content.decode()
    assert webhook_secrets.unseal(InboundWebhook.objects.get().sealed_secret or b"") == SECRET


@pytest.mark.django_db
def test_a_webhook_is_switched_off_and_on(admin: Client):
    webhook = make_webhook()

    off = admin.post(f"{LIST}{webhook.pk}/off/", follow=True).content.decode()
    on = admin.post(f"{LIST}{webhook.pk}/on/", follow=True).content.decode()

    assert "Switch on" in off
    assert "Switch off" in on


@pytest.mark.django_db
def test_the_pages_say_when_something_last_came_and_why_it_was_refused(admin: Client):
    webhook = make_webhook()
    Tally.objects.update(last_received_at=clock.now(), last_refused_at=clock.now(), last_refusal="other_time")

    pages = [admin.get(address).content.decode() for address in (LIST, f"{LIST}{webhook.pk}/")]

    assert all("more than five minutes off" in page and "just now" in page for page in pages)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_admin_adds_a_webhook_in_the_browser_by_keyboard(visitor: Visitor):
    page = visitor.open(LIST, by=make_user(role="admin"))

    page.keyboard.press("c")
    page.get_by_label("Name").fill("OpenAI, main project")
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="OpenAI, main project").wait_for()
    page.locator("#id_secret").fill(SECRET)
    assert visitor.faults_in_every_dress(page) == []
    page.locator("#id_secret").press("Enter")
    page.get_by_text("One is in force").wait_for()

    assert visitor.faults_in_every_dress(page) == []
