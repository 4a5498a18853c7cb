from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.queues.models import Item, Round
from incidents.review import operations
from incidents.review.findings import Finding, Span
from incidents.review.models import Decision, Retraction
from policies.models import Mapping
from tests.factories import (
    NOW,
    make_actor,
    make_alert,
    make_clause,
    make_clearance,
    make_decision,
    make_generation,
    make_item,
    make_queue,
    make_round,
    make_user,
)
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

SECRET = "Lovely tea, five stars."


@pytest.fixture
def reviewer(client):
    person = make_user()
    client.force_login(person)
    return person


def address(round: Round, *parts: str) -> str:
    return "/".join([f"/items/{round.item_id}", *parts, ""])


def form_of(held: Round, **fields) -> dict:
    return {"round": held.pk, "fence": held.fence, "rows": 1, **fields}


# ── Who sees it ──────────────────────────────────────────


def test_the_holder_reads_the_conversation_covered_and_that_is_recorded_once(client, reviewer):
    held = make_round(lease_by=reviewer)

    for _visit in range(2):
        page = client.get(address(held)).content.decode()

    assert SECRET in page
    assert f'<details class="covered" data-reveal="/items/{held.item_id}/exposure/">' in page
    assert AuditEvent.objects.about(held.item, held.item.actor).get().kind == "content.viewed"


def test_the_holder_may_open_an_incident_about_the_item(client, reviewer):
    held = make_round(lease_by=reviewer)

    page = client.get(address(held)).content.decode()

    assert page.count(f'href="/incidents/new/?items={held.item_id}"') == 1


def test_a_new_claim_is_a_new_view(client, reviewer):
    held = make_round(lease_by=reviewer)
    client.get(address(held))
    Round.objects.update(fence=2)

    client.get(address(held))

    assert AuditEvent.objects.filter(kind="content.viewed").count() == 2


def test_each_view_without_a_claim_is_recorded(client):
    client.force_login(make_user(role="lead"))
    waiting = make_round()

    for _visit in range(2):
        client.get(address(waiting))

    assert AuditEvent.objects.filter(kind="content.viewed").count() == 2


def test_a_reviewer_who_does_not_hold_it_is_told_so_without_the_text(client, reviewer):
    held = make_round(lease_by=make_user(name="Bo Lind"))

    answer = client.get(address(held))

    assert answer.status_code == 403
    assert "Bo Lind" in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert not AuditEvent.objects.exists()


def test_who_decided_it_may_read_it_again(client, reviewer):
    decision = make_decision(by=reviewer)

    page = client.get(address(decision.round)).content.decode()

    assert SECRET in page
    assert "Decide and next" not in page


@pytest.mark.parametrize("role", ["policy_editor", "policy_approver", "analyst", "auditor", "admin"])
def test_other_roles_have_no_item_page(client, role):
    client.force_login(make_user(role=role))

    assert client.get(address(make_round())).status_code == 404


def test_restricted_content_is_never_sent(client, reviewer):
    generation = make_generation(restricted=True)
    held = make_round(item=make_item(generation=generation), lease_by=reviewer)
    uncleared = client.get(address(held)).status_code
    make_clearance(reviewer)

    page = client.get(address(held)).content.decode()

    assert uncleared == 404
    assert SECRET not in page
    assert "SHA-256" in page
    assert "23 characters" in page


def test_hostile_text_is_shown_harmlessly(client, reviewer):
    text = "<script>alert(1)</script>\u202ejavascript:alert(2)"
    generation = make_generation(
        messages=[{"role": "<b>role</b>", "content": text}],
        model=text,
        use_case=text,
        actor=make_actor(external_id=text),
    )
    make_alert(generation=generation, comment=text, flagged=[text], scores={text: 0.5}, thresholds={})
    held = make_round(item=make_item(generation=generation), lease_by=reviewer)

    page = client.get(address(held)).content.decode()

    assert "<script>alert" not in page
    assert "<b>role" not in page
    assert "\u202e" not in page


# ── What it says ─────────────────────────────────────────


def test_clauses_are_offered_by_detector_then_actor_then_reviewer_and_none_is_chosen(client, reviewer):
    actor = make_actor()
    lately = make_decision(by=reviewer).violations.get().clause
    before = make_decision(item=make_decided_item(actor)).violations.get().clause
    meant = make_clause(title="Meant by the detector")
    Mapping.objects.create(clause=meant.clause, taxonomy="tests", taxonomy_version="1", category="spam")
    generation = make_alert(generation=make_generation(actor=actor)).generation
    held = make_round(item=make_item(generation=generation), lease_by=reviewer)

    page = client.get(address(held)).context["page"]

    assert [choice.text for choice in page.choices] == [meant, before, lately]
    assert [choice.is_suggested for choice in page.choices] == [True, False, False]
    assert page.rows[0].clause == ""


