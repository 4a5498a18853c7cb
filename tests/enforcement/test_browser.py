"""The pages of enforcement in a real Chromium: accessible in every dress, decided by keyboard."""

from typing import Any

import pytest
from django.urls import reverse

from incidents.enforcement import operations
from incidents.enforcement.models import EnforcementAction
from tests.enforcement.factories import LADDER, approve, make_acting_rule, make_finding, propose, propose_warning
from tests.factories import make_actor, make_clause, make_user
from tests.harness.browser import DESKTOP, PHONE
from tests.outgoing.factories import make_endpoint
from trust.outgoing import http, operations as outgoing
from trust.outgoing.models import Message

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lead() -> Any:
    return make_user(role="lead", name="Ana Ruiz")


@pytest.fixture
def proposal() -> EnforcementAction:
    """A suspension that someone else proposed, on three findings, beside other work that waits."""
    actor = make_actor(external_id="org_lumen", kind="organisation")
    for _number in range(3):
        make_actor(parent=actor)
    clause = make_clause(key="spam.reviews", recommended=LADDER)
    findings = [make_finding(actor, severity=severity, clause=clause) for severity in (1, 2, 3)]
    make_finding(make_actor(external_id="acct_20pw<b>\u202egnol"), severity=4)
    operations.give_strikes()
    bo = make_user(name="Bo Lind")
    propose_warning(by=bo)
    return propose(
        actor, by=bo, decisions=findings, reason="Third wave from the same card. Two warnings had no effect."
    )


@pytest.fixture
def failing() -> EnforcementAction:
    """A suspension in force nowhere: its one delivery was given up."""
    make_endpoint()
    enforcement = approve(propose())
    Message.objects.update(tries_left=1)
    claimed = outgoing.claim_due()
    assert claimed
    outgoing.finish(claimed, answer=http.Answer(status_code=503, text="back\u202e soon", duration_ms=5012))
    return enforcement


@pytest.mark.long
@pytest.mark.usefixtures("proposal", "failing")
@pytest.mark.parametrize("name", ["list", "running", "failing", "ended", "all"])
def test_every_list_is_accessible(visitor: Any, lead: Any, name: str):
    page = visitor.open(reverse(f"enforcement:{name}"), by=lead)

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


def test_the_page_of_a_proposal_is_accessible(visitor: Any, lead: Any, proposal: EnforcementAction):
    page = visitor.open(proposal.get_absolute_url(), by=lead)

    assert visitor.faults_in_every_dress(page) == []


def test_the_page_of_a_recommendation_is_accessible(visitor: Any, lead: Any, proposal: EnforcementAction):
    recommended = EnforcementAction.objects.get(status="recommended", kind="suspension")

    page = visitor.open(recommended.get_absolute_url(), by=lead)

    assert visitor.faults_in_every_dress(page) == []


def test_the_page_of_a_failing_action_is_accessible(visitor: Any, lead: Any, failing: EnforcementAction):
    page = visitor.open(failing.get_absolute_url(), by=lead)

    assert visitor.faults_in_every_dress(page) == []


def test_a_lead_approves_by_keyboard(visitor: Any, lead: Any, proposal: EnforcementAction):
    page = visitor.open(proposal.get_absolute_url(), by=lead)

    page.keyboard.press("n")
    page.keyboard.type("The evidence holds.")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Y")

    page.get_by_text("there is no endpoint, so nobody had to be told").wait_for()
    proposal.refresh_from_db()
    assert proposal.status == "in_force"


def test_the_key_that_approves_does_nothing_while_the_reason_is_empty(
    visitor: Any, lead: Any, proposal: EnforcementAction
):
    page = visitor.open(proposal.get_absolute_url(), by=lead)

    page.keyboard.press("Shift+Y")

    assert page.evaluate("document.activeElement.name") == "reason"
    proposal.refresh_from_db()
    assert proposal.status == "proposed"


def test_a_proposal_is_written_by_keyboard_and_the_settings_follow_the_kind(
    visitor: Any, lead: Any, proposal: EnforcementAction
):
    page = visitor.open(f"{reverse('enforcement:propose')}?actor={proposal.actor_id}", by=lead)
    assert visitor.faults_in_every_dress(page) == []

    page.keyboard.press("3")
    page.get_by_label("Requests per minute").fill("5")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("Slow them down first.")
    page.keyboard.press("Escape")
    page.keyboard.press("s")

    page.get_by_text("Carry it out when you are sure").wait_for()
    written = EnforcementAction.objects.get(kind="rate_limit")
    assert written.parameters == {"requests_per_minute": 5, "days": 30}
    assert len(written.evidence) == 3


def test_what_cannot_wait_is_carried_out_alone_reviewed_and_several_are_decided_by_keyboard(visitor: Any, lead: Any):
    bo, actor = make_user(role="lead", name="Bo Lind"), make_actor(external_id="org_lumen", kind="organisation")
    make_actor(parent=actor, kind="api_key")
    enforcement = propose(actor, by=lead)
    page = visitor.open(enforcement.get_absolute_url(), by=lead)
    page.keyboard.press("Shift+G")
    page.locator("[name=reason]").wait_for()
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("n")
    page.keyboard.type("Card numbers are being tested at forty a second, and every minute costs people money.")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Y")
    page.get_by_text("another lead reviews it").first.wait_for()

    page = visitor.open(reverse("enforcement:review", args=[enforcement.pk]), by=bo)
    page.keyboard.press("n")
    page.keyboard.type("I would have done the same.")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Y")
    page.get_by_text("Bo Lind reviewed it: Confirmed").wait_for()

    several = [propose(), propose_warning()]
    propose(by=bo)
    page = visitor.open(reverse("enforcement:list"), by=bo)
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert page.locator("[data-selected]").inner_text() == "3"
    page.keyboard.press("a")
    page.get_by_role("heading", name="Decide on 3 actions").wait_for()
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("n")
    page.keyboard.type("The evidence holds.")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Y")
    page.get_by_text("2 approved. 1 refused: Someone other than the proposer must approve this.").wait_for()

    statuses = EnforcementAction.objects.filter(pk__in=[one.pk for one in several]).values_list("status", flat=True)
    assert list(statuses) == ["in_force", "in_force"]
    rule = make_acting_rule(armed_by=None)
    page = visitor.open(rule.get_absolute_url(), by=lead)
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("Shift+Y")
    page.get_by_text("It acts on what is decided from now on").wait_for()


def test_the_pages_of_endpoints_are_accessible(visitor: Any):
    endpoint, _secret = make_endpoint()
    outgoing.switch_off(endpoint, by=None)
    make_endpoint()
    admin = make_user(role="admin")

    for path in ("/settings/endpoints/", "/settings/endpoints/new/"):
        assert visitor.faults_in_every_dress(visitor.open(path, by=admin)) == []


def test_an_empty_list_says_why(visitor: Any, lead: Any):
    page = visitor.open(reverse("enforcement:list"), by=lead)

    assert page.locator(".empty").is_visible()
    assert visitor.faults_in_every_dress(page) == []


def test_a_reason_without_a_space_makes_no_page_wider(visitor):
    action = propose(reason="W" * 1900)

    for size in (DESKTOP, PHONE):
        page = visitor.open(action.get_absolute_url(), by=make_user(role="lead"), size=size)
        assert visitor.quiet_faults(page) == []
