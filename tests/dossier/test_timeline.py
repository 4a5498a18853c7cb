"""The timeline of an actor: everything that happened, newest first, as far as the reader may be told."""

import re
from datetime import timedelta

import pytest

from incidents.actors import operations as actors
from incidents.dossier import kinds
from incidents.enforcement import operations as enforcement
from incidents.enforcement.models import Delivery, Strike
from incidents.linking import operations as linking
from incidents.linking.models import Word
from incidents.queues.models import Item
from incidents.review import operations as review
from incidents.review.findings import Finding
from policies.vocabulary import Standing
from tests.appeals.factories import judge, make_appeal, make_case
from tests.enforcement.factories import propose
from tests.factories import (
    NOW,
    make_actor,
    make_alert,
    make_clause,
    make_clearance,
    make_decision,
    make_enforcement,
    make_generation,
    make_item,
    make_round,
    make_user,
)
from tests.outgoing.factories import make_message
from trust import clock
from trust.audit.models import AuditEvent
from trust.audit.operations import record
from trust.notes import operations as notes, registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    person = make_user(role="lead", name="Lea Lind")
    client.force_login(person)
    return person


def address(actor) -> str:
    return f"/actors/{actor.pk}/timeline/"


def walked(client, url: str) -> list[list]:
    """Return the rows of each page, to the last."""
    pages = []
    while url:
        answer = client.get(url)
        pages.append(answer.context["rows"])
        url = answer.context["older_url"]
        assert len(pages) < 20
    return pages


def told(client, actor, query: str = "") -> list[str]:
    """Return the kinds of events, and "came in", in the order of the page."""
    rows = client.get(f"{address(actor)}{query}").context["rows"]
    return [row.entry.kind if row.entry else "came in" for row in rows]


def standing_changed(actor, number: int) -> None:
    with clock.at(NOW + timedelta(minutes=number)):
        actors.set_standing(actor, Standing.WARNED if number % 2 else Standing.GOOD, by=None)


def decide(actor, *, by, verdict="violating", severity=3) -> Item:
    """Have ``by`` judge a new item of ``actor``, through the room's own operation."""
    item = make_item(generation=make_alert(generation=make_generation(actor=actor)).generation)
    round = make_round(item=item, lease_by=by, seen_fence=1)
    findings = [Finding(make_clause(key="spam.reviews").clause.key, severity)] if verdict == "violating" else []
    review.decide(round, fence=1, verdict=verdict, findings=findings, by=by)
    return item


def test_everything_stands_in_order_of_time_newest_first(client, lead):
    actor = make_actor()
    for minute in (1, 5, 3):
        make_generation(actor=actor, occurred_at=NOW + timedelta(minutes=minute))
    for minute in (2, 4):
        standing_changed(actor, minute)
        standing_changed(actor, minute + 1)
    standing_changed(make_actor(), 1)

    rows = client.get(address(actor)).context["rows"]

    assert [row.at for row in rows] == [NOW + timedelta(minutes=minute) for minute in (5, 5, 4, 3, 3, 2, 1)]


