"""The pages of what one lead did alone, of times, of rules that act, and of deciding on several at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from incidents.enforcement import links, operations
from incidents.enforcement.models import ActingRule, EnforcementAction, Extension
from incidents.enforcement.rehearsing import rehearse
from incidents.enforcement.views import acting
from incidents.review.models import Violation
from tests.enforcement.factories import (
    LADDER,
    approve,
    make_acting_rule,
    make_action_of_rule,
    make_finding,
    propose,
    propose_warning,
)
from tests.enforcement.test_glass import STAKE, break_glass
from tests.enforcement.test_pages import signed_in, signed_in_as, url
from tests.factories import NOW, make_actor, make_clause, make_enforcement, make_generation, make_item, make_user
from tests.outgoing.factories import make_endpoint
from trust import clock
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

WHY = {"reason": "The evidence holds."}


def text_of(client: Client, address: str, **options: Any) -> str:
    return " ".join(client.get(address, **options).content.decode().split())


# ── Alone ────────────────────────────────────────────────


def test_a_lead_breaks_the_glass_on_a_page_of_its_own():
    lead = make_user(role="lead")
    enforcement, client = propose(by=lead), signed_in_as(lead)
    assert url("break_glass", enforcement.pk) in text_of(client, enforcement.get_absolute_url())

    short = client.post(url("break_glass", enforcement.pk), {"reason": "It burns."})
    client.post(url("break_glass", enforcement.pk), {"reason": STAKE})

    enforcement.refresh_from_db()
    assert short.status_code == 422
    assert enforcement.broke_glass
    assert STAKE in text_of(client, enforcement.get_absolute_url())


def test_a_ban_is_not_offered_alone():
    lead = make_user(role="lead")
    enforcement = propose(by=lead, kind="ban", parameters={})

    assert url("break_glass", enforcement.pk) not in text_of(signed_in_as(lead), enforcement.get_absolute_url())


def test_all_leads_are_told_until_another_reviewed_it_and_it_is_overdue_after_a_day():
    breaker, other = make_user(role="lead"), make_user(role="lead")
    enforcement = break_glass(by=breaker)
    clients = [signed_in_as(breaker), signed_in_as(other)]
    review = url("review", enforcement.pk)

    own, others = (text_of(client, "/") for client in clients)
    assert "By you: another lead reviews it" in own
    assert review in others
    assert all("carried out by one lead alone" in text_of(client, url("list")) for client in clients)
    assert "overdue" not in text_of(clients[1], url("list"))
    with clock.at(clock.now() + timedelta(hours=25)):
        assert "1 is overdue" in text_of(clients[1], url("list"))
    assert clients[0].post(review, {**WHY, "answer": "confirmed"}).status_code == 409
    assert clients[1].post(review, {**WHY, "answer": "perhaps"}).status_code == 400
    clients[1].post(review, {**WHY, "answer": "confirmed"})

    enforcement.refresh_from_db()
    assert enforcement.review_outcome == "confirmed"
    assert review not in text_of(clients[1], "/")
    assert "carried out by one lead alone" not in text_of(clients[1], url("list"))


# ── Times ────────────────────────────────────────────────


def test_what_begins_later_says_so_and_is_withdrawn():
    client, actor = signed_in(), make_actor()
    at = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    form = {"kind": "suspension", "days": 3, "reason": "After the holidays.", "starts_at": at}
    client.post(f"{url('propose')}?actor={actor.pk}", form)
    enforcement = approve(EnforcementAction.objects.get())
    assert enforcement.status == "scheduled"
    assert "It begins later" in text_of(client, enforcement.get_absolute_url())

    client.post(url("withdraw", enforcement.pk), WHY)

    enforcement.refresh_from_db()
    assert enforcement.status == "withdrawn"
    assert "withdrew it before it began" in text_of(client, enforcement.get_absolute_url())


def test_a_beginning_that_is_past_is_told_beside_its_field():
    client, actor = signed_in(), make_actor()
    form = {"kind": "warning", "days": 3, "reason": "Why.", "starts_at": "2020-01-01T10:00"}

    page = client.post(f"{url('propose')}?actor={actor.pk}", form)

    assert page.status_code == 422
    assert "Choose a time that is still to come" in page.content.decode()


def test_a_later_end_is_proposed_by_one_and_approved_by_another():
    one, other = signed_in(), signed_in()
    enforcement = approve(propose())
    assert enforcement.ends_at
    extend = url("extend", enforcement.pk)
    at = (enforcement.ends_at + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")

    assert one.post(extend, {**WHY, "ends_at": "2020-01-01T10:00"}).status_code == 422
    one.post(extend, {**WHY, "ends_at": at})
    assert extend in text_of(other, "/")
    assert 'value="approve"' not in text_of(one, extend)
    other.post(extend, {**WHY, "answer": "approve"})

    extension = Extension.objects.get()
    enforcement.refresh_from_db()
    assert (extension.status, enforcement.ends_at) == ("approved", extension.ends_at)
    assert "proposed a later end" in text_of(one, enforcement.get_absolute_url())


# ── Rules that act ───────────────────────────────────────


def rule_form(key: str, **fields: Any) -> dict[str, Any]:
    values = {"clause": key, "severity": 2, "kind": "warning", "days": 30, "share": 100, "cap": 5}
    return {**values, "from_strikes": 1, "reason": "Always the same.", **fields}


def test_a_rule_is_written_armed_looked_at_and_switched_off():
    writer, lead = signed_in("policy_approver"), signed_in()
    clause = make_clause(recommended=LADDER)
    writer.post(url("new_rule"), rule_form(clause.clause.key))
    rule = ActingRule.objects.get()
    assert rule.get_absolute_url() in text_of(lead, "/")
    assert 'aria-disabled="true"' in text_of(writer, url("dry_run", rule.pk))
    assert url("arm", rule.pk) in text_of(lead, url("dry_run", rule.pk))
    assert url("arm", rule.pk) not in text_of(lead, rule.get_absolute_url())

    lead.post(url("arm", rule.pk))
    make_finding(make_actor(), clause=clause, decided_at=clock.now())
    operations.give_strikes()
    action = EnforcementAction.objects.get(by_rule=rule)
    assert "Check what rules did: 1 action was drawn." in text_of(lead, url("list"))
    assert url("check", action.pk) in text_of(lead, action.get_absolute_url())
    assert "You wrote or armed the rule" in text_of(lead, url("check", action.pk))
    signed_in().post(url("check", action.pk), {**WHY, "answer": "wrong"})
    page = text_of(lead, rule.get_absolute_url())
    assert "1 of 1 drawn" in page
    assert action.get_absolute_url() in page
    writer.post(url("disarm", rule.pk), WHY)

    rule.refresh_from_db()
    action.refresh_from_db()
    assert (rule.state, action.status) == ("off", "reversed")
    assert "carried it out by itself" in text_of(lead, action.get_absolute_url())
    assert action.get_absolute_url() not in text_of(writer, rule.get_absolute_url())


@pytest.mark.parametrize(
    "wrong", [{"kind": "ban"}, {"clause": "no.such"}, {"severity": 9}, {"share": 101}, {"cap": 0}, {"days": ""}]
)
def test_a_rule_that_makes_no_sense_is_told_beside_its_field(wrong: dict[str, Any]):
    clause = make_clause()

    page = signed_in().post(url("new_rule"), rule_form(clause.clause.key, **wrong))

    assert page.status_code == 422
    assert not ActingRule.objects.exists()


def test_the_dry_run_counts_whom_a_rule_would_have_touched():
    clause, twice = make_clause(recommended=LADDER), make_actor()
    for actor in (twice, twice, make_actor(), make_actor(kind="organisation")):
        make_finding(actor, clause=clause, decided_at=clock.now() - timedelta(days=2))
    make_finding(make_actor(), clause=clause, decided_at=clock.now() - timedelta(days=31))
    make_finding(make_actor(), clause=clause, severity=3)
    any_kind = make_acting_rule(clause=clause.clause, armed_by=None)
    capped = make_acting_rule(clause=clause.clause, cap=2)
    accounts = make_acting_rule(clause=clause.clause, actor_kinds=["account"])
    struck = make_acting_rule(clause=clause.clause, from_strikes=2)

    found = [rehearse(rule, clock.now()) for rule in (any_kind, capped, accounts, struck)]

    assert [(one.findings, one.actions, one.actors, one.held_back) for one in found] == [
        (4, 3, 3, 0),
        (4, 2, 2, 1),
        (4, 2, 2, 0),
        (4, 0, 0, 0),
    ]
    assert "on 3 actors" in text_of(signed_in(), url("dry_run", any_kind.pk))
    assert url("dry_run", any_kind.pk) in text_of(signed_in(), any_kind.get_absolute_url())
    assert not EnforcementAction.objects.exists()


def test_a_dry_run_that_takes_too_long_is_ended_and_says_so(monkeypatch: pytest.MonkeyPatch):
    rule = make_acting_rule()
    monkeypatch.setattr(acting, "PATIENCE", 10)
    slow = Violation.objects.extra(where=["pg_sleep(0.2) is not null"])
    make_finding(make_actor(), clause=make_clause(recommended=LADDER))
    monkeypatch.setattr(acting, "rehearse", lambda _rule, _now: list(slow))

    page = text_of(signed_in(), url("dry_run", rule.pk))

    assert "Counting takes too long" in page


def test_a_rule_that_stopped_at_its_cap_says_so_where_leads_look():
    clause = make_clause(recommended=LADDER)
    rule = make_acting_rule(clause=clause.clause, cap=1)
    for _number in range(3):
        make_finding(make_actor(), clause=clause)
    operations.give_strikes()
    client = signed_in()

    assert "1 rule stopped at its cap today" in text_of(client, url("list"))
    assert "stopped: 2 left to people" in text_of(client, url("rules"))
    assert "2 were left to people" in text_of(client, rule.get_absolute_url())


# ── Several at once ──────────────────────────────────────


def test_several_are_approved_together_each_by_its_own_rule():
    make_endpoint()
    lead = make_user(role="lead")
    own, theirs, mild = propose(by=lead), propose(), propose_warning()
    make_actor(parent=theirs.actor, kind="api_key")
    client, numbers = signed_in_as(lead), [own.pk, theirs.pk, mild.pk]

    preview = text_of(client, url("together"), query_params={"action": numbers})
    assert "Decide on 3 actions" in preview
    assert "Approve 2" in preview
    assert "1 × Warning, 1 × Suspension" in preview
    assert "API key 1" in preview
    assert "Someone other than the proposer" in preview
    page = client.post(url("together"), {**WHY, "verdict": "approve", "numbers": numbers}, follow=True)

    statuses = dict(EnforcementAction.objects.values_list("pk", "status"))
    assert [statuses[pk] for pk in numbers] == ["proposed", "approved", "approved"]
    assert "2 approved. 1 refused: Someone other than the proposer must approve this." in page.content.decode()
    assert AuditEvent.objects.filter(kind="enforcement.approved").count() == 2


def test_several_are_declined_together_with_one_reason():
    numbers = [propose().pk, propose().pk]
    client = signed_in()

    nothing = client.post(url("together"), {"verdict": "decline", "reason": " ", "numbers": numbers})
    client.post(url("together"), {**WHY, "verdict": "decline", "numbers": numbers})
    again = client.post(url("together"), {**WHY, "verdict": "decline", "numbers": numbers}, follow=True)

    assert nothing.status_code == 422
    assert set(EnforcementAction.objects.values_list("status", "decline_reason")) == {("declined", WHY["reason"])}
    assert AuditEvent.objects.filter(kind="enforcement.declined").count() == 2
    assert "Nothing is selected that still waits" in again.content.decode()


def test_a_reviewer_decides_on_nothing_that_they_may_not_see():
    other = propose()

    signed_in("reviewer").post(url("together"), {**WHY, "verdict": "decline", "numbers": [other.pk, "x", "9" * 30]})

    other.refresh_from_db()
    assert other.status == "proposed"


@pytest.mark.parametrize("rows", [2, 50])
def test_looking_at_several_costs_the_same(rows: int, django_assert_num_queries: Any):
    client, numbers = signed_in(), [propose().pk for _number in range(rows)]

    with django_assert_num_queries(5):
        client.get(url("together"), query_params={"action": numbers})


@pytest.mark.parametrize("rows", [2, 60])
def test_the_pages_of_rules_cost_the_same(rows: int, django_assert_num_queries: Any):
    client, rule = signed_in(), make_acting_rule()
    for _number in range(rows):
        make_acting_rule()
        make_action_of_rule(rule)

    with django_assert_num_queries(6):
        client.get(url("rules"))
    with django_assert_num_queries(7):
        client.get(rule.get_absolute_url())


def test_a_preview_counts_who_is_beneath_by_kind_and_says_until_when():
    actor = make_actor(kind="organisation")
    make_endpoint()
    for kind in ("api_key", "api_key", "user"):
        make_actor(parent=actor, kind=kind)

    page = text_of(signed_in(), propose(actor).get_absolute_url())

    assert "User 1 (" in page
    assert "API key 2 (" in page
    assert "after 30 days." in page
    assert "They are told who, what, until when" in page


def test_a_proposal_from_an_item_that_is_not_judged_yet_offers_all_that_the_actor_has():
    actor = make_actor()
    found, waiting = make_finding(actor), make_item(generation=make_generation(actor=actor))

    page = signed_in().get(f"{url('propose')}?actor={actor.pk}&item={waiting.pk}")

    assert page.context["form"].chosen_decisions == {str(found.pk)}


def test_who_judges_appeals_may_pass_the_link_on_once_the_actor_can_know_of_it():
    proposed, running = propose(), approve(propose())
    link = links.address_of(running)

    def page(role: str, action: EnforcementAction) -> str:
        return signed_in(role).get(action.get_absolute_url()).content.decode()

    assert link in page("lead", running)
    assert link not in page("auditor", running)
    assert "/appeal/" not in page("lead", proposed)


def test_what_begins_later_has_a_list_of_its_own():
    later = make_enforcement(
        status="scheduled", approved_by=make_user(role="lead"), approved_at=NOW, starts_at=NOW + timedelta(days=1)
    )
    make_enforcement()

    page = signed_in().get(url("scheduled"))

    assert [action.pk for action, _words in page.context["rows"]] == [later.pk]
