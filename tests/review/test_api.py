import hashlib

import pytest
from django.test import Client
from django.utils import timezone

from incidents.review import operations
from incidents.review.models import Decision, DetectorWrong
from policies.models import PolicyVersion
from tests.factories import (
    NOW,
    make_actor,
    make_alert,
    make_api_key,
    make_clause,
    make_clearance,
    make_decision,
    make_generation,
    make_item,
    make_policy_version,
    make_queue,
    make_round,
    make_user,
    publish,
)
from trust.audit.models import AuditEvent
from trust.permissions import Scope

pytestmark = pytest.mark.django_db


class Caller:
    """Speaks to the API as one key."""

    def __init__(self, *scopes: str, **fields) -> None:
        self.key, text = make_api_key(*(scopes or [Scope.REVIEW]), **fields)
        self.owner = self.key.owner
        self._client = Client(raise_request_exception=True)
        self._headers = {"Authorization": f"Bearer {text}"}

    def get(self, path: str):
        return self._client.get(path, headers=self._headers)

    def post(self, path: str, body, **headers):
        return self._client.post(path, body, content_type="application/json", headers=self._headers | headers)

    def decide(self, held, **fields):
        headers = fields.pop("headers", {})
        body = {"round": held.pk, "fence": held.fence, "verdict": "benign", **fields}
        return self.post(f"/api/v1/items/{held.item_id}/decisions", body, **headers)


# ── Queues ───────────────────────────────────────────────


def test_queues_are_listed_with_their_state_and_restricted_ones_only_to_the_cleared():
    caller = Caller(Scope.QUEUES_READ)
    queue = make_queue(slug="spam")
    make_queue(slug="closed", restricted_category="child_safety")
    waiting = make_round(queue=queue)
    make_round(queue=queue, lease_by=make_user())

    answer = caller.get("/api/v1/queues").json()
    make_clearance(caller.owner)

    assert [queue["slug"] for queue in answer["queues"]] == ["spam"]
    assert (answer["queues"][0]["waiting"], answer["queues"][0]["held"]) == (1, 1)
    assert answer["queues"][0]["next_due_at"] == waiting.due_at.isoformat().replace("+00:00", "Z")
    assert len(caller.get("/api/v1/queues").json()["queues"]) == 2


def test_a_claim_answers_item_round_and_lease():
    caller = Caller()
    waiting = make_round(queue=make_queue(slug="spam"))

    answer = caller.post("/api/v1/queues/spam/claim", {})

    waiting.refresh_from_db()
    assert answer.status_code == 200
    assert answer.json() == {
        "item": waiting.item_id,
        "round": waiting.pk,
        "lease": {"fence": 1, "until": waiting.lease_until.isoformat().replace("+00:00", "Z")},
    }
    assert waiting.lease_by == caller.owner


def test_an_empty_queue_answers_204_and_an_unknown_or_restricted_one_404():
    caller = Caller()
    make_queue(slug="empty")
    make_queue(slug="closed", restricted_category="child_safety")

    answers = [caller.post(f"/api/v1/queues/{slug}/claim", {}).status_code for slug in ("empty", "none", "closed")]

    assert answers == [204, 404, 404]


# ── Decisions ────────────────────────────────────────────


def test_a_decision_says_which_detector_was_wrong_and_how():
    caller = Caller()
    alert = make_alert()
    held = make_round(item=make_item(generation=alert.generation), lease_by=caller.owner)

    other = caller.decide(held, detector_wrong={"alert": make_alert().pk, "kind": "nothing_here"})
    odd = caller.decide(held, detector_wrong={"alert": alert.pk, "kind": "odd"})
    right = caller.decide(held, detector_wrong={"alert": alert.pk, "kind": "nothing_here"})

    assert (other.status_code, list(other.json()["errors"])) == (422, ["detector_wrong"])
    assert (odd.status_code, list(odd.json()["errors"])) == (422, ["detector_wrong.kind"])
    assert right.status_code == 201
    assert DetectorWrong.objects.get().alert == alert


