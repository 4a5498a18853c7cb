import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.intake.models import Alert, Content, Restriction
from incidents.queues import operations as queues
from incidents.queues.models import Item, Queue
from policies import operations as policies, pack
from policies.models import Clause, ClauseVersion, Policy
from tests.factories import make_user
from tests.harness.browser import Visitor
from trust.audit.models import AuditEvent

HOSTILE = "<script>alert(1)</script>\u202e{{ 7 }}"


def form_of(**fields: Any) -> dict[str, Any]:
    values = {
        "form": "7e3a8a52-0000-4000-8000-000000000001",
        "rows": "1",
        "message-0-role": "user",
        "message-0-content": "Buy our tea.",
        "kind": "staff",
        "comment": "Seen on the demo page.",
        "occurred_at": "2026-11-01T10:00",
        "actor_kind": "account",
    }
    return values | fields


@pytest.fixture
def reporter(client: Client) -> Any:
    person = make_user(role="policy_editor")
    client.force_login(person)
    return person


@pytest.mark.django_db
def test_a_report_becomes_an_alert_with_all_that_was_told(client: Client, reporter: Any):
    told = {
        "rows": "2",
        "message-1-role": "assistant",
        "message-1-content": "Line one.\r\n  Line two.",
        "kind": "partner_report",
        "category": "spam",
        "model": "m-1",
        "deployment": "Storefront",
        "use_case": "Shop",
        "language": "en",
        "actor": "acct_9",
    }

    answer = client.post("/report/", form_of(**told))

    alert = Alert.objects.get()
    assert answer.status_code == 302
    assert (alert.source.slug, alert.kind, alert.flagged) == ("staff-reports", "partner_report", ["spam"])
    assert alert.comment == "Seen on the demo page."
    assert alert.metadata == {"reported_by": reporter.pseudonym}
    assert Content.objects.get().messages == [
        {"role": "user", "content": "Buy our tea."},
        {"role": "assistant", "content": "Line one.\n  Line two."},
    ]
    generation = alert.generation
    assert (generation.model, generation.deployment, generation.language) == ("m-1", "Storefront", "en")
    assert generation.actor is not None
    assert generation.actor.external_id == "acct_9"
    assert AuditEvent.objects.about(generation).get(kind="report.made").by_id == reporter.pk


@pytest.mark.django_db
def test_sending_the_same_form_twice_makes_one_alert(client: Client, reporter: Any):
    answers = [client.post("/report/", form_of(comment=comment)) for comment in ("Once.", "Twice.")]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Alert.objects.get().comment == "Once."
    assert AuditEvent.objects.filter(kind="report.made").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"message-0-content": " \n "}, "Quote at least one message."),
        ({"message-0-content": "x" * 262_145}, "Longer than 262144 bytes."),
        ({"message-0-content": "a\0b"}, "Null characters"),
        ({"message-0-role": "prophet"}, "Select a valid choice"),
        ({"comment": ""}, "This field is required."),
        ({"occurred_at": "soon"}, "Enter a valid date/time."),
        ({"occurred_at": "1969-01-01T00:00"}, "Must lie between 1970 and 2200."),
        ({"occurred_at": "9999-12-31T23:59"}, "Must lie between 1970 and 2200."),
        ({"model": "a\x1bb"}, "without control characters"),
        ({"actor": "a\x7fb"}, "without control characters"),
        ({"kind": "random_sample"}, "Select a valid choice"),
        ({"clauses": ["no-such-clause"]}, "Select a valid choice"),
        ({"form": "1"}, "Enter a valid UUID."),
        ({"rows": "9" * 50}, None),
        ({"language": "x" * 36}, "at most 35 characters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: Client, reporter: Any, wrong: dict[str, Any], sentence: str | None
):
    answer = client.post("/report/", form_of(deployment="Storefront & more", **wrong))

    if sentence is None:
        assert answer.status_code == 302
        return
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="Storefront &amp; more"' in page
    assert "Seen on the demo page." in page or "comment" in wrong
    assert not Alert.objects.exists()


@pytest.mark.django_db
def test_one_more_message_is_asked_for_without_losing_what_was_typed(client: Client, reporter: Any):
    page = client.post("/report/", form_of(more="1", comment="")).content.decode()

    assert 'name="message-1-content"' in page
    assert "Buy our tea." in page
    assert "This field is required." not in page
    assert not Alert.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "how", [{"clauses": ["child-safety"]}, {"category": "Sexual/Minors"}, {"category": "child_safety"}]
)
def test_a_category_of_child_safety_closes_the_report_at_once(client: Client, reporter: Any, how: dict[str, Any]):
    policies.install_pack(pack.load())
    queues.set_up_queues()
    if "clauses" in how:
        how = {"clauses": [restricted_clause()]}

    answer = client.post("/report/", form_of(**how))
    queues.route_alerts()

    assert Restriction.objects.get().category == "child_safety"
    assert Item.objects.get().rounds.get().queue.restricted_category == "child_safety"
    page = client.get(answer["Location"]).content.decode()
    assert "closed to all but people cleared" in page
    assert "Child safety" not in page


def restricted_clause() -> str:
    return Clause.objects.exclude(policy__restricted_category="")[0].key


@pytest.mark.django_db
def test_the_reporter_learns_what_became_of_it_as_far_as_they_may_see(client: Client, reporter: Any):
    policies.install_pack(pack.load())
    queues.set_up_queues()
    address = client.post("/report/", form_of())["Location"]

    before = client.get(address).content.decode()
    queues.route_alerts()
    after = client.get(address).content.decode()

    queue = Queue.objects.get(rounds__item=Item.objects.get())
    assert "waits for the routing rules" in before
    assert reverse("queues:queue", args=[queue.slug]) in after
    assert "Open the item" not in after
    other = Client()
    other.force_login(make_user(role="lead"))
    assert other.get(address).status_code == 404
    assert client.get(f"/report/{uuid.uuid4()}/").status_code == 404


@pytest.mark.django_db
def test_clauses_stand_under_their_policies_and_mistakes_in_one_summary(client: Client, reporter: Any):
    policies.install_pack(pack.load())
    chosen = ClauseVersion.objects.in_force().select_related("clause", "version").last()
    assert chosen is not None

    answer = client.post("/report/", form_of(clauses=[chosen.clause.key], comment="", **{"message-0-content": ""}))

    page = answer.content.decode()
    assert page.count('role="group"') == Policy.objects.count()
    assert f'role="group" aria-label="{chosen.version.title}"' in page.partition("<details open>")[2]
    assert page.count("<details open>") == 1
    assert page.count("to correct") == 1
    assert page.index('href="#id_message-0-content"') < page.index('href="#id_comment"')


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_report_is_sent_from_the_queues_page_by_keyboard(visitor: Visitor):
    policies.install_pack(pack.load())
    lead = make_user(role="lead")
    page = visitor.open("/queues/", by=lead)

    page.keyboard.press("c")
    page.get_by_label("What was said").last.fill(HOSTILE)
    page.get_by_role("button", name="Add a message").click()
    page.locator("[name=message-1-content]").fill("I would rather not.")
    assert page.locator("[name=message-0-content]").input_value() == HOSTILE
    page.get_by_label("Why you report it").fill(HOSTILE)
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Your report is in").wait_for()

    assert visitor.faults_in_every_dress(page) == []
    assert [one["content"] for one in Content.objects.get().messages] == [HOSTILE, "I would rather not."]