@pytest.mark.parametrize(("language", "is_offered"), [("de-AT", True), ("", True), ("fr", False)])
def test_a_clause_for_some_languages_is_offered_for_these_and_found_by_its_name_for_all(
    client, reviewer, language, is_offered
):
    meant = make_clause(languages=["de"])
    Mapping.objects.create(clause=meant.clause, taxonomy="outside", taxonomy_version="1", category="H2")
    generation = make_generation(language=language)
    make_alert(generation=generation, taxonomy="outside", taxonomy_version="1", flagged=["H2"])
    held = make_round(item=make_item(generation=generation), lease_by=reviewer)

    page = client.get(address(held)).context["page"]

    assert [choice.text for choice in page.choices] == ([meant] if is_offered else [])
    assert "only in de" in client.get("/items/clause/", {"key": meant.clause.key}).text


def make_decided_item(actor) -> Item:
    generation = make_generation(actor=actor)
    return make_item(generation=generation, status="closed", verdict="violating", closed_at=timezone.now(), severity=2)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"rule": "Spam", "position": 4, "tried": 4}, "sent it to Line. The 3 rules before it did not match."),
        ({"rule": "Spam", "position": 4, "tried": 2}, "The rule before it did not match."),
        ({"rule": "Spam", "position": 1, "tried": 1}, "Rule 1, “Spam”, sent it to Line."),
        ({"rule": "", "position": None, "tried": 8}, "None of the 8 rules matched; Line is the default queue."),
        ({"rule": "", "position": None, "tried": 0, "restricted": "child_safety"}, "in Line whatever the rules say"),
    ],
)  # fmt: skip
def test_it_says_why_it_is_here(client, reviewer, entry, sentence):
    held = make_round(item=make_item(trace=[{"alert": 1, "queue": "Line", **entry}]), lease_by=reviewer)

    assert sentence in client.get(address(held)).content.decode()


def test_what_detectors_marked_is_marked_and_sets_the_side(client, reviewer):
    generation = make_alert(spans=[{"message": 1, "start": 0, "end": 6, "category": "spam", "score": None}]).generation
    held = make_round(item=make_item(generation=generation), lease_by=reviewer)
    make_decision(by=reviewer)

    answer = client.get(address(held))

    assert '<mark class="span found">Lovely</mark>' in answer.content.decode()
    assert "Detector found: spam." in answer.content.decode()
    assert answer.context["page"].choices[0].side == "completion"


def test_the_page_takes_the_same_queries_with_two_and_with_sixty_alerts(client, reviewer, django_assert_num_queries):
    held = make_round(lease_by=reviewer)
    client.get(address(held))
    for wanted in (2, 58):
        for _alert in range(wanted):
            make_alert(generation=held.item.generation)
        with django_assert_num_queries(12):
            client.get(address(held))


# ── Deciding ─────────────────────────────────────────────


def test_a_decision_leads_to_the_next_item_and_says_what_was_decided(client, reviewer):
    held = make_round(lease_by=reviewer)
    following = make_round(queue=held.queue)

    page = client.post(address(held, "decide"), form_of(held, verdict="benign"), follow=True)

    following.refresh_from_db()
    decision = Decision.objects.get()
    assert page.redirect_chain == [(f"/items/{following.item_id}/?decided={decision.pk}", 302)]
    assert following.lease_by == reviewer
    assert f"Item {held.item_id} decided: benign." in page.content.decode()


def test_the_last_decision_of_a_queue_leads_back_to_the_queues(client, reviewer):
    held = make_round(queue=make_queue(name="Spam"), lease_by=reviewer)

    page = client.post(address(held, "decide"), form_of(held, verdict="benign"), follow=True).content.decode()

    assert "decided: benign. You can take it back in My work." in page
    assert "Nothing more waits for you in Spam." in page


def test_violations_are_read_row_by_row_with_the_clauses_usual_severity(client, reviewer):
    held = make_round(lease_by=reviewer)
    offered, typed = make_clause(usual_severity=3), make_clause(title="Found by name")
    fields = {
        "verdict": "violating",
        "rows": 3,
        "v0-clause": offered.clause.key,
        "v0-complied": "yes",
        "v0-span_message": "1",
        "v0-span_start": "0",
        "v0-span_end": "6",
        "v1-other": "found by NAME",
        "v1-severity": "1",
        "v1-side": "prompt",
    }

    client.post(address(held, "decide"), form_of(held, **fields))

    decision = Decision.objects.get()
    found = list(decision.violations.order_by("pk").values_list("clause", "severity", "side", "complied", "span_end"))
    assert found == [(offered.pk, 3, "interaction", True, 6), (typed.pk, 1, "prompt", False, None)]


