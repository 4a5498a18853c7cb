"""That a detector was wrong, and how: chosen on the item page, kept with the decision."""

import pytest

from incidents.intake.models import DetectorVersion
from incidents.queues.models import Item, Round
from incidents.review import operations
from incidents.review.findings import Wrong
from incidents.review.models import Decision, DetectorWrong, Draft
from tests.factories import NOW, make_alert, make_round, make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(client):
    person = make_user()
    client.force_login(person)
    return person


def held_alert(reviewer, **fields):
    alert = make_alert(**fields)
    item = Item.objects.create(generation=alert.generation, created_at=NOW)
    return alert, make_round(item=item, lease_by=reviewer)


def form_of(held: Round, **fields) -> dict:
    return {"round": held.pk, "fence": held.fence, "rows": 1, "verdict": "benign", **fields}


def choices_on(client, held: Round) -> list[tuple[str, list[tuple[int, str, bool]]]]:
    wrong = client.get(f"/items/{held.item_id}/").context["page"].wrong
    return [(one.name, [(each.number, each.value, each.is_chosen) for each in one.choices]) for one in wrong.detectors]


# ── With a decision ──────────────────────────────────────


def test_it_is_kept_with_the_decision_and_recorded(reviewer):
    alert, held = held_alert(reviewer)

    decision = operations.decide(
        held, fence=held.fence, verdict="benign", wrong=Wrong(alert.pk, "wrong_place"), by=reviewer
    )

    said = DetectorWrong.objects.get()
    assert Decision.objects.get().is_detector_wrong
    assert (said.alert, said.detector_version, said.decision) == (alert, alert.detector_version, decision)
    assert (said.kind, said.by, said.at) == ("wrong_place", reviewer, decision.decided_at)
    event = AuditEvent.objects.about(alert).get()
    assert (event.kind, event.by, event.data) == ("detector.said_wrong", reviewer, {"kind": "wrong_place"})


def test_without_it_no_detector_was_wrong(reviewer):
    _alert, held = held_alert(reviewer)

    operations.decide(held, fence=held.fence, verdict="benign", by=reviewer)

    assert not Decision.objects.get().is_detector_wrong
    assert not DetectorWrong.objects.exists()