def test_a_decision_is_made_and_the_same_idempotency_key_answers_it_again():
    caller = Caller()
    held = make_round(lease_by=caller.owner)
    clause = make_clause(key="spam.tea")
    violation = {
        "clause": "spam.tea",
        "severity": 2,
        "side": "completion",
        "complied": True,
        "span": {"message": 1, "start": 0, "end": 6},
    }
    sent = {"verdict": "violating", "violations": [violation], "note": "", "headers": {"Idempotency-Key": "k"}}

    first, again = caller.decide(held, **sent), caller.decide(held, **sent)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["violations"] == [violation | {"version": 1}]
    assert Decision.objects.get().violations.get().clause == clause
    assert Decision.objects.get().via_key == caller.key.pk


def test_a_version_that_is_retired_is_refused_by_its_path_and_told_which_is_in_force():
    caller, old = Caller(), make_clause(key="spam.tea")
    held = make_round(lease_by=caller.owner)
    PolicyVersion.objects.filter(pk=old.version_id).update(status="retired", retired_at=NOW)
    draft = make_policy_version(policy=old.clause.policy, number=2, status="draft", published_at=None)
    make_clause(version=draft, clause=old.clause)
    publish(draft)
    violation = {"clause": "spam.tea", "severity": 2, "side": "prompt", "complied": None, "span": None}

    refused = caller.decide(held, verdict="violating", violations=[{**violation, "version": 1}], note="")
    right = caller.decide(held, verdict="violating", violations=[{**violation, "version": 2}], note="")

    assert refused.status_code == 422
    assert refused.json()["errors"] == {
        "violations.0.version": ["Version 1 of spam.tea is retired; decide by version 2, which is in force."]
    }
    assert right.status_code == 201


def test_what_was_lost_or_decided_answers_409_by_name():
    caller = Caller()
    lost, decided = make_round(lease_by=make_user()), make_round(lease_by=caller.owner)
    operations.decide(decided, fence=1, verdict="benign", by=caller.owner)

    answers = [caller.decide(held) for held in (lost, decided)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert [answer.json()["type"] for answer in answers] == ["lease-lost", "already-decided"]
    assert answers[0]["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"verdict": "guilty"}, "verdict"),
        ({"fence": 2**31}, "fence"),
        ({"fence": True}, "fence"),
        ({"round": None}, "round"),
        ({"note": ["x"]}, "note"),
        ({"violations": {}}, "violations"),
        ({"severity": 2}, "severity"),
        ({"violations": [{"clause": "c", "severity": 1, "side": "prompt", "compiled": True}]}, "violations.0.compiled"),
        ({"violations": [{"clause": "c", "severity": 9, "side": "prompt"}]}, "violations.0.severity"),
        ({"violations": [{"clause": "c", "severity": 1, "side": "prompt", "span": {}}]}, "violations.0.span.message"),
        ({"verdict": "violating"}, "violations"),
        (
            {"verdict": "violating", "violations": [{"clause": "none", "severity": 1, "side": "prompt"}]},
            "violations.0.clause",
        ),
        ({"headers": {"Idempotency-Key": "k" * 101}}, "Idempotency-Key"),
    ],
)
def test_what_does_not_fit_answers_422_by_path(fields, path):
    caller = Caller()
    held = make_round(lease_by=caller.owner)

    answer = caller.decide(held, **fields)

    assert answer.status_code == 422
    assert path in answer.json()["errors"]
    assert not Decision.objects.exists()


@pytest.mark.parametrize("body", [[], 1, None, "text", {}, {"round": {}}, {"violations": [[]]}])
def test_any_body_answers_below_500(body):
    caller = Caller()
    held = make_round(lease_by=caller.owner)

    assert caller.post(f"/api/v1/items/{held.item_id}/decisions", body).status_code in {400, 422}
    assert caller.post(f"/api/v1/queues/{held.queue.slug}/claim", body).status_code in {200, 400, 422}


def test_a_claim_with_fields_answers_422_by_name():
    caller = Caller()
    waiting = make_round()

    answer = caller.post(f"/api/v1/queues/{waiting.queue.slug}/claim", {"item": waiting.item_id})

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["item"])