def test_sending_twice_decides_once(client, reviewer):
    held = make_round(lease_by=reviewer)

    for _time in range(2):
        assert client.post(address(held, "decide"), form_of(held, verdict="benign")).status_code == 302

    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [{}, {"verdict": "guilty"}, {"verdict": "violating"}, {"verdict": "violating", "v0-other": "no such clause"},
     {"verdict": "violating", "v0-clause": "x", "v0-severity": "9"}, {"verdict": "benign", "rows": "many"},
     {"verdict": "benign", "note": "x" * 10_001}],
)  # fmt: skip
def test_what_does_not_fit_comes_back_with_what_was_typed(client, reviewer, fields):
    held = make_round(lease_by=reviewer)

    answer = client.post(address(held, "decide"), form_of(held, **{"note": "Typed with care", **fields}))

    assert answer.status_code == 422
    assert fields.get("note", "Typed with care") in answer.content.decode()
    assert not Decision.objects.exists()


def test_what_was_typed_is_still_there_when_the_lease_is_lost(client, reviewer):
    lost = make_round(lease_by=reviewer, lease_until=timezone.now() - timedelta(minutes=1))

    page = client.post(address(lost, "decide"), form_of(lost, verdict="benign", note="Typed with care"))

    assert page.status_code == 409
    assert "Typed with care" in page.content.decode()
    assert "Take it again" in page.content.decode()
    assert SECRET not in page.content.decode()


def test_a_lapsed_item_can_be_taken_again(client, reviewer):
    lapsed = make_round(lease_by=reviewer, lease_until=timezone.now() - timedelta(minutes=1))

    answer = client.post(address(lapsed, "take-again"), {"round": lapsed.pk, "fence": lapsed.fence})

    assert answer["Location"] == address(lapsed)
    assert client.get(address(lapsed)).status_code == 200


def test_one_more_violation_keeps_what_was_typed_and_stores_nothing(client, reviewer):
    held = make_round(lease_by=reviewer)
    clause = make_decision(by=reviewer).violations.get().clause
    fields = form_of(held, verdict="violating", note="Typed", **{"v0-clause": clause.clause.key, "v0-severity": "3"})

    fragment = client.post(address(held, "form"), fields, headers={"HX-Request": "true"}).content.decode()
    whole = client.post(address(held, "form"), fields).content.decode()

    assert fragment.lstrip().startswith('<section class="pane decide"')
    assert fragment.count("data-violation ") == 2
    assert "Typed" in fragment
    assert "<html" in whole
    assert Decision.objects.count() == 1


def test_renewing_answers_until_when(client, reviewer):
    held = make_round(lease_by=reviewer, lease_until=timezone.now() + timedelta(minutes=1))

    answer = client.post(address(held, "renew"), {"round": held.pk, "fence": 1}, headers={"HX-Request": "true"})

    held.refresh_from_db()
    assert held.lease_until > timezone.now() + timedelta(minutes=14)
    assert 'id="lease"' in answer.content.decode()


def test_releasing_and_skipping_give_it_back(client, reviewer):
    queue = make_queue()
    released, skipped = make_round(queue=make_queue(), lease_by=reviewer), make_round(queue=queue, lease_by=reviewer)
    following = make_round(queue=queue)

    client.post(address(released, "release"), {"round": released.pk, "fence": 1})
    answer = client.post(address(skipped, "skip"), {"round": skipped.pk, "fence": 1})

    assert answer["Location"] == address(following)
    assert list(Round.objects.held()) == [following]


@pytest.mark.parametrize("sent", [{}, {"round": "x", "fence": "1"}, {"round": "9" * 30, "fence": "1"}])
@pytest.mark.parametrize("action", ["renew", "release", "skip", "take-again"])
def test_a_form_without_a_round_is_not_found(client, reviewer, action, sent):
    held = make_round(lease_by=reviewer)

    assert client.post(address(held, action), sent).status_code == 404


# ── Taking it back ───────────────────────────────────────


def test_undo_opens_the_item_with_its_form_filled(client, reviewer):
    held = make_round(lease_by=reviewer)
    clause = make_clause()
    finding = Finding(clause.clause.key, 3, side="prompt", complied=True, span=Span(0, 0, 5))
    decision = operations.decide(held, fence=1, verdict="violating", findings=[finding], note="Typed", by=reviewer)

    answer = client.post(f"/items/decisions/{decision.pk}/undo/", follow=True)

    page = answer.context["page"]
    row = page.rows[0]
    assert answer.redirect_chain == [(address(held), 302)]
    assert (page.form["verdict"].value(), page.form["note"].value()) == ("violating", "Typed")
    assert (row.clause or row.other, row.severity, row.side, row.complied) == (clause.clause.key, "3", "prompt", True)
    assert row.span == ("0", "0", "5")


def test_anothers_decision_is_not_found(client, reviewer):
    decision = make_decision()

    assert client.post(f"/items/decisions/{decision.pk}/undo/").status_code == 404
    assert not Retraction.objects.exists()


def test_what_was_muted_is_not_said_to_be_closed_by_a_rule(client):
    client.force_login(make_user(role="lead"))
    muted = make_item(status="closed", closed_at=NOW, closed_as="muted", closed_by_version=3)

    page = client.get(f"/items/{muted.pk}/").content.decode()

    assert "nobody has judged it" in page
    assert "A rule of version" not in page
