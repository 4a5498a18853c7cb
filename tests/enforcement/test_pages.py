"""Who gets in, what stands on each page, what is refused."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.enforcement import operations
from incidents.enforcement.models import EnforcementAction
from tests.enforcement.factories import approve, make_finding, propose, propose_warning
from tests.factories import make_actor, make_user
from tests.outgoing.factories import make_endpoint
from trust.outgoing import http, operations as outgoing
from trust.outgoing.models import Message

pytestmark = pytest.mark.django_db

LISTS = ["list", "running", "failing", "ended", "all"]
MAY_READ = {"reviewer", "lead", "auditor"}
MAY_PROPOSE = {"reviewer", "lead"}
ROLES = ["reviewer", "lead", "policy_editor", "policy_approver", "analyst", "auditor", "admin"]


def signed_in(role: str = "lead") -> Client:
    return signed_in_as(make_user(role=role))


def signed_in_as(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(name: str, *arguments: Any) -> str:
    return reverse(f"enforcement:{name}", args=arguments)


def give_up(enforcement: EnforcementAction) -> Message:
    """Let the delivery of ``enforcement`` fail for the last time."""
    Message.objects.update(tries_left=1)
    claimed = outgoing.claim_due()
    assert claimed
    return outgoing.finish(claimed, answer=http.Answer(status_code=500, text="<b>no</b>", duration_ms=12))


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_enforcement(role: str):
    person, actor = make_user(role=role), make_actor()
    make_finding(actor, by=person)
    client, enforcement = signed_in_as(person), propose(actor)
    expected = 200 if role in MAY_READ else 403

    assert {client.get(url(name)).status_code for name in LISTS} == {expected}
    assert client.get(url("detail", enforcement.pk)).status_code == expected
    assert client.get(url("of_actor", enforcement.actor_id)).status_code == expected


@pytest.mark.parametrize("role", ROLES)
def test_who_may_propose_and_decide(role: str):
    person, actor = make_user(role=role), make_actor()
    make_finding(actor, by=person)
    client, enforcement = signed_in_as(person), propose(actor)
    is_let_in = role in MAY_PROPOSE

    assert (client.get(f"{url('propose')}?actor={actor.pk}").status_code == 200) == is_let_in
    for name in ("approve", "decline", "reverse", "confirm"):
        assert (client.post(url(name, enforcement.pk)).status_code == 403) == (not is_let_in), name


def test_nobody_gets_in_without_signing_in():
    enforcement = propose()

    for path in [*map(url, LISTS), url("detail", enforcement.pk), url("propose"), url("of_actor", 1), url("panel", 1)]:
        assert Client().get(path).status_code == 302


def test_each_action_stands_in_the_lists_of_its_state():
    client = signed_in()
    open_one, running = propose(), approve(propose())
    declined = operations.decline(propose(), reason="No.", by=make_user(role="lead"))

    def listed(name: str) -> set[int]:
        return {action.pk for action, _words in client.get(url(name)).context["rows"]}

    assert listed("list") == {open_one.pk}
    assert listed("running") == {running.pk}
    assert listed("ended") == {declined.pk}
    assert listed("all") == {open_one.pk, running.pk, declined.pk}
    assert listed("failing") == set()


def test_the_list_is_filtered_by_kind_and_status():
    client = signed_in()
    propose()
    warning = propose_warning()

    page = client.get(f"{url('all')}?kind=warning&status=proposed")

    assert [action for action, _words in page.context["rows"]] == [warning]
    assert client.get(f"{url('all')}?kind=exile").status_code == 400
    assert client.get(f"{url('all')}?actor__standing=good").status_code == 400
    assert "No action fits" in client.get(f"{url('all')}?kind=ban").content.decode()


def test_the_preview_stands_first_and_says_what_will_happen():
    actor = make_actor()
    make_actor(parent=actor)
    decision = make_finding(make_actor(parent=actor))
    operations.give_strikes()
    make_endpoint()
    enforcement = propose(actor)

    page = signed_in().get(url("detail", enforcement.pk)).content.decode()

    assert page.index("If you approve") < page.index('id="evidence"') < page.index('id="two"')
    assert "All requests are refused until the suspension ends." in page
    assert "Account 2 (<strong>1 with no finding against it" in page
    assert "after 30 days." in page
    assert decision.item_id


def test_evidence_shows_the_finding_and_no_content():
    actor = make_actor()
    enforcement = propose(actor, decisions=[make_finding(actor, severity=3)])

    page = signed_in().get(url("detail", enforcement.pk)).content.decode()

    assert "S3 serious" in page
    assert enforcement.evidence[0]["violations"][0]["clause"] in page
    assert "tea" not in page


def test_hostile_names_are_shown_as_text():
    actor = make_actor(external_id="<script>alert(1)</script>\u202e")
    enforcement = propose(actor)
    client = signed_in()

    for path in (
        url("list"),
        url("detail", enforcement.pk),
        url("of_actor", actor.pk),
        f"{url('propose')}?actor={actor.pk}",
    ):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "\u202e" not in page.partition("<main")[2]


def test_a_second_person_approves_on_the_page():
    enforcement, client = propose(), signed_in()

    response = client.post(url("approve", enforcement.pk), {"reason": "The evidence holds."}, follow=True)

    enforcement.refresh_from_db()
    assert enforcement.status == "in_force"
    assert "there is no endpoint" in response.content.decode()
    assert "Nobody to tell" in response.content.decode()


def test_the_proposer_reads_why_they_may_not():
    lead = make_user(role="lead")
    enforcement = propose(by=lead)
    client = signed_in_as(lead)

    page = client.get(url("detail", enforcement.pk)).content.decode()
    response = client.post(url("approve", enforcement.pk), {"reason": "Mine."})

    assert "Someone other than the proposer must approve this." in page
    assert 'data-key="Y"' not in page
    assert response.status_code == 409
    enforcement.refresh_from_db()
    assert enforcement.status == "proposed"


@pytest.mark.parametrize("name", ["approve", "decline"])
@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, "a\0b"])
def test_deciding_without_a_good_reason_keeps_what_was_typed(name: str, reason: str):
    enforcement = propose()

    response = signed_in().post(url(name, enforcement.pk), {"reason": reason})

    enforcement.refresh_from_db()
    assert response.status_code == 422
    assert 'class="field wrong"' in response.content.decode()
    assert enforcement.status == "proposed"


def test_who_proposed_what_is_not_severe_carries_it_out_alone():
    reviewer = make_user()
    enforcement = propose_warning(by=reviewer)
    client = signed_in_as(reviewer)

    assert "This kind takes one person" in client.get(url("detail", enforcement.pk)).content.decode()
    client.post(url("approve", enforcement.pk), {"reason": ""})

    enforcement.refresh_from_db()
    assert enforcement.approved_by == reviewer


def test_it_is_declined_and_reversed_with_a_reason():
    client, running = signed_in(), approve(propose())
    proposed = propose()

    client.post(url("decline", proposed.pk), {"reason": "Too harsh."})
    client.post(url("reverse", running.pk), {"reason": "Shared card."})

    proposed.refresh_from_db()
    running.refresh_from_db()
    assert (proposed.status, running.status) == ("declined", "reversed")
    assert "Shared card." in client.get(url("detail", running.pk)).content.decode()


def test_what_was_delivered_is_confirmed_by_a_person():
    enforcement = approve(propose())
    EnforcementAction.objects.update(status="delivered", in_force_at=None)

    signed_in_as(enforcement.proposed_by).post(url("confirm", enforcement.pk))

    enforcement.refresh_from_db()
    assert enforcement.status == "in_force"


def test_attempts_are_listed_and_a_lead_sends_again():
    make_endpoint()
    enforcement = approve(propose())
    give_up(enforcement)
    delivery = enforcement.deliveries.get()
    client = signed_in()

    page = client.get(url("detail", enforcement.pk)).content.decode()
    reviewer_page = signed_in_as(enforcement.proposed_by).get(url("detail", enforcement.pk)).content.decode()
    client.post(url("send_again", enforcement.pk, delivery.pk))

    delivery.message.refresh_from_db()
    assert "Given up" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "Only a lead may send a delivery again." in reviewer_page
    assert signed_in().get(url("failing")).context["rows"][0][0] == enforcement
    assert delivery.message.status == "waiting"
    assert signed_in("reviewer").post(url("send_again", enforcement.pk, delivery.pk)).status_code == 403


def test_a_delivery_is_only_found_under_its_own_action():
    make_endpoint()
    delivery = approve(propose()).deliveries.get()

    assert signed_in().post(url("send_again", propose().pk, delivery.pk)).status_code == 404


def test_a_proposal_is_made_with_the_evidence_of_the_item():
    actor, reviewer = make_actor(), make_user()
    chosen, other = make_finding(actor, by=reviewer), make_finding(actor)
    client = signed_in_as(reviewer)
    address = f"{url('propose')}?actor={actor.pk}&item={chosen.item_id}"

    page = client.get(address)
    response = client.post(
        address, {"kind": "rate_limit", "requests_per_minute": "5", "reason": "Again.", "decisions": [chosen.pk]}
    )

    enforcement = EnforcementAction.objects.get()
    assert page.context["form"].chosen_decisions == {str(chosen.pk)}
    assert {str(part.decision) for part, _chosen in page.context["choices"]} == {str(chosen.pk), str(other.pk)}
    assert response.url == enforcement.get_absolute_url()
    assert (enforcement.kind, enforcement.parameters) == ("rate_limit", {"requests_per_minute": 5})
    assert [part["decision"] for part in enforcement.evidence] == [chosen.pk]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "exile"},
        {"kind": ""},
        {"reason": " "},
        {"reason": "a\0b"},
        {"days": "0"},
        {"days": "9" * 30},
        {"days": "soon"},
        {"days": ""},
        {"decisions": ["x"]},
        {"decisions": [str(2**70)]},
        {"decisions": ["1"]},
    ],
)
def test_a_proposal_that_is_wrong_keeps_what_was_typed(wrong: dict[str, Any]):
    actor = make_actor()

    response = signed_in().post(
        f"{url('propose')}?actor={actor.pk}", {"kind": "suspension", "days": "30", "reason": "Typed words.", **wrong}
    )

    assert response.status_code == 422
    assert not EnforcementAction.objects.exists()
    if "reason" not in wrong:
        assert "Typed words." in response.content.decode()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?actor=", 200),
        ("?actor=x", 400),
        ("?actor=-1", 400),
        ("?actor=" + "9" * 40, 400),
        ("?actor=0", 404),
    ],
)
def test_the_actor_of_a_proposal_has_to_be_one(query: str, status: int):
    assert signed_in().get(url("propose") + query).status_code == status


def test_the_settings_of_a_kind_come_as_a_fragment():
    client = signed_in()

    assert "requests_per_minute" in client.get(f"{url('parameters')}?kind=rate_limit").content.decode()
    assert "no settings" in client.get(f"{url('parameters')}?kind=ban").content.decode()
    assert client.get(f"{url('parameters')}?kind=\0").status_code == 200


def test_a_recommendation_is_adopted_on_its_page():
    reviewer = make_user()
    make_finding(make_actor(), severity=4, by=reviewer)
    operations.give_strikes()
    recommended = EnforcementAction.objects.get()
    client = signed_in_as(reviewer)

    page = client.get(url("detail", recommended.pk)).content.decode()
    form = client.get(url("adopt", recommended.pk))
    client.post(
        url("adopt", recommended.pk),
        {
            "kind": "suspension",
            "days": "14",
            "reason": "Yes.",
            "decisions": list(form.context["form"].chosen_decisions),
        },
    )

    recommended.refresh_from_db()
    assert "Adopt and edit" in page
    assert (recommended.status, recommended.parameters) == ("proposed", {"days": 14})
    assert len(recommended.evidence) == 1


def test_the_fragments_say_what_is_known_and_offer_to_propose():
    actor = make_actor()
    decision = make_finding(actor)
    operations.give_strikes()
    client = signed_in()

    of_actor = client.get(url("of_actor", actor.pk)).content.decode()
    panel = client.get(url("panel", decision.item_id)).content.decode()

    assert "<strong>1</strong> counts" in " ".join(of_actor.split())
    assert "Warning, 90 days" in panel
    assert f"?actor={actor.pk}&amp;item={decision.item_id}" in panel
    assert "<html" not in of_actor + panel


def test_a_reviewer_sees_the_panel_of_their_own_items_only():
    reviewer = make_user()
    own, others = make_finding(make_actor(), by=reviewer), make_finding(make_actor())
    client = signed_in_as(reviewer)

    assert client.get(url("panel", own.item_id)).status_code == 200
    assert client.get(url("panel", others.item_id)).status_code == 404


def test_a_reviewer_sees_what_they_proposed_or_what_concerns_actors_they_judged():
    reviewer = make_user()
    judged = make_finding(make_actor(), by=reviewer).item.actor
    seen = {propose(by=reviewer).pk, propose(judged).pk}
    hidden = propose()
    client = signed_in_as(reviewer)

    assert {action.pk for action, _words in client.get(url("list")).context["rows"]} == seen
    assert client.get(url("detail", hidden.pk)).status_code == 404
    assert client.get(f"{url('propose')}?actor={hidden.actor_id}").status_code == 404


def test_an_auditor_reads_and_is_offered_nothing():
    page = signed_in("auditor").get(url("detail", propose().pk)).content.decode()

    assert 'data-key="Y"' not in page
    assert 'data-key="N"' not in page
    assert "Only a lead may approve" in page