def test_a_round_is_decided_only_at_its_own_item():
    caller = Caller()
    held, other = make_round(lease_by=caller.owner), make_item()

    answer = caller.post(f"/api/v1/items/{other.pk}/decisions", {"round": held.pk, "fence": 1, "verdict": "benign"})

    assert answer.status_code == 404


def test_a_restricted_round_is_unknown_to_the_uncleared():
    caller = Caller()
    held = make_round(item=make_item(generation=make_generation(restricted=True)), lease_by=make_user())

    assert caller.decide(held).status_code == 404


# ── Items ────────────────────────────────────────────────


def test_review_reads_the_content_of_what_it_holds_and_that_is_recorded_once():
    caller = Caller(owner=make_user())
    held = make_round(lease_by=caller.owner)

    answers = [caller.get(f"/api/v1/items/{held.item_id}").json() for _time in range(2)]

    said = {"role": "assistant", "length": 23, "content": "Lovely tea, five stars.", "attachments": []}
    assert answers[0]["messages"][1] == said
    assert answers[0]["actor"]["external_id"] == held.item.actor.external_id
    assert answers[0]["rounds"][0]["lease"]["fence"] == 1
    event = AuditEvent.objects.about(held.item, held.item.actor).get()
    assert (event.kind, event.by, event.via_key) == ("content.viewed", caller.owner, caller.key.pk)


def test_who_holds_an_item_for_a_second_opinion_reads_no_earlier_one():
    caller = Caller(owner=make_user())
    held = make_round(item=make_decision().item, purpose="second_opinion", lease_by=caller.owner)

    before = caller.get(f"/api/v1/items/{held.item_id}").json()
    caller.decide(held)
    after = caller.get(f"/api/v1/items/{held.item_id}").json()

    assert (before["verdict"], before["severity"], before["decisions"], before["is_kept_back"]) == ("", None, [], True)
    assert (len(after["decisions"]), after["is_kept_back"]) == (2, False)


@pytest.mark.parametrize("scopes", [[Scope.QUEUES_READ], [Scope.REVIEW]])
def test_without_the_scope_for_content_there_is_only_what_it_is_about(scopes):
    caller = Caller(*scopes)
    item = make_item(generation=make_alert(comment="What the user said").generation)
    make_round(item=item, lease_by=make_user())

    answer = caller.get(f"/api/v1/items/{item.pk}").json()

    assert (answer["messages"], answer["actor"], answer["alerts"][0]["comment"]) == (None, None, None)
    assert answer["alerts"][0]["flagged"] == ["spam"]
    assert answer["rounds"][0]["lease"] is None
    assert not AuditEvent.objects.exists()


def test_content_read_reads_what_its_owner_may_see():
    now = timezone.now()
    caller = Caller(
        Scope.CONTENT_READ, expires_at=now + timezone.timedelta(days=9), created_at=now, approved_by=make_user()
    )

    assert caller.get(f"/api/v1/items/{make_item().pk}").json()["messages"] is not None


def test_restricted_content_is_hidden_from_the_uncleared_and_never_sent_to_anyone():
    caller = Caller()
    generation = make_generation(restricted=True, messages=[{"role": "user", "content": "the text"}])
    make_alert(generation=generation, comment="It said: the text")
    item = make_item(generation=generation, actor=make_actor())
    make_round(item=item, lease_by=caller.owner)

    before = caller.get(f"/api/v1/items/{item.pk}")
    make_clearance(caller.owner)
    after = caller.get(f"/api/v1/items/{item.pk}")

    assert before.status_code == 404
    digest = hashlib.sha256(b"the text").hexdigest()
    assert after.json()["messages"] == [{"role": "user", "length": 8, "sha256": digest, "attachments": []}]
    assert b"the text" not in after.content


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999999", "9223372036854775807"])
def test_an_unknown_item_answers_404(pk):
    assert Caller().get(f"/api/v1/items/{pk}").status_code == 404


def test_another_scope_is_not_let_in():
    caller = Caller(Scope.STATISTICS_READ)
    held = make_round(lease_by=caller.owner)

    answers = [
        caller.get("/api/v1/queues"),
        caller.post(f"/api/v1/queues/{held.queue.slug}/claim", {}),
        caller.get(f"/api/v1/items/{held.item_id}"),
        caller.decide(held),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