@pytest.mark.parametrize(
    ("whose", "kind", "sentence"),
    [
        ("another", "nothing_here", "no such alert"),
        ("people", "nothing_here", "No detector"),
        ("own", "odd", "no such way"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_whole_decision(reviewer, whose, kind, sentence):
    alert, held = held_alert(reviewer)
    told = {
        "own": alert,
        "another": make_alert(),
        "people": make_alert(generation=alert.generation, detector_version=None, kind="user_report"),
    }[whose]

    with pytest.raises(Refused, match=sentence) as refusal:
        operations.decide(held, fence=held.fence, verdict="benign", wrong=Wrong(told.pk, kind), by=reviewer)

    assert (refusal.value.status, list(refusal.value.errors)) == (422, ["detector_wrong"])
    assert not Decision.objects.exists()
    assert not DetectorWrong.objects.exists()


def test_who_does_not_hold_the_item_learns_nothing_of_its_alerts():
    _alert, held = held_alert(make_user())
    stranger = make_user()

    with pytest.raises(Refused) as refusal:
        operations.decide(held, fence=held.fence, verdict="benign", wrong=Wrong(1, "nothing_here"), by=stranger)

    assert refusal.value.code == "lease-lost"


def test_sent_twice_it_stands_once(reviewer):
    alert, held = held_alert(reviewer)
    wrong = Wrong(alert.pk, "nothing_here")

    for _time in range(2):
        operations.decide(held, fence=held.fence, verdict="benign", wrong=wrong, idempotency_key="k", by=reviewer)

    assert DetectorWrong.objects.count() == 1


def test_a_decision_taken_back_takes_it_along_and_it_can_be_said_again(reviewer):
    alert, held = held_alert(reviewer)
    wrong = Wrong(alert.pk, "nothing_here")
    first = operations.decide(held, fence=held.fence, verdict="benign", wrong=wrong, by=reviewer)

    held = operations.undo(first, by=reviewer)
    assert not DetectorWrong.objects.in_force().exists()
    second = operations.decide(held, fence=held.fence, verdict="benign", wrong=wrong, by=reviewer)

    assert DetectorWrong.objects.in_force().get().decision == second


# ── On the item page ─────────────────────────────────────


def test_the_form_sends_it(client, reviewer):
    alert, held = held_alert(reviewer)

    client.post(f"/items/{held.item_id}/decide/", form_of(held, wrong=f"missed_more:{alert.pk}"))

    assert DetectorWrong.objects.get().kind == "missed_more"


@pytest.mark.parametrize("sent", ["odd:1", "nothing_here", "nothing_here:x", "nothing_here:" + 30 * "9"])
def test_what_no_page_offers_comes_back_with_what_was_typed(client, reviewer, sent):
    _alert, held = held_alert(reviewer)

    answer = client.post(f"/items/{held.item_id}/decide/", form_of(held, wrong=sent, note="Typed with care"))

    assert answer.status_code == 422
    assert "Typed with care" in answer.content.decode()
    assert "Choose which detector was wrong, and how." in answer.content.decode()


def test_an_alert_of_another_item_is_refused_in_the_form(client, reviewer):
    _alert, held = held_alert(reviewer)

    answer = client.post(
        f"/items/{held.item_id}/decide/", form_of(held, wrong=f"nothing_here:{make_alert().pk}", note="Typed with care")
    )

    assert answer.status_code == 422
    assert "The item has no such alert." in answer.content.decode()
    assert "Typed with care" in answer.content.decode()


def test_each_detector_is_offered_once_with_a_digit_for_each_kind(client, reviewer):
    alert, held = held_alert(reviewer)
    make_alert(generation=alert.generation, detector_version=alert.detector_version)
    other = make_alert(generation=alert.generation, detector_version=DetectorVersion.objects.create(name="other"))

    first, second = choices_on(client, held)

    kinds = ["nothing_here", "wrong_category", "wrong_place", "missed_more"]
    for detector, of, start in ((first, alert, 1), (second, other, 5)):
        offered = [(number, f"{kind}:{of.pk}", False) for number, kind in enumerate(kinds, start)]
        assert detector == (str(of.detector_version), offered)
    assert 'data-key="9"' in client.get(f"/items/{held.item_id}/").content.decode()


def test_where_no_detector_raised_the_item_there_is_nothing_to_say(client, reviewer):
    _alert, held = held_alert(reviewer, detector_version=None, kind="user_report")

    assert client.get(f"/items/{held.item_id}/").context["page"].wrong is None


def test_what_was_chosen_survives_a_reload_and_an_undo(client, reviewer):
    alert, held = held_alert(reviewer)
    value = f"wrong_category:{alert.pk}"

    client.post(f"/items/{held.item_id}/draft/", {"round": held.pk, "fence": held.fence, "wrong": value})
    reloaded = client.get(f"/items/{held.item_id}/").context["page"].wrong
    assert Draft.objects.exists()
    client.post(f"/items/{held.item_id}/decide/", form_of(held, wrong=value))
    operations.undo(Decision.objects.get(), by=reviewer)
    undone = client.get(f"/items/{held.item_id}/").context["page"].wrong

    assert [reloaded.said, undone.said] == ["Another category fits"] * 2


def test_who_reads_the_item_later_is_told(client, reviewer):
    alert, held = held_alert(reviewer)
    wrong = Wrong(alert.pk, "nothing_here")
    operations.decide(held, fence=held.fence, verdict="benign", wrong=wrong, by=reviewer)

    assert "detector wrong" in client.get(f"/items/{held.item_id}/").content.decode()
