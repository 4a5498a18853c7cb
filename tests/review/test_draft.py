import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from incidents.queues.models import Round
from incidents.review import draft_operations, operations
from incidents.review.forms import typed
from incidents.review.models import Draft
from tests.factories import make_round, make_user
from trust import clock
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

TYPED = {
    "verdict": "violating",
    "note": "Typed with care",
    "rows": "2",
    "v0-clause": "spam.reviews",
    "v0-severity": "3",
    "v0-complied": "yes",
    "v1-other": "half a na",
    "v1-span_message": "1",
    "v1-span_start": "0",
    "v1-span_end": "5",
}


@pytest.fixture
def reviewer(client):
    person = make_user()
    client.force_login(person)
    return person


def sent(held: Round, **fields: str) -> dict:
    return {"round": held.pk, "fence": held.fence, **fields}


def test_what_was_typed_is_there_again_when_the_page_is_loaded_again(client, reviewer):
    held = make_round(lease_by=reviewer)

    answer = client.post(f"/items/{held.item_id}/draft/", sent(held, **TYPED))

    page = client.get(f"/items/{held.item_id}/").context["page"]
    first, second = page.rows
    assert answer.status_code == 204
    assert (page.form["verdict"].value(), page.form["note"].value()) == ("violating", "Typed with care")
    assert (first.clause or first.other, first.severity, first.complied) == ("spam.reviews", "3", True)
    assert (second.other, second.span) == ("half a na", ("1", "0", "5"))


def test_the_last_one_counts_and_an_empty_one_is_none(client, reviewer):
    held = make_round(lease_by=reviewer)

    for note in ("First", "Second"):
        client.post(f"/items/{held.item_id}/draft/", sent(held, note=note))
    assert Draft.objects.get().fields == {"note": "Second", "rows": "1"}

    client.post(f"/items/{held.item_id}/draft/", sent(held, note="", rows="1"))
    assert not Draft.objects.exists()


def test_another_person_does_not_see_it(client, reviewer):
    held = make_round(lease_by=reviewer)
    draft_operations.keep_draft(held, fields={"note": "Mine alone"}, by=make_user())

    assert "Mine alone" not in client.get(f"/items/{held.item_id}/").content.decode()


def test_deciding_drops_it(reviewer):
    held = make_round(lease_by=reviewer)
    draft_operations.keep_draft(held, fields=TYPED, by=reviewer)
    draft_operations.keep_draft(held, fields=TYPED, by=(other := make_user()))

    operations.decide(held, fence=1, verdict="benign", by=reviewer)

    assert Draft.objects.get().person == other


def test_what_arrives_after_the_decision_is_let_go(client, reviewer):
    held = make_round(lease_by=reviewer)
    operations.decide(held, fence=1, verdict="benign", by=reviewer)

    assert client.post(f"/items/{held.item_id}/draft/", sent(held, note="Too late")).status_code == 204

    assert not Draft.objects.exists()


def test_an_undo_shows_the_decision_and_not_what_was_typed_before(client, reviewer):
    held = make_round(lease_by=reviewer)
    decision = operations.decide(held, fence=1, verdict="benign", note="Decided", by=reviewer)
    Draft.objects.create(round=held, person=reviewer, fields={"note": "Older"}, saved_at=timezone.now())

    page = client.post(f"/items/decisions/{decision.pk}/undo/", follow=True).context["page"]

    assert page.form["note"].value() == "Decided"


def test_a_lost_lease_keeps_it_until_the_item_is_taken_again(client, reviewer):
    lost = make_round(lease_by=reviewer, lease_until=timezone.now() - timedelta(minutes=1))

    refused = client.post(f"/items/{lost.item_id}/decide/", sent(lost, **TYPED))
    later = client.get(f"/items/{lost.item_id}/").content.decode()
    again = client.post(f"/items/{lost.item_id}/take-again/", sent(lost), follow=True)

    assert refused.status_code == 409
    assert "Typed with care" in later
    assert again.context["page"].form["note"].value() == "Typed with care"


@pytest.mark.parametrize("role", ["reviewer", "lead"])
def test_who_decided_meanwhile_and_when_is_said_beside_what_was_typed(client, role):
    person, other = make_user(role=role), make_user(name="Bo Lind")
    client.force_login(person)
    held = make_round(lease_by=other)
    operations.decide(held, fence=1, verdict="benign", by=other)

    answer = client.post(f"/items/{held.item_id}/decide/", sent(held, **TYPED))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bo Lind has decided this already." in page
    assert "Typed with care" in page
    assert "just now" in page
    assert "Typed with care" in client.get(f"/items/{held.item_id}/").content.decode()


def test_only_who_reviews_keeps_drafts():
    with pytest.raises(Refused, match="Only reviewers"):
        draft_operations.keep_draft(make_round(), fields=TYPED, by=make_user(role="auditor"))


@pytest.mark.parametrize("hostile", ["\x00", "x" * 20_000, "\U0001f600", "<script>"])
def test_whatever_is_typed_is_kept_within_bounds(client, reviewer, hostile):
    held = make_round(lease_by=reviewer)
    fields = sent(held, note=f"Typed {hostile}", rows="99", **{"v98-other": hostile, "nothing": hostile})

    assert client.post(f"/items/{held.item_id}/draft/", fields).status_code == 204

    kept = Draft.objects.get().fields
    assert kept["note"].startswith("Typed ")
    assert "nothing" not in kept
    assert max(map(len, kept.values())) <= 10_000
    assert client.get(f"/items/{held.item_id}/").status_code == 200


def test_a_form_that_says_nothing_is_nothing():
    assert typed({"round": "1", "fence": "1", "rows": "3", "verdict": ""}) == {}


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_save_at_once_leave_one_draft():
    reviewer = make_user()
    held = make_round(lease_by=reviewer)
    gate = threading.Barrier(2)

    def save(note: str) -> None:
        gate.wait()
        draft_operations.keep_draft(held, fields={"note": note}, by=reviewer)
        connection.close()

    tabs = [threading.Thread(target=save, args=(note,)) for note in ("One", "Two")]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()

    assert Draft.objects.get().fields["note"] in {"One", "Two"}


def test_what_nobody_touched_for_a_week_is_dropped():
    reviewer = make_user()
    old, fresh = make_round(lease_by=reviewer), make_round(lease_by=reviewer)
    with clock.at(timezone.now() - timedelta(days=8)):
        draft_operations.keep_draft(old, fields=TYPED, by=reviewer)
    draft_operations.keep_draft(fresh, fields=TYPED, by=reviewer)

    assert draft_operations.drop_old_drafts() == 1

    assert Draft.objects.get().round == fresh