def test_pages_of_25_walk_through_all_of_it_once(client, lead):
    actor = make_actor()
    for number in range(40):
        make_generation(actor=actor, occurred_at=NOW + timedelta(minutes=number // 2))
        standing_changed(actor, number)

    pages = walked(client, address(actor))

    assert [len(page) for page in pages] == [25, 25, 25, 5]
    seen = [(row.entry and row.entry.pk, row.generation and row.generation.pk) for page in pages for row in page]
    assert len(set(seen)) == 80
    times = [row.at for page in pages for row in page]
    assert times == sorted(times, reverse=True)


def test_each_kind_of_event_stands_there_and_is_filtered_for(client, lead):
    case = make_case(findings=1)
    actor = case.action.actor
    decide(actor, by=make_user(role="lead"), verdict="benign")
    appeal = make_appeal(case.action)
    judge(appeal)
    Delivery.objects.create(enforcement=case.action, purpose="carry_out", message=(message := make_message()))
    record("message.given_up", on=[message], by=None)
    linking.say(actor, make_actor(), Word.Verdict.ASSERTED, evidence="One card.", by=lead)
    for subject in (("actor", actor.pk), ("item", Item.objects.filter(actor=actor).first().pk)):
        notes.write(registry.subject(*subject), text="Seen before.", by=lead)
    record("incident.actors_added", on=[actor], by=lead)
    record("use_case.applied", on=[actor], by=lead)
    record("content.viewed", on=[actor], by=lead)

    found = {name: set(told(client, actor, f"?kind={name}")) for name in kinds.KINDS}

    assert found == {
        "came_in": {"came in"},
        "decisions": {"decision.made"},
        "strikes": {"strike.given", "strike.voided"},
        "enforcement": {f"enforcement.{what}" for what in ("proposed", "approved", "in_force", "reversed")},
        "deliveries": {"message.given_up"},
        "appeals": {"appeal.received", "appeal.judged"},
        "standing": {"actor.standing_changed"},
        "use_cases": {"use_case.applied"},
        "notes": {"note.written"},
        "links": {"actors.link_asserted"},
        "incidents": {"incident.actors_added"},
    }
    assert told(client, actor, "?kind=notes") == ["note.written"] * 2
    assert set(told(client, actor)) == set.union(*found.values())


def test_a_decision_says_verdict_clause_and_who_and_a_delivery_leads_to_its_action(client, lead):
    actor = make_actor()
    item = decide(actor, by=make_user(name="Ana Ruiz"))
    action = make_enforcement(actor=actor)
    Delivery.objects.create(enforcement=action, purpose="carry_out", message=(message := make_message()))
    record("message.given_up", on=[message], by=None)

    page = client.get(address(actor)).content.decode()

    links = (f"/items/{item.pk}/", action.get_absolute_url())
    for words in ("Ana Ruiz judged", "Violating", "S3", "spam.reviews", *links):
        assert words in page


def test_nothing_of_the_content_and_nothing_hostile_is_shown_as_it_is(client, lead):
    actor = make_actor(external_id="<script>a")
    messages = [{"role": "user", "content": "A very private text."}]
    make_alert(generation=make_generation(actor=actor, messages=messages, model="<b>m"), flagged=["<i>spam"])
    other = make_actor()
    linking.say(actor, other, Word.Verdict.ASSERTED, evidence="<u>Same</u> card.", by=lead)

    page = client.get(address(actor)).content.decode()

    for raw in ("A very private text", "<script>a", "<b>m", "<i>spam", "<u>Same"):
        assert raw not in page
    assert "&lt;u&gt;Same" in page


# ── Who is told what ─────────────────────────────────────


def test_what_is_about_restricted_items_is_for_those_with_a_clearance(client, lead):
    actor = make_actor()
    case = make_case(findings=1)
    restricted = make_item(generation=make_generation(actor=actor, restricted=True))
    record("decision.made", on=[restricted, actor], by=None, data={"verdict": "violating"})
    record("strike.given", on=[restricted, actor], by=None)
    record("appeal.received", on=[make_appeal(case.action), actor], by=None)

    before = told(client, actor)
    make_clearance(lead)

    assert (before, told(client, actor)) == (
        ["appeal.received"],
        ["appeal.received", "strike.given", "decision.made", "came in"],
    )


def test_a_reviewer_is_told_of_their_actors_and_not_of_appeals(client):
    reviewer, actor = make_user(), make_actor()
    client.force_login(reviewer)
    assert client.get(address(actor)).status_code == 404
    make_round(item=make_item(actor=actor), lease_by=reviewer)
    record("appeal.received", on=[actor], by=None)
    linking.say(actor, make_actor(external_id="theirs"), Word.Verdict.ASSERTED, evidence="Same.", by=make_user())
    propose(actor)

    assert told(client, actor) == ["enforcement.proposed", "actors.link_asserted"]
    assert client.get(f"{address(actor)}?kind=appeals").status_code == 400
    others = re.findall(r"/actors/(\d+)/\"", client.get(address(actor)).content.decode())
    assert set(others) <= {str(actor.pk)}


def test_who_judges_an_item_on_their_own_learns_no_verdict_and_no_note_of_others(client):
    second, actor = make_user(), make_actor()
    item = decide(actor, by=make_user())
    enforcement.give_strikes()
    notes.write(registry.subject("item", item.pk), text="Clear.", by=make_user(role="lead"))
    notes.write(registry.subject("actor", actor.pk), text="Clear.", by=make_user(role="lead"))
    round = make_round(item=item, purpose="second_opinion", lease_by=second)
    notes.write(registry.subject("actor", actor.pk), text="Mine.", by=second)
    client.force_login(second)

    before = told(client, actor)
    round.lease_by, round.lease_until, round.status = None, None, "closed"
    round.closed_at, round.closed_by = NOW, second
    round.save()

    assert Strike.objects.filter(actor=actor).exists()
    assert [kind for kind in before if kind.startswith(("decision", "strike", "note"))] == ["note.written"]
    assert {"decision.made", "strike.given"} < set(told(client, actor))
    assert told(client, actor).count("note.written") == 3


# ── What it costs ────────────────────────────────────────


@pytest.mark.parametrize("rows", [2, 60])
def test_it_costs_the_same_however_much_there_is(client, lead, rows, django_assert_num_queries):
    actor, other = make_actor(), make_actor()
    action = make_enforcement(actor=actor)
    for number in range(rows):
        make_alert(generation=make_generation(actor=actor, occurred_at=NOW + timedelta(minutes=number)))
        item = make_item(actor=actor)
        record("decision.made", on=[make_decision(item=item), item, actor], by=lead, data={"verdict": "benign"})
        Delivery.objects.create(enforcement=action, purpose="carry_out", message=(message := make_message()))
        record("message.given_up", on=[message], by=None)
        record("actors.link_asserted", on=[actor, other, make_user()], by=lead)

    with django_assert_num_queries(12):
        client.get(address(actor))


def test_a_rare_kind_among_thousands_is_found_on_a_later_page(client, lead, monkeypatch):
    monkeypatch.setattr("incidents.dossier.queries.LOOKED_THROUGH", (2, 10))
    actor = make_actor()
    standing_changed(actor, 1)
    for _number in range(25):
        record("actors.link_asserted", on=[actor], by=lead)

    pages = walked(client, f"{address(actor)}?kind=standing")

    assert [len(page) for page in pages] == [0, 0, 1]
    assert "Nothing of this kind among the newest" in client.get(f"{address(actor)}?kind=standing").content.decode()


def test_where_looking_stopped_nothing_from_beyond_is_told_before(client, lead, monkeypatch):
    monkeypatch.setattr("incidents.dossier.queries.LOOKED_THROUGH", (2, 10))
    actor = make_actor()
    standing_changed(actor, 1)
    make_generation(actor=actor, occurred_at=NOW)
    for _number in range(12):
        record("actor.looked_at", on=[actor], by=lead)

    pages = walked(client, address(actor))

    assert [[bool(row.entry) for row in page] for page in pages] == [[], [True, False]]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=WzFd", "kind=sport", "since=1", "cursor=WyJhIiwiIiwiIl0"])
def test_what_makes_no_sense_is_named(client, lead, query):
    assert client.get(f"{address(make_actor())}?{query}").status_code == 400


def test_events_are_never_told_of_another_actor(client, lead):
    standing_changed(make_actor(), 1)

    assert told(client, make_actor()) == []
    assert AuditEvent.objects.exists()
